"""Torch's own integers, recorded at export so that comparing them needs no torch."""

from __future__ import annotations

import math

from qfx.backends.project import Project
from qfx.fixedpoint.array import Integers
from qfx.simulation.outcome import Outcome, SimulationError
from qfx.simulation.parallel import Workers


def simulate(project: Project, stimuli: Integers, workers: Workers | None = None) -> Outcome:
    """What the frozen torch model gave for some of the recorded stimuli.

    Raises:
        SimulationError: one of them was not recorded.
    """
    places = {sample.tobytes(): n for n, sample in enumerate(project.vectors("stimuli"))}
    try:
        chosen = [places[sample.tobytes()] for sample in stimuli]
    except KeyError:
        raise SimulationError("a sample is not among the recorded stimuli: export again") from None
    return Outcome(project.vectors("torch")[chosen], math.nan)
