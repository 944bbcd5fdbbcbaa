"""What a simulator returns."""

from __future__ import annotations

from dataclasses import dataclass

from qfx.fixedpoint.array import Integers


class SimulationError(RuntimeError):
    """A simulation that did not come to an end: a deadlock, a broken protocol, an output of the
    wrong size.
    """


@dataclass(frozen=True)
class Outcome:
    """The output of a batch.

    Args:
        integers: (samples, *output shape).
        seconds: from the first piece's start to the last one's end, without building; NaN where
            nothing was run.
        cycles_per_frame: between the last output beats of frames, unstalled; None outside RTL.
    """

    integers: Integers
    seconds: float
    cycles_per_frame: float | None = None
