"""What AMD's headers lack: roots and sums of products, against exact integers."""

from math import isqrt

import numpy as np
import pytest
import torch

from qfx import fixed
from qfx.fixed import FixedPointType


def of_integers(integers: list[int], dtype: FixedPointType) -> fixed.Tensor:
    return fixed.Tensor(torch.tensor(integers).double() * 2.0**-dtype.fraction_bits, dtype)


def test_every_root_of_24_bits_that_float32_could_get_wrong() -> None:
    squares = [k * k + step for k in range(1, 1 << 12) for step in (-1, 0, 1)]
    y = fixed.sqrt(fixed.Tensor(torch.tensor(squares).float(), FixedPointType(24, 0, False)))
    assert y.dtype == FixedPointType(12, 0, False)
    assert y.values.dtype == torch.float32
    assert y.integers.tolist() == [isqrt(n) for n in squares]


def test_quotients_of_24_bits_that_float32_could_get_wrong() -> None:
    generator = np.random.default_rng(0)
    d = np.concatenate([generator.integers(1, 1 << 12, 5000), 1 << np.arange(12)])
    k = ((1 << 24) - 1) // d
    n = np.concatenate([k * d - 1, k * d, np.full(len(d), (1 << 24) - 1)])
    d = np.concatenate([d, d, d])
    number = FixedPointType(24, 0, False)
    x, y = (fixed.Tensor(torch.from_numpy(v).float(), number) for v in (n, d))
    quotient = x / y
    assert quotient.values.dtype == torch.float32
    np.testing.assert_array_equal(quotient.integers.numpy(), n // d)


def test_roots_next_to_squares_of_26_bits() -> None:
    generator = np.random.default_rng(0)
    roots = [*generator.integers(1 << 24, 1 << 26, 2000).tolist(), (1 << 26) - 1]
    squares = [k * k + step for k in roots for step in (-1, 0, 1)]
    y = fixed.sqrt(of_integers(squares, FixedPointType(52, 0, False)))
    assert y.integers.tolist() == [isqrt(n) for n in squares]


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("fraction_bits", [-3, 0, 3, 9])
@pytest.mark.parametrize("root_bits", [5, 7])
def test_a_root_is_cut_off_and_of_a_negative_number_zero(
    signed: bool, fraction_bits: int, root_bits: int
) -> None:
    dtype = FixedPointType(6, fraction_bits, signed)
    integers = list(range(dtype.min_int, dtype.max_int + 1))
    y = fixed.sqrt(of_integers(integers, dtype), fraction_bits=root_bits)
    zeros = 2 * root_bits - fraction_bits
    assert y.dtype.fraction_bits == root_bits
    assert y.dtype.max_int >= isqrt(dtype.max_int << zeros) > y.dtype.max_int // 2
    assert y.integers.tolist() == [isqrt(max(n, 0) << zeros) for n in integers]


def test_a_root_cast_with_rnd_is_the_true_root_rounded() -> None:
    dtype, result = FixedPointType(10, 4, False), FixedPointType(12, 6, False)
    integers = list(range(1024))
    y = fixed.sqrt(of_integers(integers, dtype), result)
    for n, found in zip(integers, y.integers.tolist(), strict=True):
        # found is the nearest: its distance to the root n * 2**8 of stored integers is at most 1/2
        assert (2 * found - 1) ** 2 <= 4 * (n << 8) or found == 0
        assert 4 * (n << 8) < (2 * found + 1) ** 2


def test_the_default_fraction_bits_of_a_root() -> None:
    def bits(fraction_bits: int, dtype: FixedPointType | None = None) -> int:
        x = fixed.tensor([0.0], FixedPointType(8, fraction_bits))
        return (
            fixed.sqrt(x).dtype.fraction_bits
            if dtype is None
            else fixed.sqrt(x, dtype).dtype.fraction_bits
        )

    assert [bits(f) for f in (4, 1, 0, -3)] == [4, 1, 0, -1]
    assert bits(4, FixedPointType(8, 6)) == 6


@pytest.mark.parametrize(("wordlength", "number"), [(6, torch.float32), (24, torch.float64)])
def test_a_matmul_is_exact_whatever_its_width(wordlength: int, number: torch.dtype) -> None:
    generator = np.random.default_rng(1)
    x_type, w_type = FixedPointType(wordlength, 3), FixedPointType(wordlength, 2, False)
    x = generator.integers(x_type.min_int, x_type.max_int, (20, 9), endpoint=True)
    w = generator.integers(w_type.min_int, w_type.max_int, (9, 4), endpoint=True)
    x[0], w[:, 0] = x_type.min_int, w_type.max_int
    y = of_integers(x.tolist(), x_type) @ of_integers(w.tolist(), w_type)
    assert y.values.dtype == number
    assert y.dtype == FixedPointType(2 * wordlength + 4, 5)
    np.testing.assert_array_equal(y.integers.numpy(), x @ w)


def test_one_cast_ends_an_operation() -> None:
    x = of_integers([5, -5, 127, -128], FixedPointType(8, 3))
    w = of_integers([3, 3, 3, 3], FixedPointType(4, 2))
    exact = x * w
    assert exact.integers.tolist() == [15, -15, 381, -384]  # 5 fraction bits
    assert fixed.mul(x, w, FixedPointType(6, 2)).integers.tolist() == [2, -2, 31, -32]
    wrapped = fixed.mul(x, w, FixedPointType(6, 2), "TRN", "WRAP")
    assert wrapped.integers.tolist() == [1, -2, -17, 16]


def test_a_wide_cast_is_exact() -> None:
    x = fixed.Tensor(torch.tensor([0.5, -1.0]), FixedPointType(2, 1))
    y = fixed.cast(x, FixedPointType(40, 39))
    assert y.integers.tolist() == [1 << 38, -(1 << 39)]
    assert fixed.cast(x, FixedPointType(40, 40)).integers.tolist() == [(1 << 39) - 1, -(1 << 39)]
