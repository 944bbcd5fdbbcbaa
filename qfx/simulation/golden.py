"""The golden model, run again from the folder's model.qfx."""

from __future__ import annotations

import time

import numpy as np

from qfx.backends.project import Project
from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.simulation.outcome import Outcome
from qfx.simulation.parallel import Workers, pieces_of


def simulate(project: Project, stimuli: Integers, workers: Workers | None = None) -> Outcome:
    """Run a batch through `Graph.run`, in pieces, one after the other."""
    workers, graph = workers or Workers(), project.graph()
    dtype, found, seconds = graph.inputs[0].cast.dtype, [], 0.0
    for piece in pieces_of(len(stimuli)):
        workers.told(piece.start)
        started = time.perf_counter()
        found.append(graph.run(FixedPointArray(stimuli[piece], dtype)).integers)
        seconds += time.perf_counter() - started
    workers.told(len(stimuli))
    return Outcome(np.concatenate(found), seconds)
