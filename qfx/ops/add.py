"""y = x + constant, whose shape broadcasts to that of x; and y = a + b, of two tensors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import (
    ConstantOp,
    Op,
    TensorType,
    require_broadcast,
    require_fraction_bits,
    require_one_binary_point,
    require_one_shape,
)


@dataclass(frozen=True)
class AddConstant(ConstantOp):
    name: ClassVar[str] = "add"

    def infer(self, x: TensorType) -> TensorType:
        require_fraction_bits(self, x, self.constant)
        require_broadcast(self, x, self.constant)
        return replace(x, interval=x.interval + Interval(*self.ends))

    def evaluate(self, x: Integers) -> Integers:
        return x + self.constant.integers


@dataclass(frozen=True)
class Add(Op):
    name: ClassVar[str] = "sum"

    def infer(self, a: TensorType, b: TensorType) -> TensorType:
        require_one_shape(self, a, b)
        require_one_binary_point(self, a, b)
        return replace(a, interval=a.interval + b.interval)

    def evaluate(self, a: Integers, b: Integers) -> Integers:
        return a + b
