"""infer promises an interval: every evaluated integer lies inside, and both ends are reached."""

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from random_operands import MODES, RANDOM, random_cast_in, random_constant, random_interval

from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval, Overflow
from qfx.ops import (
    OPS,
    Cast,
    Clip,
    Concat,
    Matmul,
    Multiply,
    Relu,
    Reshape,
    TensorType,
)


def every_input(x):
    """All tensors whose elements lie in the interval, along a batch axis."""
    integers = range(x.interval.low, x.interval.high + 1)
    tensors = list(product(integers, repeat=int(np.prod(x.shape))))
    return np.array(tensors, dtype=np.int64).reshape(-1, *x.shape)


def every_pair(a, b):
    """All tensors of two types, each with each."""
    first, second = every_input(a), every_input(b)
    return np.repeat(first, len(second), axis=0), np.tile(second, (len(first), *[1] * len(b.shape)))


def evaluated(op, operands, inputs):
    """The interval promised and that of the integers met, after checking that it holds them."""
    promised, found = op.infer(*operands), op.evaluate(*inputs)
    assert found.shape == (len(inputs[0]), *promised.shape)
    assert int(found.min()) in promised.interval, (op, operands, promised)
    assert int(found.max()) in promised.interval, (op, operands, promised)
    return promised.interval, Interval(int(found.min()), int(found.max()))


def test_every_op_has_random_operands_here():
    assert set(RANDOM) == set(OPS)


@pytest.mark.parametrize("op_type", [op for op in OPS if op is not Cast], ids=lambda op: op.name)
def test_an_interval_holds_and_both_ends_are_reached(op_type):
    rng = random.Random(op_type.name)
    for _ in range(100):
        op, *operands = RANDOM[op_type](rng)
        inputs = every_pair(*operands) if len(operands) > 1 else (every_input(*operands),)
        promised, met = evaluated(op, operands, inputs)
        assert promised == met, (op, operands)


@pytest.mark.parametrize(("rounding", "overflow"), MODES, ids=str)
def test_the_interval_of_a_cast_holds_and_is_reached_where_it_can_be(rounding, overflow):
    rng = random.Random(f"{rounding} {overflow}")
    exact_overflows = 0
    for _ in range(150):
        op, x = random_cast_in(rng, rounding, overflow)
        promised, met = evaluated(op, (x,), (every_input(x),))
        if is_exact(op, x):
            assert promised == met, (op, x)
            exact_overflows += op.rounded(x.interval) not in op.fitting
    assert exact_overflows > 20 or overflow is Overflow.WRAP


def is_exact(op, x):
    """Whether a cast's interval is promised to be reached, for an operand that fills its own.

    Nothing overflows, or all that does lands on an end (SAT, SAT_SYM): always.  Overflow to zero:
    zero is met, and so is an end of the type that lies inside the rounded interval, if the rounded
    integers have no gaps, as they have where zeros are appended.  Overflow by wrapping: no; the
    integers met may leave gaps, or be a few only, and the promise is the whole range of the type.
    """
    if op.rounded(x.interval) in op.fitting:
        return True
    if op.overflow is Overflow.SAT_ZERO:
        return op.shift >= 0
    return op.overflow is not Overflow.WRAP


@pytest.mark.parametrize(("rounding", "overflow"), MODES, ids=str)
def test_the_interval_of_a_cast_from_the_widest_types_holds(rounding, overflow):
    for signed, shift, bits in product((True, False), (0, 1, 2, 62, 63, 64), (2, 62, 63)):
        x = TensorType.of((1,), FixedPointType(63, shift, signed))
        low, high = x.interval.low, x.interval.high
        inputs = np.array([[low], [low + 1], [-1 if signed else 0], [0], [1], [high - 1], [high]])
        for dtype in (FixedPointType(bits, 0), FixedPointType(bits, 0, signed=False)):
            evaluated(Cast(shift, dtype, rounding, overflow), (x,), (inputs,))


@pytest.mark.parametrize("bits", [3, 20, 45])  # below and above what float64 adds exactly
def test_the_interval_of_a_long_sum_holds_and_is_reached_at_its_corners(bits):
    """A sum is linear in each input, so its ends lie where every input is at one of its own."""
    rng = random.Random(bits)
    for _ in range(10):
        op = Matmul(random_constant(rng, (8, 3), bits, 2))
        x = TensorType((8,), random_interval(rng, 1 << 12, 1 << 13), 0)
        corners = np.array(list(product((x.interval.low, x.interval.high), repeat=8)))
        promised, met = evaluated(op, (x,), (corners,))
        assert promised == met


def test_an_op_keeps_the_shape_and_the_binary_point_it_promises():
    x = TensorType((2, 3), Interval(-4, 3), 5)
    weight = FixedPointArray(np.ones((3, 4), np.int64), FixedPointType(4, 2))
    assert Matmul(weight).infer(x) == TensorType((2, 4), Interval(-12, 9), 7)
    assert Reshape((6,)).infer(x) == replace(x, shape=(6,))
    assert Relu().infer(x) == replace(x, interval=Interval(0, 3))
    y = TensorType((1, 3), Interval(2, 5), 5)
    assert Concat().infer(x, y) == TensorType((3, 3), Interval(-4, 5), 5)
    assert Multiply().infer(x, replace(x, fraction_bits=-2)) == replace(
        x, interval=Interval(-12, 16), fraction_bits=3
    )
    assert Cast(5, FixedPointType(3, 1)).infer(x) == TensorType((2, 3), Interval(0, 0), 1)


def test_a_clip_by_the_ends_that_its_operand_meets_is_the_clip():
    rng, beyond = random.Random(0), 0
    for _ in range(200):
        op, x = RANDOM[Clip](rng)
        low, high = op.ends_met(x.interval)
        values, result = every_input(replace(x, shape=(1,))), op.infer(x).interval
        if x.interval.high < op.low or op.high < x.interval.low:
            assert low is high is None
            beyond += 1
            assert result.low == result.high
        else:
            ends = [end for end in (low, high) if end is not None]
            assert all(end in x.interval for end in ends)
            found = values if low is None else np.maximum(values, low)
            found = found if high is None else np.minimum(found, high)
            np.testing.assert_array_equal(found, op.evaluate(values))
    assert beyond > 10
