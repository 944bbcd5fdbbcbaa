"""cast: rounding and overflow by hand, then any width against unbounded integers."""

import random
from fractions import Fraction
from itertools import product
from math import ceil, floor

import numpy as np
import pytest

from qfx.fixedpoint import FixedPointError, FixedPointType, Overflow, Rounding, cast

QUARTERS = [11, 10, 6, -6, -10, -11]  # 2.75, 2.5, 1.5, -1.5, -2.5, -2.75
ROUNDED = {
    Rounding.TRN: [2, 2, 1, -2, -3, -3],
    Rounding.TRN_ZERO: [2, 2, 1, -1, -2, -2],
    Rounding.RND: [3, 3, 2, -1, -2, -3],
    Rounding.RND_ZERO: [3, 2, 1, -1, -2, -3],
    Rounding.RND_INF: [3, 3, 2, -2, -3, -3],
    Rounding.RND_MIN_INF: [3, 2, 1, -2, -3, -3],
    Rounding.RND_CONV: [3, 2, 2, -2, -2, -3],
}

OUTSIDE = [8, 9, -8, -9, -17]  # for four bits
SIGNED_FIT = {
    Overflow.WRAP: [-8, -7, -8, 7, -1],
    Overflow.SAT: [7, 7, -8, -8, -8],
    Overflow.SAT_SYM: [7, 7, -7, -7, -7],
    Overflow.SAT_ZERO: [0, 0, -8, 0, 0],
}
UNSIGNED_FIT = {
    Overflow.WRAP: [8, 9, 8, 7, 15],
    Overflow.SAT: [8, 9, 0, 0, 0],
    Overflow.SAT_SYM: [8, 9, 0, 0, 0],
    Overflow.SAT_ZERO: [8, 9, 0, 0, 0],
}


@pytest.mark.parametrize("rounding", Rounding)
def test_rounding_by_hand(rounding):
    rounded = cast(np.array(QUARTERS), 2, FixedPointType(8, 0), rounding, Overflow.SAT)
    np.testing.assert_array_equal(rounded, ROUNDED[rounding])


@pytest.mark.parametrize("overflow", Overflow)
def test_overflow_by_hand(overflow):
    for signed, expected in ((True, SIGNED_FIT), (False, UNSIGNED_FIT)):
        dtype = FixedPointType(4, 0, signed)
        fitted = cast(np.array(OUTSIDE), 0, dtype, Rounding.TRN, overflow)
        np.testing.assert_array_equal(fitted, expected[overflow])


def test_the_carry_of_rounding_can_overflow():
    dtype, nearly_eight = FixedPointType(4, 0), np.array([31])  # 7.75
    assert cast(nearly_eight, 2, dtype, Rounding.RND, Overflow.WRAP).tolist() == [-8]
    assert cast(nearly_eight, 2, dtype, Rounding.RND, Overflow.SAT).tolist() == [7]


def test_one_signed_bit_has_no_symmetric_range():
    """Its range would be zero alone; ap_fixed leaves -1 to 0, as under SAT."""
    dtype = FixedPointType(1, 0)
    assert cast(np.arange(-2, 3), 0, dtype, Rounding.TRN, Overflow.SAT_SYM).tolist() == [
        -1,
        -1,
        0,
        0,
        0,
    ]


@pytest.mark.parametrize("bits", [1, 61, 62, 63, 64, 65, 200])
def test_a_right_shift_of_any_size(bits):
    integers = [0, 1, 3, 1 << 60, 3 << 60, (1 << 61) - 1, (1 << 62) - 1, 1 << 62, (1 << 63) - 1]
    integers += [-x for x in integers] + [(1 << 61) + 1, (1 << 62) + 1, -(1 << 62) - 1]
    for rounding, overflow in product(Rounding, Overflow):
        check(integers, bits, FixedPointType(63, 0), rounding, overflow)


