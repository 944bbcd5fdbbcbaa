"""y = x + constant, element by element; the constant's shape broadcasts to that of x."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import ConstantOp, TensorType, require_broadcast, require_fraction_bits


@dataclass(frozen=True)
class AddConstant(ConstantOp):
    name: ClassVar[str] = "add"

    def infer(self, x: TensorType) -> TensorType:
        require_fraction_bits(self, x, self.constant)
        require_broadcast(self, x, self.constant)
        return replace(x, interval=x.interval + Interval(*self.ends))

    def evaluate(self, x: Integers) -> Integers:
        return x + self.constant.integers
