"""infer promises an interval: every evaluated integer lies inside, and both ends are reached."""

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval, Overflow, Rounding
from qfx.ops import (
    OPS,
    AddConstant,
    ArgMax,
    Cast,
    Clip,
    Conv2d,
    DivideConstant,
    Embedding,
    Lookup,
    Matmul,
    MaxPool2d,
    MultiplyConstant,
    Pad,
    PRelu,
    Relu,
    Reshape,
    Softmax,
    Sqrt,
    TensorType,
    Transpose,
    Upsample,
)

MODES = tuple(product(Rounding, Overflow))


def random_interval(rng, reach, width):
    """At most `width` integers, which may all be negative, or all positive."""
    low = rng.randint(-reach, reach)
    return Interval(low, low + rng.randrange(width))


def random_constant(rng, shape, bits, fraction_bits):
    dtype = FixedPointType(bits, fraction_bits, rng.random() < 0.7)
    integers = [rng.randint(dtype.min_int, dtype.max_int) for _ in range(int(np.prod(shape)))]
    return FixedPointArray(np.array(integers, np.int64).reshape(shape), dtype)


def random_add(rng):
    x = TensorType((3,), random_interval(rng, 30, 6), rng.randint(-3, 6))
    return AddConstant(random_constant(rng, rng.choice([(), (3,)]), 5, x.fraction_bits)), x


def random_argmax(rng):
    x = TensorType((rng.randint(2, 4),), random_interval(rng, 30, 5), rng.randint(-3, 6))
    return ArgMax(), x


def random_cast(rng):
    rounding, overflow = rng.choice(MODES)
    return random_cast_in(rng, rounding, overflow)


def random_cast_in(rng, rounding, overflow):
    dtype = FixedPointType(rng.randint(1, 7), rng.randint(-4, 8), rng.random() < 0.6)
    x = TensorType((1,), random_interval(rng, 200, 300), dtype.fraction_bits + rng.randint(-3, 8))
    return Cast(x.fraction_bits, dtype, rounding, overflow), x


def random_clip(rng):
    ends = random_interval(rng, 20, 20)
    x = TensorType((2,), random_interval(rng, 20, 20), rng.randint(-3, 6))
    return Clip(ends.low, ends.high), x


