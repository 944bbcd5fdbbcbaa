"""Random ops with operands of few integers, so that all of them can be tried."""

from dataclasses import replace
from itertools import product

import numpy as np

from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval, Overflow, Rounding
from qfx.ops import (
    Add,
    AddConstant,
    ArgMax,
    Cast,
    Clip,
    Concat,
    Conv2d,
    DivideConstant,
    Embedding,
    GlobalMax,
    Lookup,
    Matmul,
    Maximum,
    MaxPool2d,
    Minimum,
    Multiply,
    MultiplyConstant,
    Pad,
    PRelu,
    Relu,
    Reshape,
    Softmax,
    Sqrt,
    Subtract,
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


def random_pair(rng, shape, fraction_bits=None):
    """Two operands, each of an interval of its own."""
    points = [rng.randint(-3, 6) if fraction_bits is None else fraction_bits for _ in range(2)]
    return [TensorType(shape, random_interval(rng, 30, 5), point) for point in points]


def random_sum(rng):
    return Add(), *random_pair(rng, rng.choice([(2,), (1, 2, 1)]), rng.randint(-3, 6))


def random_difference(rng):
    return Subtract(), *random_pair(rng, rng.choice([(2,), (1, 2, 1)]), rng.randint(-3, 6))


def random_maximum(rng):
    return Maximum(), *random_pair(rng, rng.choice([(2,), (1, 2, 1)]), rng.randint(-3, 6))


def random_minimum(rng):
    return Minimum(), *random_pair(rng, rng.choice([(2,), (1, 2, 1)]), rng.randint(-3, 6))


def random_product(rng):
    return Multiply(), *random_pair(rng, rng.choice([(2,), (2, 1, 1)]))


def random_concat(rng):
    a, b = random_pair(rng, rng.choice([(2,), (1, 2, 1)]), rng.randint(-3, 6))
    return Concat(), a, replace(b, shape=(rng.choice([1, 2]), *b.shape[1:]))


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


def random_global_max(rng):
    return GlobalMax(), TensorType((1, 2, 2), random_interval(rng, 30, 5), rng.randint(-3, 6))


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
    x = TensorType((1, 3, 1), random_interval(rng, 30, 5), rng.randint(-3, 6))
    return Pad((rng.randint(-1, 1), 0), (0, rng.randrange(2))), x


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
    Add: random_sum,
    Maximum: random_maximum,
    Minimum: random_minimum,
    Subtract: random_difference,
    Concat: random_concat,
    Multiply: random_product,
    AddConstant: random_add,
    ArgMax: random_argmax,
    Cast: random_cast,
    Clip: random_clip,
    Conv2d: random_conv2d,
    Lookup: random_lookup,
    Embedding: random_embedding,
    DivideConstant: random_divide,
    Matmul: random_matmul,
    GlobalMax: random_global_max,
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
