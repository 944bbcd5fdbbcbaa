"""How many cycles a frame takes when frames follow one another without end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qfx.ir.several import Arrays, chosen, each_of
from qfx.project import Project
from qfx.simulation.rtl.batch import Batch

TOLERANCE = 0.01  # of what was predicted
_LEAST, _USUAL, _MOST = 8, 256, 1024  # frames
_CHEAP, _LONG = 100_000, 20_000_000  # cycles that are always spent, and spent on a second look


def unpredicted(measured: float | None, predicted: int) -> bool:
    """Whether a pace is another than predicted, by more than one percent."""
    return measured is not None and abs(measured - predicted) > TOLERANCE * predicted


def pace(
    project: Project, run: Callable[[Batch], None], stimuli: Arrays, seen: Batch
) -> float | None:
    """Cycles per frame of the steady state, unstalled.

    A few frames may leave faster, where queues filled up while the first one was under way, or
    where one port has just begun to overtake another. So a design is given as many frames as cost
    little, and many more where their pace is not the one predicted.

    Args:
        project: whose RTL.
        run: runs a batch on a design of its own.
        stimuli: (samples, *shape) of each input, given again and again: integers change no cycle.
        seen: a run of frames back to back, which counts where it is long enough.

    Returns:
        None where even a few frames would take too long, and fewer than four have been seen.

    Raises:
        SimulationError: by `run`, where more frames than those seen come to a deadlock, say.
    """
    predicted, measured = project.manifest.prediction.initiation_interval, seen.cycles_per_frame()
    frames = max(_LEAST, min(_USUAL, _CHEAP // predicted))
    if seen.frames >= frames and not unpredicted(measured, predicted):
        return measured
    while frames <= _MOST and frames * predicted <= _LONG:
        indices = np.arange(frames) % len(each_of(stimuli)[0])
        batch = Batch(project, chosen(stimuli, indices))
        run(batch)
        measured = batch.cycles_per_frame()
        if not unpredicted(measured, predicted):
            break
        frames *= 4
    return measured
