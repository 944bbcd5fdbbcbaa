"""y = x in another fixed-point type: the only op that rounds or overflows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint import FixedPointType, Interval, Overflow, Rounding, cast
from qfx.fixedpoint.array import Integers, round_off
from qfx.ops.op import Op, OpError, TensorType, require_whole

_MOST_FRACTION_BITS = 2000  # of a product of two numbers


@dataclass(frozen=True)
class Cast(Op):
    name: ClassVar[str] = "cast"
    from_fraction_bits: int
    dtype: FixedPointType
    rounding: Rounding = Rounding.RND
    overflow: Overflow = Overflow.SAT

    def __post_init__(self) -> None:
        bits = _MOST_FRACTION_BITS
        require_whole(self, "from_fraction_bits", self.from_fraction_bits, -bits, bits)

    def infer(self, x: TensorType) -> TensorType:
        if x.fraction_bits != self.from_fraction_bits:
            raise OpError(
                f"cast from {self.from_fraction_bits} fraction bits: its operand has"
                f" {x.fraction_bits}"
            )
        rounded = self.rounded(x.interval)
        if rounded in self.fitting:
            interval = rounded
        elif self.overflow is Overflow.WRAP:
            interval = self.dtype.interval
        elif self.overflow is Overflow.SAT_ZERO:
            low, high = max(rounded.low, self.dtype.min_int), min(rounded.high, self.dtype.max_int)
            interval = Interval(min(low, 0), max(high, 0)) if low <= high else Interval(0, 0)
        else:
            interval = rounded.clip(self.fitting.low, self.fitting.high)
        return TensorType(x.shape, interval, self.dtype.fraction_bits)

    def evaluate(self, x: Integers) -> Integers:
        return cast(x, self.from_fraction_bits, self.dtype, self.rounding, self.overflow)

    def overflows(self, x: Integers) -> npt.NDArray[np.bool_]:
        """Return which elements, once rounded, the type does not hold."""
        rounded = self.before_overflow(x)
        outside: npt.NDArray[np.bool_] = (rounded < self.fitting.low) | (
            rounded > self.fitting.high
        )
        return outside

    def before_overflow(self, x: Integers) -> Integers:
        """Return each element rounded, as if the type held it."""
        return round_off(x, self.shift, self.rounding) if self.shift > 0 else x << -self.shift

    def describe(self) -> str:
        return f"{self.dtype} {self.rounding!r} {self.overflow!r}"

    @property
    def fitting(self) -> Interval:
        """The rounded integers that pass unchanged."""
        symmetric = self.overflow is Overflow.SAT_SYM
        low = self.dtype.symmetric_min_int if symmetric else self.dtype.min_int
        return Interval(low, self.dtype.max_int)

    @property
    def shift(self) -> int:
        """Low bits dropped; negative when zeros are appended."""
        return self.from_fraction_bits - self.dtype.fraction_bits

    def rounded(self, interval: Interval) -> Interval:
        """Return the interval after rounding, before overflow; rounding is monotone: its ends are
        enough.

        Raises:
            FixedPointError: it needs more than 63 bits.
        """
        if self.shift <= 0:
            appended = interval << -self.shift
            FixedPointType.holding(appended, self.dtype.fraction_bits)
            return appended
        FixedPointType.holding(interval, self.from_fraction_bits)
        ends = np.array([interval.low, interval.high], dtype=np.int64)
        low, high = round_off(ends, self.shift, self.rounding)
        return Interval(int(low), int(high))