@pytest.mark.parametrize("signed", [True, False])
def test_a_destination_of_63_bits(signed):
    integers = [0, 1, -1, (1 << 62) - 1, 1 << 62, -(1 << 62), -(1 << 62) - 1]
    integers += [(1 << 63) - 1, -(1 << 63) + 1]
    for shift, overflow in product((0, 1, 2), Overflow):
        check(integers, shift, FixedPointType(63, 0, signed), Rounding.RND, overflow)


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("overflow", Overflow)
def test_any_width_against_unbounded_integers(rounding, overflow):
    rng = random.Random(f"{rounding} {overflow}")
    for _ in range(50):
        width = rng.randint(1, 63)
        shift = rng.randint(width - 63, 70)
        dtype = FixedPointType(rng.randint(1, 63), rng.randint(-70, 70), rng.random() < 0.5)
        integers = [rng.randint(-(1 << width) + 1, (1 << width) - 1) for _ in range(20)]
        check(integers, shift, dtype, rounding, overflow)


def test_a_left_shift_may_fill_63_bits():
    unsigned = FixedPointType(63, 62, signed=False)
    assert cast(np.array([1]), 0, unsigned, Rounding.TRN, Overflow.SAT).tolist() == [1 << 62]
    wrapped = cast(np.array([-1]), 0, FixedPointType(8, 62), Rounding.TRN, Overflow.WRAP)
    assert wrapped.tolist() == [0]


def test_a_left_shift_beyond_63_bits_is_refused():
    message = (
        "a cast moves the binary point up by 62 bits, which takes 2 beyond 63 bits:"
        " narrow the source or choose fewer fraction bits"
    )
    for integer in (2, -2):
        with pytest.raises(FixedPointError) as refusal:
            cast(np.array([0, integer]), 0, FixedPointType(8, 62), Rounding.TRN, Overflow.SAT)
        assert str(refusal.value) == message


def test_zeros_may_shift_left_by_any_number_of_bits():
    zeros = cast(np.zeros(3, np.int64), -900, FixedPointType(8, 900), Rounding.RND, Overflow.SAT)
    assert zeros.tolist() == [0, 0, 0]


def test_any_shape_is_kept_and_the_operand_left_alone():
    for shape in ((), (0,), (2, 0), (2, 3)):
        operand = np.full(shape, 5)
        result = cast(operand, 1, FixedPointType(8, 0), Rounding.RND, Overflow.SAT)
        assert result.shape == shape
        assert result.dtype == np.int64
        assert (result == 3).all()
        assert (operand == 5).all()


def check(integers, shift, dtype, rounding, overflow):
    expected = [
        fit(rounded(Fraction(x) / Fraction(2) ** shift, rounding), dtype, overflow)
        for x in integers
    ]
    found = cast(
        np.array(integers, np.int64), dtype.fraction_bits + shift, dtype, rounding, overflow
    )
    assert found.tolist() == expected, (shift, dtype)


def rounded(value: Fraction, rounding: Rounding) -> int:
    """The modes by what UG1399 says of them, not by how hardware does it."""
    if rounding is Rounding.TRN:
        return floor(value)
    if rounding is Rounding.TRN_ZERO:
        return int(value)
    if value - floor(value) != Fraction(1, 2):
        return floor(value + Fraction(1, 2))
    below, above = floor(value), ceil(value)
    return {
        Rounding.RND: above,
        Rounding.RND_ZERO: min(below, above, key=abs),
        Rounding.RND_INF: max(below, above, key=abs),
        Rounding.RND_MIN_INF: below,
        Rounding.RND_CONV: below if below % 2 == 0 else above,
    }[rounding]


def fit(q: int, dtype: FixedPointType, overflow: Overflow) -> int:
    """The range as UG1399 has it; see test_one_signed_bit_has_no_symmetric_range."""
    low, high = dtype.min_int, dtype.max_int
    if overflow is Overflow.SAT_SYM and dtype.signed and dtype.wordlength > 1:
        low = -high
    if low <= q <= high:
        return q
    if overflow is Overflow.WRAP:
        return (q - low) % (1 << dtype.wordlength) + low
    return 0 if overflow is Overflow.SAT_ZERO else min(max(q, low), high)
