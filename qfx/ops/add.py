"""y = x + constant, element by element; the constant's shape broadcasts to that of x."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from qfx.fixedpoint import FixedPointArray, Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, TensorType, require_broadcast, require_fraction_bits


@dataclass(frozen=True)
class AddConstant(Op):
    name: ClassVar[str] = "add"
    constant: FixedPointArray  # (), (features,), or for images (channels, 1, 1)

    def infer(self, x: TensorType) -> TensorType:
        require_fraction_bits(self, x, self.constant)
        require_broadcast(self, x, self.constant)
        integers = self.constant.integers
        added = x.interval + Interval(int(integers.min()), int(integers.max()))
        return replace(x, interval=added)

    def evaluate(self, x: Integers) -> Integers:
        return x + self.constant.integers

    def describe(self) -> str:
        return f"constant {self.constant.shape} {self.constant.dtype}"
