"""The larger, or the smaller, of two tensors' elements."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, TensorType, require_one_binary_point, require_one_shape


@dataclass(frozen=True)
class _Extreme(Op):
    """Base of both, which say which of two ends counts."""

    @staticmethod
    @abstractmethod
    def end(a: int, b: int) -> int:
        """Return the one of two integers that is chosen."""

    def infer(self, a: TensorType, b: TensorType) -> TensorType:
        require_one_shape(self, a, b)
        require_one_binary_point(self, a, b)
        low = self.end(a.interval.low, b.interval.low)
        return replace(a, interval=Interval(low, self.end(a.interval.high, b.interval.high)))


@dataclass(frozen=True)
class Maximum(_Extreme):
    name: ClassVar[str] = "maximum"

    @staticmethod
    def end(a: int, b: int) -> int:
        return max(a, b)

    def evaluate(self, a: Integers, b: Integers) -> Integers:
        return np.maximum(a, b)


@dataclass(frozen=True)
class Minimum(_Extreme):
    name: ClassVar[str] = "minimum"

    @staticmethod
    def end(a: int, b: int) -> int:
        return min(a, b)

    def evaluate(self, a: Integers, b: Integers) -> Integers:
        return np.minimum(a, b)
