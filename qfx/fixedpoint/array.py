"""Arrays of fixed-point numbers, and the one definition of a cast between their types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from qfx.data import DataError, numbers
from qfx.fixedpoint.modes import Overflow, Rounding
from qfx.fixedpoint.types import FixedPointError, FixedPointType

Integers = npt.NDArray[np.int64]
Bits = npt.NDArray[np.bool_]
_NOT_INTEGERS = "integers are needed here, not {}: use quantize for floats"


class Dropped:
    """What a rounding mode may ask about the bits it drops; only what it asks is computed.

    Args:
        negative, half, rest, odd: give the sign, the first dropped bit, whether any later dropped
            bit is set, and the lowest kept bit.
    """

    def __init__(
        self,
        negative: Callable[[], Bits],
        half: Callable[[], Bits],
        rest: Callable[[], Bits],
        odd: Callable[[], Bits],
    ) -> None:
        self.negative, self.half, self.rest, self.odd = negative, half, rest, odd


# Whether one LSB is added to the floor.  UG1399, "Quantization Modes"; checked against AMD's
# ap_fixed_base.h.
_CARRY: dict[Rounding, Callable[[Dropped], Bits]] = {
    Rounding.TRN: lambda d: np.zeros((), np.bool_),
    Rounding.TRN_ZERO: lambda d: d.negative() & (d.half() | d.rest()),
    Rounding.RND: lambda d: d.half(),
    Rounding.RND_ZERO: lambda d: d.half() & (d.negative() | d.rest()),
    Rounding.RND_INF: lambda d: d.half() & (~d.negative() | d.rest()),
    Rounding.RND_MIN_INF: lambda d: d.half() & d.rest(),
    Rounding.RND_CONV: lambda d: d.half() & (d.odd() | d.rest()),
}

_FIT: dict[Overflow, Callable[[Integers, FixedPointType], Integers]] = {
    Overflow.WRAP: lambda q, dtype: _wrap(q, dtype),
    Overflow.SAT: lambda q, dtype: np.clip(q, dtype.min_int, dtype.max_int),
    Overflow.SAT_SYM: lambda q, dtype: np.clip(q, dtype.symmetric_min_int, dtype.max_int),
    Overflow.SAT_ZERO: lambda q, dtype: np.where((q < dtype.min_int) | (q > dtype.max_int), 0, q),
}


def cast(
    integers: Integers,
    fraction_bits: int,
    dtype: FixedPointType,
    rounding: Rounding,
    overflow: Overflow,
) -> Integers:
    """Return the integers of `dtype` that ap_fixed's assignment gives for `integers *
    2**-fraction_bits`.

    First rounding (which may carry), then overflow, as in AMD's ap_fixed_base.h.

    Raises:
        FixedPointError: the aligned value needs more than 63 bits.
    """
    x = require_integers(integers)
    shift = fraction_bits - dtype.fraction_bits
    aligned = _append_zeros(x, -shift) if shift <= 0 else round_off(x, shift, rounding)
    return _FIT[overflow](aligned, dtype)


def require_integers(given: npt.ArrayLike) -> Integers:
    """Return `given` as int64; raises FixedPointError for floats and for integers beyond 63
    bits.
    """
    array = np.asarray(given)
    if array.dtype.kind not in "iu":
        raise FixedPointError(_NOT_INTEGERS.format(array.dtype))
    if array.dtype == np.uint64 and (array >> np.uint64(63)).any():
        raise FixedPointError("an integer needs more than 63 bits")
    return array.astype(np.int64, copy=False)


def _append_zeros(x: Integers, bits: int) -> Integers:
    magnitude = max(int(x.max(initial=0)), -int(x.min(initial=0)))
    if magnitude << bits >= 1 << 63:
        raise FixedPointError(
            f"a cast moves the binary point up by {bits} bits, which takes {magnitude}"
            " beyond 63 bits:"
            " narrow the source or choose fewer fraction bits"
        )
    return x << min(bits, 63)  # beyond 63 every x is zero, else the line above had refused


def round_off(x: Integers, bits: int, rounding: Rounding) -> Integers:
    """`x * 2**-bits` rounded to integers; `bits` is at least 1."""
    if bits > 63:  # every |x| is below half an LSB, as sign(x) / 4 is: the same in every mode
        x, bits = np.sign(x), 2
    floor = x >> bits
    place = 1 << (bits - 1)
    dropped = Dropped(
        negative=lambda: x < 0,
        half=lambda: x & place != 0,
        rest=lambda: x & (place - 1) != 0,
        odd=lambda: floor & 1 != 0,
    )
    floor += _CARRY[rounding](dropped)
    return floor


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
            raise FixedPointError(_NOT_INTEGERS.format(given.dtype))
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

    def reshape(self, shape: tuple[int, ...]) -> FixedPointArray:
        """Return the same numbers in another shape."""
        return FixedPointArray(self.integers.reshape(shape), self.dtype)

    def to_float(self) -> npt.NDArray[np.float64]:
        """Return the values as float64; exact up to 53 bits."""
        return np.ldexp(self.integers.astype(np.float64), -self.dtype.fraction_bits)

    def cast(
        self, dtype: FixedPointType, rounding: Rounding, overflow: Overflow
    ) -> FixedPointArray:
        """Return this array in another type, as `cast` defines it."""
        return FixedPointArray(
            cast(self.integers, self.dtype.fraction_bits, dtype, rounding, overflow), dtype
        )

    def refined(self, fraction_bits: int) -> FixedPointArray:
        """Return the same values on a grid at least as fine, in as many significant bits."""
        extra = fraction_bits - self.dtype.fraction_bits
        dtype = replace(
            self.dtype, wordlength=self.dtype.wordlength + extra, fraction_bits=fraction_bits
        )
        return self.cast(dtype, Rounding.TRN, Overflow.WRAP)

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
    """Put floats onto the grid of `dtype`, exactly: the result of the cast on the float's real
    value.

    Raises:
        FixedPointError: no numbers; NaN or infinity, named with its index; or WRAP of a value
            beyond 63 bits.
    """
    try:
        given: Any = np.asarray(numbers(values, "the data"), np.float64)
    except DataError as error:
        raise FixedPointError(str(error)) from None
    if not np.isfinite(given).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(given))[0])
        raise FixedPointError(
            f"{given[index]} at index {index} has no fixed-point value: clean the data first"
        )
    scaled = np.ldexp(given, dtype.fraction_bits)
    scaled = np.where((scaled == 0) & (given != 0), np.copysign(0.25, given), scaled)  # underflow
    outside = np.abs(scaled) >= 2.0**63
    if overflow is Overflow.WRAP and outside.any():
        raise FixedPointError(f"a value is more than 63 bits above {dtype}'s LSB: scale the data")
    inside = np.where(outside, 0.0, scaled)
    whole = np.trunc(inside)  # exact, like the next line: both are parts of one significand
    part = np.abs(inside - whole)
    negative = inside < 0
    floor = whole.astype(np.int64) - (negative & (part > 0))
    half = np.where(negative, (part > 0) & (part <= 0.5), part >= 0.5)  # of inside - floor
    rest = (part > 0) & (part != 0.5)
    dropped = Dropped(lambda: negative, lambda: half, lambda: rest, lambda: floor & 1 == 1)
    rounded = floor + _CARRY[rounding](dropped)
    fitted = _FIT[overflow](rounded, dtype)
    low = dtype.symmetric_min_int if overflow is Overflow.SAT_SYM else dtype.min_int
    end = np.where(scaled > 0, dtype.max_int, low) * (overflow is not Overflow.SAT_ZERO)
    return FixedPointArray(np.where(outside, end, fitted), dtype)
