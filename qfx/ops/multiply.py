"""y = x * constant, element by element; the constant's shape broadcasts to that of x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qfx.fixedpoint import FixedPointArray, Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, TensorType, require_broadcast


@dataclass(frozen=True)
class MultiplyConstant(Op):
    name: ClassVar[str] = "multiply"
    constant: FixedPointArray  # (), (features,), or for images (channels, 1, 1)

    def infer(self, x: TensorType) -> TensorType:
        require_broadcast(self, x, self.constant)
        integers = self.constant.integers
        factors = (int(integers.min()), int(integers.max()))
        corners = [f * end for f in factors for end in (x.interval.low, x.interval.high)]
        fraction_bits = x.fraction_bits + self.constant.dtype.fraction_bits
        return TensorType(x.shape, Interval(min(corners), max(corners)), fraction_bits)

    def evaluate(self, x: Integers) -> Integers:
        return x * self.constant.integers

    def describe(self) -> str:
        return f"constant {self.constant.shape} {self.constant.dtype}"
