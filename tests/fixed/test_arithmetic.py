"""Functions and operators give the types and the integers of AMD's ap_fixed, exactly."""

import random
from collections.abc import Callable

import numpy as np
import pytest
import torch
from ap_arithmetic import OPERATORS, Operation, compute_with_ap_fixed

from qfx import fixed
from qfx.fixed import FixedPointType
from qfx.fixed.types import difference_type, product_type, quotient_type, sum_type

TYPES = {
    "add": sum_type,
    "sub": difference_type,
    "mul": product_type,
    "div": quotient_type,
}
BY_OPERATOR = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
}


def random_type(rng: random.Random, widest: int) -> FixedPointType:
    """Binary points left of all bits, within them and right of them."""
    wordlength = rng.randint(1, widest)
    return FixedPointType(wordlength, rng.randint(-3, wordlength + 3), rng.random() < 0.6)


def random_integers(rng: random.Random, dtype: FixedPointType, count: int) -> list[int]:
    """All magnitudes, and the ends of the range."""
    ends = [dtype.min_int, dtype.max_int, max(dtype.min_int, -1), 0, min(dtype.max_int, 1)]
    drawn = [rng.randint(dtype.min_int, dtype.max_int) for _ in range(count)]
    return ends + [x >> rng.randint(0, dtype.wordlength) for x in drawn]


def of_integers(integers: np.ndarray, dtype: FixedPointType) -> fixed.Tensor:
    values = torch.from_numpy(integers.astype(np.float64)) * 2.0**-dtype.fraction_bits
    return fixed.Tensor(values, dtype)


def all_pairs(rng: random.Random, operation: Operation) -> np.ndarray:
    a, b = (random_integers(rng, dtype, 20) for dtype in (operation.a, operation.b))
    pairs = [(x, y) for x in a for y in b if operation.op != "div" or y]
    return np.array(pairs, np.int64)


def operations(rng: random.Random, count: int, widest: int) -> list[Operation]:
    """As many of each operator, none with a result wider than 53 bits."""
    found: list[Operation] = []
    while len(found) < count:
        op = list(OPERATORS)[len(found) % len(OPERATORS)]
        operation = Operation(op, random_type(rng, widest), random_type(rng, widest))
        if TYPES[op](operation.a, operation.b).wordlength <= 53:
            found.append(operation)
    return found


def overflows_in_the_header(operation: Operation, rows: np.ndarray) -> np.ndarray:
    """Where ap_fixed's quotient, computed in the dividend's width, has no room: -2**n / -1."""
    a, b = operation.a, operation.b
    if operation.op != "div" or not (a.signed and b.signed):
        return np.zeros(len(rows), bool)
    width = max(a.wordlength + max(b.fraction_bits, 0), b.wordlength)
    least = rows[:, 0] << max(b.fraction_bits, 0) == -(1 << (width - 1))
    return least & (rows[:, 1] == -1)


@pytest.mark.parametrize(("seed", "widest"), [(1, 12), (2, 30)])
def test_types_and_integers_are_those_of_the_compiled_header(
    seed: int, widest: int, require_tool: Callable[[str], None]
) -> None:
    require_tool("g++")
    rng = random.Random(seed)
    todo = operations(rng, 100, widest)
    pairs = [all_pairs(rng, operation) for operation in todo]
    corners = 0
    for operation, rows, (dtype, expected) in zip(
        todo, pairs, compute_with_ap_fixed(todo, pairs), strict=True
    ):
        y = BY_OPERATOR[operation.op](
            of_integers(rows[:, 0], operation.a), of_integers(rows[:, 1], operation.b)
        )
        assert y.dtype == dtype, operation
        corner = overflows_in_the_header(operation, rows)
        corners += corner.sum()
        np.testing.assert_array_equal(
            y.integers.numpy(), np.where(corner, -expected, expected), err_msg=str(operation)
        )
    assert corners > 0
