"""y = x * constant, whose shape broadcasts to that of x; and y = a * b, of two tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import ConstantOp, Op, TensorType, require_broadcast, require_one_shape


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


@dataclass(frozen=True)
class Multiply(Op):
    name: ClassVar[str] = "product"

    def infer(self, a: TensorType, b: TensorType) -> TensorType:
        require_one_shape(self, a, b)
        ends = [(i.low, i.high) for i in (a.interval, b.interval)]
        corners = [x * y for x in ends[0] for y in ends[1]]
        interval = Interval(min(corners), max(corners))
        return TensorType(a.shape, interval, a.fraction_bits + b.fraction_bits)

    def evaluate(self, a: Integers, b: Integers) -> Integers:
        return a * b
