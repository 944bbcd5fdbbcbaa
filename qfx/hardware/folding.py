"""How a head is folded: its lanes, and what its products are built of."""

from __future__ import annotations

from typing import NamedTuple

from qfx.hardware.memory import Style
from qfx.hardware.multipliers import Multiplier


class Folding(NamedTuple):
    """What is chosen for one head.

    Args:
        pe: lanes of its output.
        simd: lanes of its input.
        multiplier: what its products are built of; None where it has none, or for the usual.
        memory: where its weights go; None where it has none, or as `memory_of` says.
    """

    pe: int
    simd: int
    multiplier: Multiplier | None = None
    memory: Style | None = None
