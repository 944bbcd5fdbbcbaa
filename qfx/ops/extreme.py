"""The larger, or the smaller, of two tensors' elements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, TensorType, require_one_binary_point, require_one_shape


@dataclass(frozen=True)
class Maximum(Op):
    name: ClassVar[str] = "maximum"

    def infer(self, a: TensorType, b: TensorType) -> TensorType:
        require_one_shape(self, a, b)
        require_one_binary_point(self, a, b)
        one, other = a.interval, b.interval
        return replace(a, interval=Interval(max(one.low, other.low), max(one.high, other.high)))

    def evaluate(self, a: Integers, b: Integers) -> Integers:
        return np.maximum(a, b)


@dataclass(frozen=True)
class Minimum(Op):
    name: ClassVar[str] = "minimum"

    def infer(self, a: TensorType, b: TensorType) -> TensorType:
        require_one_shape(self, a, b)
        require_one_binary_point(self, a, b)
        one, other = a.interval, b.interval
        return replace(a, interval=Interval(min(one.low, other.low), min(one.high, other.high)))

    def evaluate(self, a: Integers, b: Integers) -> Integers:
        return np.minimum(a, b)
