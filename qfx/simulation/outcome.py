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
        seconds: of simulation alone, without building or loading.
        cycles_per_frame: between the last output beats of frames, unstalled; None outside RTL.
        note: what is worth a word in the table.
    """

    integers: Integers
    seconds: float
    cycles_per_frame: float | None = None
    note: str = ""
