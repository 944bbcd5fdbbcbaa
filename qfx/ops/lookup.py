"""y = table[x - first]: any function of one narrow operand; the table is its definition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qfx.fixedpoint import FixedPointArray, Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, OpError, TensorType, require_elements, require_whole

LOOKUP_BITS = 12  # of the operand: 4,096 entries are a block RAM's worth


@dataclass(frozen=True)
class Lookup(Op):
    name: ClassVar[str] = "lookup"
    table: FixedPointArray  # (entries,)
    first: int  # the integer of x whose result is entry 0

    def __post_init__(self) -> None:
        require_elements(self, "table", self.table, 1)
        require_whole(self, "first", self.first, -(1 << 62), 1 << 62)

    def infer(self, x: TensorType) -> TensorType:
        if x.dtype.wordlength > LOOKUP_BITS:
            raise OpError(
                f"lookup: an operand of {x.dtype.wordlength} bits would take a table too large for"
                f" any board: cast it to {LOOKUP_BITS} bits or fewer"
            )
        covered = Interval(self.first, self.first + self.table.shape[0] - 1)
        if x.interval not in covered:
            raise OpError(
                f"lookup: the operand holds {x.interval}, the table covers {covered}: cast the"
                " operand to the type that the table was made for"
            )
        met = self.table.integers[x.interval.low - self.first : x.interval.high - self.first + 1]
        interval = Interval(int(met.min()), int(met.max()))
        return TensorType(x.shape, interval, self.table.dtype.fraction_bits)

    def evaluate(self, x: Integers) -> Integers:
        result: Integers = self.table.integers[x - self.first]
        return result

    def describe(self) -> str:
        return f"table of {self.table.shape[0]} x {self.table.dtype}"
