"""Arrays of fixed-point numbers, and the one definition of a cast between their types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint.modes import Overflow, Rounding
from qfx.fixedpoint.types import FixedPointError, FixedPointType

Integers = npt.NDArray[np.int64]
Bits = npt.NDArray[np.bool_]

# Whether one LSB is added to the floor, from: the sign, the first dropped bit, whether any later
# dropped
# bit is set, and the lowest kept bit.  UG1399, "Quantization Modes"; checked against AMD's
# ap_fixed_base.h.
_CARRY: dict[Rounding, Callable[[Bits, Bits, Bits, Bits], Bits]] = {
    Rounding.TRN: lambda negative, half, rest, odd: np.zeros_like(negative),
    Rounding.TRN_ZERO: lambda negative, half, rest, odd: negative & (half | rest),
    Rounding.RND: lambda negative, half, rest, odd: half,
    Rounding.RND_ZERO: lambda negative, half, rest, odd: half & (negative | rest),
    Rounding.RND_INF: lambda negative, half, rest, odd: half & (~negative | rest),
    Rounding.RND_MIN_INF: lambda negative, half, rest, odd: half & rest,
    Rounding.RND_CONV: lambda negative, half, rest, odd: half & (odd | rest),
}

_FIT: dict[Overflow, Callable[[Integers, FixedPointType], Integers]] = {
    Overflow.WRAP: lambda q, dtype: _wrap(q, dtype),
    Overflow.SAT: lambda q, dtype: np.clip(q, dtype.min_int, dtype.max_int),
    Overflow.SAT_SYM: lambda q, dtype: np.clip(
        q, -dtype.max_int if dtype.signed else 0, dtype.max_int
    ),
    Overflow.SAT_ZERO: lambda q, dtype: np.where((q < dtype.min_int) | (q > dtype.max_int), 0, q),
}


def cast(
    integers: Integers,
    fraction_bits: int,
    dtype: FixedPointType,
    rounding: Rounding,
    overflow: Overflow,
) -> Integers:
    """The integers of `dtype` that ap_fixed's assignment gives for `integers * 2**-fraction_bits`.

    First rounding (which may carry), then overflow, as in AMD's ap_fixed_base.h.

    Raises:
        FixedPointError: the aligned value needs more than 63 bits.
    """
    x = np.asarray(integers, dtype=np.int64)
    shift = fraction_bits - dtype.fraction_bits
    aligned = _shift_left(x, -shift) if shift <= 0 else _shift_right(x, shift, rounding)
    return _FIT[overflow](aligned, dtype)


def _shift_left(x: Integers, bits: int) -> Integers:
    magnitude = max(int(x.max(initial=0)), -int(x.min(initial=0)))
    if magnitude << bits >= 1 << 63:
        raise FixedPointError(
            f"a cast moves the binary point up by {bits} bits, which takes {magnitude}"
            " beyond 63 bits:"
            " narrow the source or choose fewer fraction bits"
        )
    return x << min(bits, 63)  # beyond 63 every x is zero, else the line above had refused


def _shift_right(x: Integers, bits: int, rounding: Rounding) -> Integers:
    if (
        bits > 63
    ):  # every |x| is below half an LSB, and so is sign(x) / 4: the same result in every mode
        x, bits = np.sign(x), 2
    floor = x >> bits
    half = (x >> (bits - 1)) & 1 == 1
    rest = x & ((1 << (bits - 1)) - 1) != 0
    return floor + _CARRY[rounding](x < 0, half, rest, floor & 1 == 1)


def _wrap(q: Integers, dtype: FixedPointType) -> Integers:
    unused = 64 - dtype.wordlength
    if dtype.signed:
        return (q << unused) >> unused
    return q & dtype.max_int


@dataclass(frozen=True, eq=False)
class FixedPointArray:
    """Integers and their type: the value is `integers * 2**-dtype.fraction_bits`.

    Args:
        integers: int64 array of any shape; made read-only.
        dtype: the type of every element.

    Raises:
        FixedPointError: not integers, or an integer outside the range of `dtype`, named with its
            index.
    """

    integers: Integers
    dtype: FixedPointType

    def __post_init__(self) -> None:
        given = np.asarray(self.integers)
        if given.dtype.kind not in "iu":
            raise FixedPointError(
                f"FixedPointArray holds integers, not {given.dtype}: use quantize for floats"
            )
        outside = (given < self.dtype.min_int) | (given > self.dtype.max_int)
        if outside.any():
            index = tuple(int(i) for i in np.argwhere(outside)[0])
            raise FixedPointError(
                f"{int(given[index])} at index {index} is outside {self.dtype},"
                f" whose integers run from {self.dtype.min_int} to {self.dtype.max_int}"
            )
        integers = given.astype(np.int64)  # a copy: the caller's array stays writable
        integers.flags.writeable = False
        object.__setattr__(self, "integers", integers)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.integers.shape

    def to_float(self) -> npt.NDArray[np.float64]:
        """The values as float64; exact up to 53 bits."""
        return np.ldexp(self.integers.astype(np.float64), -self.dtype.fraction_bits)

    def cast(
        self, dtype: FixedPointType, rounding: Rounding, overflow: Overflow
    ) -> FixedPointArray:
        """This array in another type, as `cast` defines it."""
        return FixedPointArray(
            cast(self.integers, self.dtype.fraction_bits, dtype, rounding, overflow), dtype
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FixedPointArray):
            return NotImplemented
        return self.dtype == other.dtype and np.array_equal(self.integers, other.integers)

    def __hash__(self) -> int:
        return hash((self.dtype, self.shape, self.integers.tobytes()))

    def __repr__(self) -> str:
        return f"FixedPointArray({self.shape}, {self.dtype})"


def quantize(
    values: npt.ArrayLike, dtype: FixedPointType, rounding: Rounding, overflow: Overflow
) -> FixedPointArray:
    """Floats onto the grid of `dtype`, exactly: the result of the cast on the float's real value.

    Raises:
        FixedPointError: NaN or infinity, named with its index; or WRAP of a value beyond 63 bits.
    """
    given: Any = np.asarray(values, dtype=np.float64)
    if not np.isfinite(given).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(given))[0])
        raise FixedPointError(
            f"{given[index]} at index {index} has no fixed-point value: clean the data first"
        )
    scaled = np.ldexp(given, dtype.fraction_bits)
    if overflow is Overflow.WRAP and (np.abs(scaled) >= 2.0**62).any():
        raise FixedPointError(
            f"a value is more than 62 bits beyond the LSB of {dtype}: scale the data first"
        )
    scaled = np.clip(
        scaled, -(2.0**62), 2.0**62
    )  # outside every type, so it saturates all the same
    whole = np.trunc(
        scaled
    )  # this and the next line are exact: both are parts of the same significand
    part = np.abs(scaled - whole)
    floor = whole.astype(np.int64) - ((scaled < 0) & (part > 0))
    negative = scaled < 0
    half = np.where(negative, (part > 0) & (part <= 0.5), part >= 0.5)  # of scaled - floor
    rest = (part > 0) & (part != 0.5)
    rounded = floor + _CARRY[rounding](negative, half, rest, floor & 1 == 1)
    return FixedPointArray(_FIT[overflow](rounded, dtype), dtype)
