"""Torch's own integers, recorded at export so that comparing them needs no torch."""

from __future__ import annotations

import math

from qfx.fixedpoint.array import Integers
from qfx.ir.several import Arrays, chosen, each_of
from qfx.project import Project
from qfx.simulation.outcome import Outcome, SimulationError
from qfx.simulation.parallel import Workers


def refusal(project: Project) -> str:
    """Why there is nothing to compare; empty where there is."""
    if project.manifest.vectors.torch:
        return ""
    return "not recorded: the folder was exported from a .qfx file, not from a torch model"


def simulate(project: Project, stimuli: Arrays, workers: Workers | None = None) -> Outcome:
    """What the frozen torch model gave for some of the recorded stimuli.

    Raises:
        SimulationError: one of them was not recorded.
    """
    recorded = map(_key, zip(*project.batches("stimuli"), strict=True))
    numbers = {key: n for n, key in enumerate(recorded)}
    try:
        found = [numbers[_key(sample)] for sample in zip(*each_of(stimuli), strict=True)]
    except KeyError:
        raise SimulationError("a sample is not among the recorded stimuli: export again") from None
    return Outcome(chosen(project.vectors("torch"), found), math.nan)


def _key(sample: tuple[Integers, ...]) -> bytes:
    """What tells a sample, of all inputs, from others."""
    return b"".join(part.tobytes() for part in sample)
