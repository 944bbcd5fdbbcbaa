"""The golden model, run again from the folder's model.qfx."""

from __future__ import annotations

import time

from qfx.fixedpoint import FixedPointArray
from qfx.ir.several import Arrays, each_of, joined
from qfx.project import Project
from qfx.simulation.outcome import Outcome
from qfx.simulation.parallel import Workers, pieces_of


def simulate(project: Project, stimuli: Arrays, workers: Workers | None = None) -> Outcome:
    """Run a batch through `Graph.run`, in pieces, one after the other."""
    workers, graph = workers or Workers(), project.graph()
    inputs, found, seconds = each_of(stimuli), [], 0.0
    dtypes = [entry.cast.dtype for entry in graph.inputs]
    for piece in pieces_of(len(inputs[0])):
        workers.told(piece.start)
        started = time.perf_counter()
        data = (FixedPointArray(x[piece], dtype) for x, dtype in zip(inputs, dtypes, strict=True))
        found.append(tuple(output.integers for output in graph.run_all(*data)))
        seconds += time.perf_counter() - started
    workers.told(len(inputs[0]))
    return Outcome(joined(found), seconds)
