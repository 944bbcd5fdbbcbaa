"""Signed digits: they sum to the integer, no two neighbours, and no form has fewer."""

import random

import numpy as np
import pytest

from qfx.fixedpoint import count_digits, from_signed_digits, to_signed_digits

SMALL = np.arange(-512, 513)


def wide_integers():
    rng = random.Random(4)
    drawn = [rng.randint(-(1 << bits) + 1, (1 << bits) - 1) for bits in range(1, 63)]
    return np.array([*drawn, (1 << 62) - 1, -(1 << 62) + 1, 0x2AAAAAAAAAAAAAAA, 0x1555555555555555])


@pytest.mark.parametrize("integers", [SMALL, wide_integers()], ids=["small", "wide"])
def test_the_digits_sum_to_the_integer_and_have_no_neighbours(integers):
    digits = to_signed_digits(integers)
    np.testing.assert_array_equal(from_signed_digits(digits), integers)
    assert set(np.unique(digits)) <= {-1, 0, 1}
    assert not (digits[..., 1:] * digits[..., :-1]).any()


def test_no_form_has_fewer_digits():
    """Against all sums of signed powers of two, one more power at a time."""
    fewest, sums, count = {0: 0}, {0}, 0
    while not fewest.keys() >= set(SMALL.tolist()):
        count += 1
        sums = {x + sign * (1 << k) for x in sums for k in range(12) for sign in (-1, 1)}
        for x in sums:
            fewest.setdefault(x, count)
    np.testing.assert_array_equal(count_digits(SMALL), [fewest[x] for x in SMALL.tolist()])


def test_one_axis_is_added_and_zeros_need_no_digits():
    assert to_signed_digits(7).tolist() == [-1, 0, 0, 1]
    assert to_signed_digits(np.array([[3, 0], [1, -3]])).shape == (2, 2, 3)
    assert to_signed_digits(np.zeros((2, 3), np.int64)).shape == (2, 3, 0)
    assert (
        from_signed_digits(to_signed_digits(np.zeros((2, 3), np.int64))).tolist() == [[0] * 3] * 2
    )
    assert count_digits(np.zeros((2, 3), np.int64)).tolist() == [[0] * 3] * 2


@pytest.mark.parametrize("integer", [1 << 62, -(1 << 62), -(1 << 63)])
def test_a_magnitude_of_2_to_the_62_is_refused(integer):
    with pytest.raises(ValueError, match=r"^signed digits are for magnitudes below 2\*\*62$"):
        to_signed_digits(np.array([5, integer]))
