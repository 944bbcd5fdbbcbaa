"""y = floor(sqrt(x * 2**shift)), element by element, on integers; a negative x gives 0.

Of x with F fraction bits the result has (F + shift) / 2: the exact root, cut off below its LSB.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import ClassVar

import numpy as np

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import MOST, Op, OpError, TensorType, require_whole

# So that float64, in which the torch layers compute, holds the squares of a root and of the next.
RADICAND_BITS = 52


@dataclass(frozen=True)
class Sqrt(Op):
    name: ClassVar[str] = "sqrt"
    shift: int  # zeros appended to x: two for each bit more of the root

    def __post_init__(self) -> None:
        require_whole(self, "shift", self.shift, -MOST, 2 * RADICAND_BITS + 2000)
        if self.shift < 0:
            raise OpError(f"sqrt appends {self.shift} bits to its operand: cast the operand first")

    def infer(self, x: TensorType) -> TensorType:
        if (x.fraction_bits + self.shift) % 2:
            raise OpError(
                f"sqrt of {x.fraction_bits} fraction bits with {self.shift} appended has no whole"
                " number of fraction bits: append one more, or one less"
            )
        low, high = (self.radicand(end) for end in (x.interval.low, x.interval.high))
        if high.bit_length() > RADICAND_BITS:
            raise OpError(
                f"sqrt of {high.bit_length()} bits, zeros appended, exceeds the {RADICAND_BITS} of"
                " which torch emulates roots exactly: narrow the operand or the result"
            )
        return TensorType(
            x.shape, Interval(isqrt(low), isqrt(high)), (x.fraction_bits + self.shift) // 2
        )

    def evaluate(self, x: Integers) -> Integers:
        radicand = np.maximum(x, 0) << self.shift
        root = np.zeros_like(radicand)
        for bit in reversed(range(RADICAND_BITS // 2)):
            larger = root | (1 << bit)
            root = np.where(larger * larger <= radicand, larger, root)
        return root

    def radicand(self, x: int) -> int:
        """Return what the integer root is taken of."""
        return max(x, 0) << self.shift

    def describe(self) -> str:
        return f"shift {self.shift}"
