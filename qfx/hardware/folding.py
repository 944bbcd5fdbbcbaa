"""How a head is folded: its lanes, and what its products are built of."""

from __future__ import annotations

from typing import NamedTuple

from qfx.hardware.memory import Style
from qfx.hardware.multipliers import Multiplier


class Folding(NamedTuple):
    """What is chosen for one head.

    Args:
        pe: lanes of its output.
        simd: inputs that it computes with in a cycle.
        multiplier: what its products are built of; None where it has none, or for the usual.
        memory: where its weights go; None where it has none, or as `memory_of` says.
        window: channels that its line buffer reads a beat, to send all taps of them in one; None
            where it sends them tap by tap, `simd` channels a beat, or where there is none.
    """

    pe: int
    simd: int
    multiplier: Multiplier | None = None
    memory: Style | None = None
    window: int | None = None

    @property
    def reads(self) -> int:
        """Lanes of the streams that what it folds reads, its line buffer included."""
        return self.window or self.simd
