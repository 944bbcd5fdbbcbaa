"""y = the rows of a constant table that whole numbers point at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qfx.fixedpoint import FixedPointArray, Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, OpError, TensorType, require_elements


@dataclass(frozen=True)
class Embedding(Op):
    name: ClassVar[str] = "embedding"
    table: FixedPointArray  # (rows, features of a row)

    def __post_init__(self) -> None:
        require_elements(self, "table", self.table, 2)

    def infer(self, x: TensorType) -> TensorType:
        rows, features = self.table.shape
        if len(x.shape) != 1:
            raise OpError(f"embedding takes a vector of row numbers, not {x.shape}")
        if x.fraction_bits != 0:
            raise OpError(
                f"embedding needs whole numbers, and the operand has {x.fraction_bits} fraction"
                f" bits: begin the model with qfx.nn.Indices({rows})"
            )
        if x.interval not in Interval(0, rows - 1):
            raise OpError(
                f"embedding: the operand lies in {x.interval}, the table has rows 0 to {rows - 1}:"
                f" begin the model with qfx.nn.Indices({rows}), or give the table more rows"
            )
        reachable = self.table.integers[x.interval.low : x.interval.high + 1]
        held = Interval(int(reachable.min()), int(reachable.max()))
        return TensorType((*x.shape, features), held, self.table.dtype.fraction_bits)

    def evaluate(self, x: Integers) -> Integers:
        y: Integers = self.table.integers[x]
        return y

    def describe(self) -> str:
        return f"table {self.table.shape} {self.table.dtype}"
