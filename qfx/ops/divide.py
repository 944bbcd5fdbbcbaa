"""y = x / constant, element by element, truncated toward zero; the constant's shape broadcasts to
that of x.

The result has the binary point that ap_fixed gives a quotient (UG1399, "Fixed-Point Operators"):
that of x for a constant with fraction bits, a finer one for a constant of whole multiples of 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qfx.fixedpoint import FixedPointType, Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import ConstantOp, OpError, TensorType, require_broadcast


@dataclass(frozen=True)
class DivideConstant(ConstantOp):
    name: ClassVar[str] = "divide"

    def __post_init__(self) -> None:
        super().__post_init__()
        zeros = np.argwhere(self.constant.integers == 0)
        if len(zeros):
            index = tuple(int(i) for i in zeros[0])
            raise OpError(
                f"divide: the constant is 0 at index {index}, and no quotient exists:"
                " a finer grid or a larger value keeps it from 0"
            )

    @property
    def shift(self) -> int:
        """Zeros appended to x, so that whole divisors leave whole quotients."""
        return max(self.constant.dtype.fraction_bits, 0)

    def infer(self, x: TensorType) -> TensorType:
        require_broadcast(self, x, self.constant)
        numerator = x.interval << self.shift
        FixedPointType.holding(numerator, x.fraction_bits)  # refuses what int64 does not hold
        divisors = self._outermost()
        ends = [_truncated(n, d) for d in divisors for n in (numerator.low, numerator.high)]
        coarse = min(self.constant.dtype.fraction_bits, 0)
        return TensorType(x.shape, Interval(min(ends), max(ends)), x.fraction_bits - coarse)

    def _outermost(self) -> list[int]:
        """Divisors of the largest and least quotients: of each sign, nearest to 0 and farthest."""
        each = self.constant.integers
        signs = (each[each > 0], each[each < 0])
        return [int(end) for part in signs if part.size for end in (part.min(), part.max())]

    def evaluate(self, x: Integers) -> Integers:
        numerator, divisor = x << self.shift, self.constant.integers
        magnitude = np.abs(numerator) // np.abs(divisor)
        y: Integers = np.where((numerator < 0) != (divisor < 0), -magnitude, magnitude)
        return y

    def magnitude(self, x: int) -> int:
        """No numerator exceeds this when no |x| does."""
        return x << self.shift


def _truncated(numerator: int, divisor: int) -> int:
    """The quotient of two integers of any size, toward zero."""
    whole = abs(numerator) // abs(divisor)
    return -whole if (numerator < 0) != (divisor < 0) else whole
