"""FixedPointArray refuses what its type cannot hold; quantize casts a float's real value."""

from itertools import product

import numpy as np
import pytest

from qfx.fixedpoint import (
    FixedPointArray,
    FixedPointError,
    FixedPointType,
    Overflow,
    Rounding,
    cast,
    quantize,
)

INT4 = FixedPointType(4, 1)
UINT4 = FixedPointType(4, 1, signed=False)


def refusal_of(action) -> str:
    with pytest.raises(FixedPointError) as refusal:
        action()
    return str(refusal.value)


@pytest.mark.parametrize(
    ("integers", "dtype", "named"),
    [
        ([0, 8], INT4, "8 at index (1,) is outside fixed<4,3>, whose integers run from -8 to 7"),
        ([-9, 0], INT4, "-9 at index (0,) is outside fixed<4,3>, whose integers run from -8 to 7"),
        ([[0], [-1]], UINT4, "-1 at index (1, 0) is outside ufixed<4,3>,"),
        (16, UINT4, "16 at index () is outside ufixed<4,3>,"),
        (
            np.array([1, 2**64 - 1], np.uint64),
            INT4,
            "18446744073709551615 at index (1,) is outside",
        ),
    ],
)
def test_an_integer_outside_the_type_is_named(integers, dtype, named):
    assert named in refusal_of(lambda: FixedPointArray(np.array(integers), dtype))


@pytest.mark.parametrize("given", [np.array([1.0]), np.array([True]), np.array(["1"])])
def test_only_integers_are_held(given):
    assert refusal_of(lambda: FixedPointArray(given, INT4)) == (
        f"integers are needed here, not {given.dtype}: use quantize for floats"
    )


def test_the_integers_are_an_int64_copy_that_cannot_be_written():
    given = np.array([1, 2], np.int8)
    array = FixedPointArray(given, INT4)
    given[0] = 5
    assert array.integers.tolist() == [1, 2]
    assert array.integers.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        array.integers[0] = 3


def test_equality_is_of_type_shape_and_integers():
    array = FixedPointArray(np.array([1, 2]), INT4)
    same = FixedPointArray(np.array([1, 2], np.int8), FixedPointType(4, 1))
    assert array == same
    assert hash(array) == hash(same)
    others = [
        FixedPointArray(np.array([1, 3]), INT4),
        FixedPointArray(np.array([[1, 2]]), INT4),
        FixedPointArray(np.array([1, 2]), UINT4),
        FixedPointArray(np.array([2, 4]), FixedPointType(4, 2)),  # the same values
    ]
    for other in others:
        assert array != other
    assert len({array, same, *others}) == 5
    assert array != [1, 2]


def test_the_values_are_exact_floats():
    assert FixedPointArray(np.array([-8, 7]), INT4).to_float().tolist() == [-4.0, 3.5]
    wide = FixedPointType(54, -900)
    ends = FixedPointArray(np.array([wide.min_int, wide.max_int - 1]), wide).to_float()
    assert [int(x) for x in ends] == [wide.min_int << 900, (wide.max_int - 1) << 900]


def test_the_method_is_the_function():
    array = FixedPointArray(np.arange(-8, 8), INT4)
    for modes in product(Rounding, Overflow):
        integers = cast(array.integers, 1, FixedPointType(2, 0), *modes)
        assert array.cast(FixedPointType(2, 0), *modes) == FixedPointArray(
            integers, FixedPointType(2, 0)
        )


def test_repr_is_short():
    assert (
        repr(FixedPointArray(np.zeros((2, 3), int), UINT4))
        == "FixedPointArray((2, 3), ufixed<4,3>)"
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_quantize_refuses_what_has_no_value(value):
    values = np.zeros((2, 3))
    values[1, 2] = value
    for overflow in Overflow:
        assert refusal_of(lambda o=overflow: quantize(values, INT4, Rounding.RND, o)) == (
            f"{value} at index (1, 2) has no fixed-point value: clean the data first"
        )


def test_quantize_refuses_to_wrap_what_is_far_outside():
    for value in (2.0**62, -(2.0**62), 1e300):
        assert (
            refusal_of(lambda v=value: quantize([0, v], INT4, Rounding.TRN, Overflow.WRAP))
            == "a value is more than 63 bits above fixed<4,3>'s LSB: scale the data"
        )
    wrapped = quantize([2.0**60 + 256], FixedPointType(9, 0), Rounding.TRN, Overflow.WRAP)
    assert wrapped.integers.tolist() == [-256]


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("overflow", Overflow)
def test_quantize_is_the_cast_of_the_value(rounding, overflow):
    integers = np.arange(-400, 400)
    for bits, signed in product((1, 2, 5, 60), (True, False)):
        dtype = FixedPointType(4, 3, signed)
        expected = cast(integers, 3 + bits, dtype, rounding, overflow)
        found = quantize(np.ldexp(integers.astype(float), -3 - bits), dtype, rounding, overflow)
        np.testing.assert_array_equal(found.integers, expected)


@pytest.mark.parametrize(
    ("rounding", "below", "above"),
    [
        (Rounding.TRN, -1, 0),
        (Rounding.TRN_ZERO, 0, 0),
        (Rounding.RND, 0, 0),
        (Rounding.RND_CONV, 0, 0),
    ],
)
@pytest.mark.parametrize("fraction_bits", [-1000, -1, 0, 40])
def test_the_smallest_float_is_not_zero(rounding, below, above, fraction_bits):
    smallest = np.nextafter(0.0, 1.0)
    dtype = FixedPointType(8, fraction_bits)
    found = quantize([-smallest, smallest], dtype, rounding, Overflow.SAT)
    assert found.integers.tolist() == [below, above]


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("wordlength", [53, 54, 61, 62, 63])
def test_quantize_fills_and_saturates_every_wordlength(wordlength, signed):
    dtype = FixedPointType(wordlength, 0, signed)
    inside = [0.75 * 2.0 ** (wordlength - signed), float(dtype.min_int)]
    found = quantize(inside, dtype, Rounding.TRN, Overflow.SAT).integers.tolist()
    assert found == [int(x) for x in inside]
    found = quantize([1e30, -1e30], dtype, Rounding.RND, Overflow.SAT).integers.tolist()
    assert found == [dtype.max_int, dtype.min_int]
