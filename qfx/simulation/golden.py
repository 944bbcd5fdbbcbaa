"""The golden model, run again from the folder's model.qfx."""

from __future__ import annotations

import time

from qfx.backends.project import Project
from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.simulation.outcome import Outcome


def simulate(project: Project, stimuli: Integers) -> Outcome:
    """Run a batch through `Graph.run`."""
    graph = project.graph()
    batch = FixedPointArray(stimuli, graph.inputs[0].cast.dtype)
    started = time.perf_counter()
    integers = graph.run(batch).integers
    return Outcome(integers, time.perf_counter() - started)