def random_conv2d(rng):
    groups = rng.choice([1, 2])
    x = TensorType((2, 2, 1), random_interval(rng, 30, 5), rng.randint(-3, 6))
    kernel = rng.choice([(1, 1), (2, 1)])
    weight = random_constant(rng, (2, 2 // groups, *kernel), rng.randint(1, 5), 2)
    return Conv2d(weight, (rng.choice([1, 2]), 1), (0, 0), groups), x


def random_lookup(rng):
    x = TensorType((2,), random_interval(rng, 20, 8), rng.randint(-3, 6))
    first = x.interval.low - rng.randint(0, 3)
    entries = x.interval.high - first + 1 + rng.randint(0, 3)
    return Lookup(random_constant(rng, (entries,), 6, 4), first), x


def random_prelu(rng):
    x = TensorType((3,), random_interval(rng, 20, 6), rng.randint(-3, 6))
    return PRelu(random_constant(rng, rng.choice([(), (3,)]), 5, rng.randint(0, 4))), x


def random_embedding(rng):
    low = rng.randrange(3)
    x = TensorType((2,), Interval(low, low + rng.randrange(3)), 0)
    return Embedding(random_constant(rng, (5, 2), 5, 2)), x


def random_maxpool2d(rng):
    x = TensorType((1, 2, 2), random_interval(rng, 30, 5), rng.randint(-3, 6))
    padding = (1, 0) if x.interval.low >= 0 else (0, 0)
    return MaxPool2d((2, rng.choice([1, 2])), (rng.choice([1, 2]), 1), padding), x


def random_multiply(rng):
    shape, constant = rng.choice([((3,), ()), ((3,), (3,)), ((2, 1, 2), (2, 1, 1))])
    x = TensorType(shape, random_interval(rng, 30, 6), rng.randint(-3, 6))
    return MultiplyConstant(random_constant(rng, constant, 5, 2)), x


def random_divide(rng):
    shape, constant = rng.choice([((3,), ()), ((3,), (3,)), ((2, 1, 2), (2, 1, 1))])
    x = TensorType(shape, random_interval(rng, 30, 6), rng.randint(-3, 6))
    divisor = random_constant(rng, constant, 5, rng.randint(-2, 3))
    integers = np.where(divisor.integers == 0, 1, divisor.integers)
    return DivideConstant(FixedPointArray(integers, divisor.dtype)), x


def random_matmul(rng):
    x = TensorType(rng.choice([(3,), (1, 3)]), random_interval(rng, 30, 5), rng.randint(-3, 6))
    return Matmul(random_constant(rng, (3, rng.randint(1, 4)), rng.randint(1, 5), 2)), x


def random_pad(rng):
    x = TensorType((1, 2, 1), random_interval(rng, 30, 5), rng.randint(-3, 6))
    return Pad((rng.randrange(2), 0), (0, rng.randrange(2))), x


def random_upsample(rng):
    x = TensorType((1, 1, 2), random_interval(rng, 30, 5), rng.randint(-3, 6))
    return Upsample((rng.randint(1, 3), rng.randint(1, 3))), x


def random_relu(rng):
    return Relu(), TensorType((2,), random_interval(rng, 10, 20), rng.randint(-3, 6))


def random_reshape(rng):
    return Reshape((2, 2)), TensorType((4,), random_interval(rng, 10, 5), rng.randint(-3, 6))


def random_transpose(rng):
    axes = tuple(rng.sample(range(3), 3))
    return Transpose(axes), TensorType((2, 1, 2), random_interval(rng, 10, 5), rng.randint(-3, 6))


def random_sqrt(rng):
    shift = rng.randint(0, 7)
    x = TensorType((2,), random_interval(rng, 60, 30), 2 * rng.randint(-3, 3) - shift)
    return Sqrt(shift), x


def random_softmax(rng):
    x = TensorType((rng.randint(2, 5),), random_interval(rng, 30, 4), rng.randint(-3, 6))
    unit_bits, index_bits, bits = rng.randint(3, 6), rng.randint(1, 3), rng.randint(2, 6)
    falling = sorted((rng.randint(0, 1 << unit_bits) for _ in range(5)), reverse=True)
    exponentials = np.array([1 << unit_bits, *falling])
    first = rng.randint(1, (1 << bits) - 1)
    inner = sorted((rng.randint(first // 2, first) for _ in range(2**index_bits - 1)), reverse=True)
    return Softmax(
        FixedPointArray(exponentials, FixedPointType(unit_bits + 1, unit_bits, False)),
        FixedPointArray(np.array([first, *inner]), FixedPointType(bits, bits, False)),
    ), x


RANDOM = {
    AddConstant: random_add,
    ArgMax: random_argmax,
    Cast: random_cast,
    Clip: random_clip,
    Conv2d: random_conv2d,
    Lookup: random_lookup,
    Embedding: random_embedding,
    DivideConstant: random_divide,
    Matmul: random_matmul,
    MaxPool2d: random_maxpool2d,
    MultiplyConstant: random_multiply,
    PRelu: random_prelu,
    Relu: random_relu,
    Reshape: random_reshape,
    Transpose: random_transpose,
    Sqrt: random_sqrt,
    Pad: random_pad,
    Upsample: random_upsample,
    Softmax: random_softmax,
}


def every_input(x):
    """All tensors whose elements lie in the interval, along a batch axis."""
    integers = range(x.interval.low, x.interval.high + 1)
    tensors = list(product(integers, repeat=int(np.prod(x.shape))))
    return np.array(tensors, dtype=np.int64).reshape(-1, *x.shape)


def evaluated(op, x, inputs):
    """The interval promised and that of the integers met, after checking that it holds them."""
    promised, found = op.infer(x), op.evaluate(inputs)
    assert found.shape == (len(inputs), *promised.shape)
    assert int(found.min()) in promised.interval, (op, x, promised)
    assert int(found.max()) in promised.interval, (op, x, promised)
    return promised.interval, Interval(int(found.min()), int(found.max()))


def test_every_op_has_random_operands_here():
    assert set(RANDOM) == set(OPS)


@pytest.mark.parametrize("op_type", [op for op in OPS if op is not Cast], ids=lambda op: op.name)
def test_an_interval_holds_and_both_ends_are_reached(op_type):
    rng = random.Random(op_type.name)
    for _ in range(100):
        op, x = RANDOM[op_type](rng)
        promised, met = evaluated(op, x, every_input(x))
        assert promised == met, (op, x)


@pytest.mark.parametrize(("rounding", "overflow"), MODES, ids=str)
def test_the_interval_of_a_cast_holds_and_is_reached_where_it_can_be(rounding, overflow):
    rng = random.Random(f"{rounding} {overflow}")
    exact_overflows = 0
    for _ in range(150):
        op, x = random_cast_in(rng, rounding, overflow)
        promised, met = evaluated(op, x, every_input(x))
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
            evaluated(Cast(shift, dtype, rounding, overflow), x, inputs)


@pytest.mark.parametrize("bits", [3, 20, 45])  # below and above what float64 adds exactly
def test_the_interval_of_a_long_sum_holds_and_is_reached_at_its_corners(bits):
    """A sum is linear in each input, so its ends lie where every input is at one of its own."""
    rng = random.Random(bits)
    for _ in range(10):
        op = Matmul(random_constant(rng, (8, 3), bits, 2))
        x = TensorType((8,), random_interval(rng, 1 << 12, 1 << 13), 0)
        corners = np.array(list(product((x.interval.low, x.interval.high), repeat=8)))
        promised, met = evaluated(op, x, corners)
        assert promised == met


def test_an_op_keeps_the_shape_and_the_binary_point_it_promises():
    x = TensorType((2, 3), Interval(-4, 3), 5)
    weight = FixedPointArray(np.ones((3, 4), np.int64), FixedPointType(4, 2))
    assert Matmul(weight).infer(x) == TensorType((2, 4), Interval(-12, 9), 7)
    assert Reshape((6,)).infer(x) == replace(x, shape=(6,))
    assert Relu().infer(x) == replace(x, interval=Interval(0, 3))
    assert Cast(5, FixedPointType(3, 1)).infer(x) == TensorType((2, 3), Interval(0, 0), 1)
