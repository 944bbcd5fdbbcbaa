"""FixedPointType: what it holds, what it refuses, and the smallest type for an interval."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from qfx.fixedpoint import FixedPointError, FixedPointType, Interval

PRUNED = " (a pruned weight is a constant 0, not a 0-bit number)"
REFUSED = [
    (0, 0, "wordlength must be 1 to 63 bits, not 0" + PRUNED),
    (-1, 0, "wordlength must be 1 to 63 bits, not -1" + PRUNED),
    (64, 0, "wordlength must be 1 to 63 bits, not 64" + PRUNED),
    (200, 0, "wordlength must be 1 to 63 bits, not 200" + PRUNED),
    (8.0, 0, "wordlength must be an int, not 8.0"),
    (8, 2.5, "fraction_bits must be an int, not 2.5"),
    (True, 0, "wordlength must be an int, not True"),
    (8, False, "fraction_bits must be an int, not False"),
    ("8", 0, "wordlength must be an int, not '8'"),
    (8, None, "fraction_bits must be an int, not None"),
    (8, 1001, "fraction_bits must be within +-1000, not 1001"),
    (8, -1001, "fraction_bits must be within +-1000, not -1001"),
]


@pytest.mark.parametrize(("wordlength", "fraction_bits", "message"), REFUSED)
def test_a_refused_format_says_why(wordlength, fraction_bits, message):
    with pytest.raises(FixedPointError) as refusal:
        FixedPointType(wordlength, fraction_bits)
    assert str(refusal.value) == message


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("wordlength", [1, 2, 8, 31, 32, 62, 63])
def test_the_range_has_two_to_the_wordlength_integers(wordlength, signed):
    dtype = FixedPointType(wordlength, 3, signed)
    assert dtype.max_int - dtype.min_int + 1 == 2**wordlength
    assert dtype.min_int == (-(dtype.max_int + 1) if signed else 0)
    assert dtype.interval == Interval(dtype.min_int, dtype.max_int)
    for end in (dtype.min_int, dtype.max_int):
        assert int(np.int64(end)) == end


@pytest.mark.parametrize("fraction_bits", [-1000, -70, -1, 0, 1, 8, 9, 70, 1000])
def test_the_binary_point_may_be_anywhere(fraction_bits):
    dtype = FixedPointType(8, fraction_bits)
    assert dtype.integer_bits == 8 - fraction_bits
    assert dtype.lsb == np.ldexp(1.0, -fraction_bits)
    assert dtype.lsb > 0


def test_the_name_is_that_of_ap_fixed():
    assert str(FixedPointType(8, 3)) == "fixed<8,5>"
    assert str(FixedPointType(8, 3, signed=False)) == "ufixed<8,5>"
    assert str(FixedPointType(4, 6)) == "fixed<4,-2>"


def test_types_are_values():
    assert FixedPointType(8, 3) == FixedPointType(8, 3, signed=True)
    assert hash(FixedPointType(8, 3)) == hash(FixedPointType(8, 3, signed=True))
    assert len({FixedPointType(8, 3), FixedPointType(8, 3, False), FixedPointType(9, 3)}) == 3
    with pytest.raises(FrozenInstanceError):
        FixedPointType(8, 3).wordlength = 9


def test_holding_is_the_smallest_type():
    """By trying every narrower one, for all small intervals."""
    for low in range(-20, 21):
        for high in range(low, 21):
            interval = Interval(low, high)
            dtype = FixedPointType.holding(interval, 5)
            assert dtype.fraction_bits == 5
            assert dtype.signed == (low < 0)
            assert interval in dtype.interval
            for wordlength in range(1, dtype.wordlength):
                assert interval not in FixedPointType(wordlength, 5, dtype.signed).interval


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("wordlength", [1, 2, 8, 62, 63])
def test_holding_a_types_own_interval_gives_it_back(wordlength, signed):
    dtype = FixedPointType(wordlength, -3, signed)
    assert FixedPointType.holding(dtype.interval, -3) == dtype


@pytest.mark.parametrize(
    ("interval", "wordlength"),
    [
        (Interval(0, 1 << 63), 64),
        (Interval(-1, 1 << 62), 64),
        (Interval(-(1 << 62) - 1, 0), 64),
        (Interval(-(1 << 199), 5), 200),
    ],
    ids=str,
)
def test_holding_more_than_63_bits_is_refused(interval, wordlength):
    with pytest.raises(FixedPointError) as refusal:
        FixedPointType.holding(interval, 0)
    assert str(refusal.value) == (
        f"a result needs {wordlength} bits to hold {interval}, more than 63:"
        " narrow an operand or cast before this point"
    )
