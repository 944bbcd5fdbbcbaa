"""Signed binary digits: an integer as a sum of signed powers of two, so that a product is a few
shifts and adds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint.array import Integers, require_integers

Digits = npt.NDArray[np.int8]


def to_signed_digits(integers: npt.ArrayLike) -> Digits:
    """Return the canonical signed-digit (CSD) form: digits in {-1, 0, 1}, no two neighbours
    non-zero, the fewest possible.

    Args:
        integers: any shape, magnitudes below 2**62.

    Returns:
        The same shape with one more axis, lowest digit first: `integers == sum(digits[..., k] <<
            k)`.
    """
    rest = require_integers(integers)
    if rest.max(initial=0) >= 1 << 62 or rest.min(initial=0) <= -(1 << 62):
        raise ValueError("signed digits are for magnitudes below 2**62")
    digits = []
    while rest.any():
        odd = rest & 1
        digit = odd * (
            2 - (rest & 3)
        )  # 1 before a zero, -1 before a one: so the next digit is zero
        digits.append(digit.astype(np.int8))
        rest = (rest - digit) >> 1
    return np.stack(digits, axis=-1) if digits else np.zeros((*rest.shape, 0), np.int8)


def from_signed_digits(digits: Digits) -> Integers:
    """Return the integers of digits as `to_signed_digits` gives them."""
    powers = np.left_shift(np.int64(1), np.arange(digits.shape[-1], dtype=np.int64))
    total: Integers = (digits.astype(np.int64) * powers).sum(axis=-1)
    return total


def count_digits(integers: npt.ArrayLike) -> Integers:
    """Return how many signed powers of two each integer needs at least: the non-zero digits of its
    CSD form.
    """
    count: Integers = (to_signed_digits(integers) != 0).sum(axis=-1, dtype=np.int64)
    return count
