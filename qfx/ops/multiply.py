"""y = x * constant, element by element; the constant's shape broadcasts to that of x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import ConstantOp, TensorType, require_broadcast


@dataclass(frozen=True)
class MultiplyConstant(ConstantOp):
    name: ClassVar[str] = "multiply"

    def infer(self, x: TensorType) -> TensorType:
        require_broadcast(self, x, self.constant)
        corners = [f * end for f in self.ends for end in (x.interval.low, x.interval.high)]
        fraction_bits = x.fraction_bits + self.constant.dtype.fraction_bits
        return TensorType(x.shape, Interval(min(corners), max(corners)), fraction_bits)

    def evaluate(self, x: Integers) -> Integers:
        return x * self.constant.integers
