"""Graphs of one op, or of a chain of element-wise ones, on integers of 31 to 63 bits: signed and
unsigned, ends of the type and near them. Where C's promotions, or a header's, go wrong is here.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product

import numpy as np
from wide_operands import EDGES, constants, near, wide_input, wide_type

from qfx.fixedpoint import (
    FixedPointArray,
    FixedPointError,
    FixedPointType,
    Interval,
    Overflow,
    Rounding,
)
from qfx.ir import Graph, GraphBuilder, Value
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
    Op,
    OpError,
    Pad,
    PRelu,
    Relu,
    Reshape,
    Softmax,
    Sqrt,
    Subtract,
    Transpose,
    Upsample,
)

MODES = list(product(Rounding, Overflow))
Make = Callable[[random.Random, GraphBuilder], Value]


def _clip(rng: random.Random, b: GraphBuilder, x: Value) -> Op:
    around = x.type.interval
    wider = Interval(2 * min(around.low, -1), 2 * max(around.high, 1))
    marks = (around.low, around.high, 0)
    ends = sorted(near(rng, rng.choice(marks), wider) for _ in range(2))
    limit = (1 << 62) - 1
    return Clip(max(ends[0], -limit), min(ends[1], limit))


def _cast(rng: random.Random, b: GraphBuilder, x: Value) -> Op:
    bits = rng.choice([*EDGES, rng.randint(1, 63)])
    point = x.type.fraction_bits + rng.choice([0, rng.randint(-64, 20), rng.randint(-4, 4)])
    dtype = FixedPointType(bits, point, rng.random() < 0.5)
    return Cast(x.type.fraction_bits, dtype, *rng.choice(MODES))


def _add(rng: random.Random, b: GraphBuilder, x: Value) -> Op:
    dtype = wide_type(rng, fraction_bits=x.type.fraction_bits)
    return AddConstant(constants(rng, rng.choice([(), x.type.shape]), dtype))


def _factor(rng: random.Random, x: Value) -> FixedPointType:
    """Of constants whose products with x may just fit."""
    room = 63 - x.dtype.wordlength
    return FixedPointType(rng.randint(1, max(1, room)), rng.randint(0, 8), rng.random() < 0.6)


def _multiply(rng: random.Random, b: GraphBuilder, x: Value) -> Op:
    return MultiplyConstant(constants(rng, rng.choice([(), x.type.shape]), _factor(rng, x)))


def _prelu(rng: random.Random, b: GraphBuilder, x: Value) -> Op:
    return PRelu(constants(rng, rng.choice([(), x.type.shape]), _factor(rng, x)))


def _divide(rng: random.Random, b: GraphBuilder, x: Value) -> Op:
    dtype = FixedPointType(
        rng.choice([rng.randint(2, 63), 33]), rng.randint(-3, 4), rng.random() < 0.6
    )
    return DivideConstant(constants(rng, rng.choice([(), x.type.shape]), dtype, zeros=False))


def _relu(rng: random.Random, b: GraphBuilder, x: Value) -> Op:
    return Relu()


def _sqrt(rng: random.Random, b: GraphBuilder, x: Value) -> Op:
    room = 52 - max(x.type.interval.high, 0).bit_length()
    return Sqrt(2 * rng.randint(0, max(0, room // 2)) + x.type.fraction_bits % 2)


ELEMENTWISE = {
    AddConstant: _add, Cast: _cast, Clip: _clip, DivideConstant: _divide,
    MultiplyConstant: _multiply, PRelu: _prelu, Relu: _relu, Sqrt: _sqrt,
}  # fmt: skip


def _one(kind: type[Op]) -> Make:
    def make(rng: random.Random, b: GraphBuilder) -> Value:
        x = wide_input(rng, b, most=52 if kind is Sqrt else 63)
        return b.add(ELEMENTWISE[kind](rng, b, x), x)

    return make


def _chain(rng: random.Random, b: GraphBuilder) -> Value:
    """Any three in one map."""
    x = wide_input(rng, b)
    for kind in rng.choices(list(ELEMENTWISE), k=3):
        x = b.add(ELEMENTWISE[kind](rng, b, x), x)
    return x


def _few(
    rng: random.Random,
    b: GraphBuilder,
    count: int,
    shape: tuple[int, ...] = (2,),
    fraction_bits: int | None = None,
) -> Value:
    """An operand of few integers, which lie far from zero more often than not."""
    dtype = wide_type(rng, fraction_bits=fraction_bits)
    x = b.input(shape, Cast(dtype.fraction_bits, dtype, Rounding.TRN, Overflow.SAT))
    low = near(rng, rng.choice([dtype.min_int, dtype.max_int - count, 0, 1 << 33]), dtype.interval)
    low = min(low, dtype.max_int - count + 1)
    return b.add(Clip(low, low + count - 1), x)


def _lookup(rng: random.Random, b: GraphBuilder) -> Value:
    dtype = FixedPointType(rng.randint(2, 12), 0, rng.random() < 0.6)
    x = b.input((2,), Cast(0, dtype, Rounding.TRN, Overflow.SAT))
    if dtype.wordlength > 4:
        low = near(rng, 0, Interval(dtype.min_int, dtype.max_int - 6))
        x = b.add(Clip(low, low + 6), x)
    span = x.type.interval.high - x.type.interval.low
    table = constants(rng, (span + 3,), wide_type(rng))
    return b.add(Lookup(table, x.type.interval.low - 1), x)


def _embedding(rng: random.Random, b: GraphBuilder) -> Value:
    x = b.input((2,), Cast(0, FixedPointType(2, 0, signed=False)))
    return b.add(Embedding(constants(rng, (4, 2), wide_type(rng))), x)


def _argmax(rng: random.Random, b: GraphBuilder) -> Value:
    return b.add(ArgMax(), wide_input(rng, b, (5,)))


def _maxpool(rng: random.Random, b: GraphBuilder) -> Value:
    padded = rng.random() < 0.4
    x = wide_input(rng, b, (2, 2, 3), low=0 if padded else None)
    return b.add(
        MaxPool2d((2, 2), (1, 1), (1, 0) if padded and x.type.interval.low >= 0 else (0, 0)), x
    )


def _global_max(rng: random.Random, b: GraphBuilder) -> Value:
    return b.add(GlobalMax(), wide_input(rng, b, (2, 2, 2)))


def _softmax(rng: random.Random, b: GraphBuilder) -> Value:
    exponentials = FixedPointArray(np.array([64, 40, 21, 9, 4, 0]), FixedPointType(7, 6, False))
    reciprocals = FixedPointArray(np.array([63, 51, 41, 33]), FixedPointType(6, 6, False))
    return b.add(Softmax(exponentials, reciprocals), _few(rng, b, 6, (4,)))


def _pair(
    rng: random.Random,
    b: GraphBuilder,
    most: tuple[int, int],
    shapes: tuple[tuple[int, ...], ...] = ((2,), (2,)),
) -> tuple[Value, Value]:
    point = rng.choice([0, rng.randint(-3, 40)])
    first, second = (
        wide_input(rng, b, shape, most=bits, fraction_bits=point)
        for shape, bits in zip(shapes, most, strict=True)
    )
    return first, second


def _of_two(kind: type[Op]) -> Make:
    def make(rng: random.Random, b: GraphBuilder) -> Value:
        return b.add(kind(), *_pair(rng, b, (62, 62)))

    return make


def _product(rng: random.Random, b: GraphBuilder) -> Value:
    x = wide_input(rng, b, most=rng.choice([31, 40, 50]))
    room = max(1, 63 - x.dtype.wordlength)
    dtype = FixedPointType(rng.randint(1, min(room, 63)), 3, rng.random() < 0.6)
    y = b.input((2,), Cast(3, dtype, Rounding.TRN, Overflow.SAT))
    return b.add(Multiply(), *((x, y) if rng.random() < 0.5 else (y, x)))


def _concat(rng: random.Random, b: GraphBuilder) -> Value:
    return b.add(Concat(), *_pair(rng, b, (62, 62), ((2,), (4,))))


def _matmul(rng: random.Random, b: GraphBuilder) -> Value:
    x = wide_input(rng, b, (3,), most=rng.choice([31, 32, 40, 55]))
    weight = FixedPointType(rng.randint(1, max(1, 60 - x.dtype.wordlength)), 2, rng.random() < 0.7)
    return b.add(Matmul(constants(rng, (3, 2), weight)), x)


def _conv(rng: random.Random, b: GraphBuilder) -> Value:
    x = wide_input(rng, b, (1, 2, 3), most=rng.choice([31, 32, 40, 55]))
    weight = FixedPointType(rng.randint(1, max(1, 60 - x.dtype.wordlength)), 2, rng.random() < 0.7)
    return b.add(Conv2d(constants(rng, (2, 1, 2, 2), weight), padding=(1, 0)), x)


def _moved(rng: random.Random, b: GraphBuilder) -> Value:
    """Through everything that only moves elements."""
    x = b.add(Upsample((1, 2)), wide_input(rng, b, (1, 2, 2)))
    x = b.add(Pad((1, 0), (0, 1)), x)
    return b.add(Reshape((15,)), b.add(Transpose((1, 2, 0)), x))


MAKERS: dict[str, Make] = {
    **{kind.name: _one(kind) for kind in ELEMENTWISE},
    "chain": _chain,
    "lookup": _lookup,
    "embedding": _embedding,
    "argmax": _argmax,
    "globalmax": _global_max,
    "maxpool2d": _maxpool,
    "softmax": _softmax,
    **{kind.name: _of_two(kind) for kind in (Add, Maximum, Minimum, Subtract)},
    "product": _product,
    "concat": _concat,
    "matmul": _matmul,
    "conv2d": _conv,
    "moved": _moved,
}


def wide_graph(name: str, kind: str, seed: int) -> Graph:
    """The graph of that seed; what would exceed 63 bits is drawn again."""
    rng = random.Random(f"{kind} {seed}")
    while True:
        builder = GraphBuilder(name)
        try:
            return builder.build(MAKERS[kind](rng, builder))
        except (FixedPointError, OpError):
            continue
