"""What a simulator returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qfx.errors import QfxError
from qfx.fixedpoint.array import Integers
from qfx.ir.several import each_of


class SimulationError(QfxError, RuntimeError):
    """A simulation that did not come to an end: a deadlock, a broken protocol, an output of the
    wrong size.
    """


class CannotReadError(SimulationError):
    """A peer, a program by others with limits of its own, cannot read this design: it has not run,
    which says nothing of the design.
    """


@dataclass(frozen=True)
class Outcome:
    """The output of a batch.

    Args:
        integers: (samples, *output shape); of several outputs, a tuple.
        seconds: from the first piece's start to the last one's end, without building; NaN where
            nothing was run.
        cycles_per_frame: between the last output beats of frames, unstalled; None outside RTL.
        latency_cycles: of a frame alone, unstalled, from the cycle that takes its first beat to the
            one that gives its last, both counted; None outside RTL.
    """

    integers: Any
    seconds: float
    cycles_per_frame: float | None = None
    latency_cycles: int | None = None

    @property
    def outputs(self) -> tuple[Integers, ...]:
        """`integers` of each output, in the graph's order: a tuple, of one output too."""
        return each_of(self.integers)
