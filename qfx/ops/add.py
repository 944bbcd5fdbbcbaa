"""y = x + constant, the constant one per element of the last axis or one for all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from qfx.fixedpoint import FixedPointArray, Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, OpError, TensorType, require_fraction_bits


@dataclass(frozen=True)
class AddConstant(Op):
    name: ClassVar[str] = "add"
    constant: FixedPointArray  # () or (shape[-1],)

    def infer(self, x: TensorType) -> TensorType:
        require_fraction_bits(self, x, self.constant)
        if self.constant.shape not in ((), x.shape[-1:]):
            raise OpError(f"add: a constant of shape {self.constant.shape} does not fit {x.shape}")
        integers = self.constant.integers
        added = x.interval + Interval(int(integers.min()), int(integers.max()))
        return replace(x, interval=added)

    def evaluate(self, x: Integers) -> Integers:
        return x + self.constant.integers

    def describe(self) -> str:
        return f"constant {self.constant.shape} {self.constant.dtype}"
