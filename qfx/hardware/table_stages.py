"""Stages that look constants up in tables of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval
from qfx.hardware.multipliers import Multiplier
from qfx.hardware.stage import Stage


@dataclass(frozen=True)
class Embed(Stage):
    """Rows of a table: a row number in, its row out, `pe` elements at a time.

    Args:
        table: (rows, elements of a row), as far as rows can be reached.
    """

    kind: ClassVar[str] = "embed"
    table: FixedPointArray

    @property
    def pe(self) -> int:
        return self.output.lanes

    @property
    def row_beats(self) -> int:
        """Beats of one row."""
        return self.table.shape[1] // self.pe

    @property
    def words(self) -> int:
        """Of the ROM: the beats of all rows, one row after the other."""
        return self.table.shape[0] * self.row_beats


@dataclass(frozen=True)
class SoftmaxStage(Stage):
    """Exponentials over their sum: a frame enters one half of a buffer while the other is read
    twice.

    Args:
        exponentials: (distances,), as far as two elements can lie apart.
        reciprocals: (steps,), a power of two of them.
        multiplier: what the product is asked to be built of; never "shift_add".
    """

    kind: ClassVar[str] = "softmax"
    exponentials: FixedPointArray
    reciprocals: FixedPointArray
    multiplier: Multiplier

    @property
    def count(self) -> int:
        """Elements of a frame."""
        return self.input.elements

    @property
    def sum_type(self) -> FixedPointType:
        """Holds the sum of the exponentials: none is greater than one."""
        fraction_bits = self.exponentials.dtype.fraction_bits
        return FixedPointType.holding(Interval(0, self.count << fraction_bits), fraction_bits)

    @property
    def dropped(self) -> int:
        """Bits of a sum from 1 to 2 that do not count in its reciprocal."""
        index_bits = self.reciprocals.shape[0].bit_length() - 1
        return self.exponentials.dtype.fraction_bits - index_bits

    @property
    def cycles(self) -> int:
        return 2 * self.count + 3  # until the reciprocal of the sum is there

    @property
    def latency_cycles(self) -> int:
        return self.count + self.count + 3 + 3  # buffer, sum, reciprocal; distance, exp, product
