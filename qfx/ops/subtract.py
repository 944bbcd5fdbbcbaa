"""y = a - b, of two tensors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, TensorType, require_one_binary_point, require_one_shape


@dataclass(frozen=True)
class Subtract(Op):
    name: ClassVar[str] = "difference"

    def infer(self, a: TensorType, b: TensorType) -> TensorType:
        require_one_shape(self, a, b)
        require_one_binary_point(self, a, b)
        low, high = a.interval.low - b.interval.high, a.interval.high - b.interval.low
        return replace(a, interval=Interval(low, high))

    def evaluate(self, a: Integers, b: Integers) -> Integers:
        return a - b
