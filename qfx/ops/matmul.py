"""y = x @ weight over the last axis: exact sums of products with constant integers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qfx.fixedpoint import FixedPointArray, Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, OpError, TensorType, require_elements

# Integers below are exact in a float, so BLAS may add them in any order.
FLOAT32_EXACT, FLOAT64_EXACT = 1 << 24, 1 << 53


def exact_number(magnitude: int) -> type[np.float32 | np.float64 | np.int64]:
    """Return the fastest type in which sums up to `magnitude` are exact."""
    if magnitude < FLOAT32_EXACT:
        return np.float32
    return np.float64 if magnitude < FLOAT64_EXACT else np.int64


def sums_by_sign(weight: Integers) -> tuple[list[int], list[int]]:
    """Of each column, the sum of the positive and of the negative weights, as integers of any
    size.
    """
    largest = max(int(weight.max(initial=0)), -int(weight.min(initial=0)))
    held = weight if len(weight) * largest < 1 << 63 else weight.astype(object)
    return np.maximum(held, 0).sum(0).tolist(), np.minimum(held, 0).sum(0).tolist()


@dataclass(frozen=True)
class Matmul(Op):
    name: ClassVar[str] = "matmul"
    weight: FixedPointArray  # (in_features, out_features)

    def __post_init__(self) -> None:
        require_elements(self, "weight", self.weight, 2)

    def infer(self, x: TensorType) -> TensorType:
        if x.shape[-1:] != self.weight.shape[:1]:
            raise OpError(
                f"matmul: a weight of shape {self.weight.shape} does not fit {x.shape}: it takes"
                f" {self.weight.shape[0]} values in the last axis"
            )
        positive, negative = self._sums()
        low, high = x.interval.low, x.interval.high
        interval = Interval(
            min(p * low + n * high for p, n in zip(positive, negative, strict=True)),
            max(p * high + n * low for p, n in zip(positive, negative, strict=True)),
        )
        fraction_bits = x.fraction_bits + self.weight.dtype.fraction_bits
        return TensorType((*x.shape[:-1], self.weight.shape[1]), interval, fraction_bits)

    def evaluate(self, x: Integers) -> Integers:
        number = exact_number(self.magnitude(int(np.abs(x).max(initial=0))))
        y: Integers = (x.astype(number) @ self.weight.integers.astype(number)).astype(np.int64)
        return y

    def magnitude(self, x: int) -> int:
        """No sum of some of the products exceeds this when no |x| does."""
        return max(p - n for p, n in zip(*self._sums(), strict=True)) * x

    def _sums(self) -> tuple[list[int], list[int]]:
        """Per output, the sum of the positive and of the negative weights, as unbounded
        integers.
        """
        return sums_by_sign(self.weight.integers)

    def describe(self) -> str:
        return f"weight {self.weight.shape} {self.weight.dtype}"
