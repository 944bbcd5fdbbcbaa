"""One entry per op: what it is tested with, and its meaning a second time, in exact rationals."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, trunc

import numpy as np

from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.ir import GraphBuilder, Value
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

_0 = Fraction(0)
ENTRY = FixedPointType(5, 2)


Operands = Callable[[GraphBuilder, Value], tuple[Value, ...]]


def _alone(builder: GraphBuilder, x: Value) -> tuple[Value, ...]:
    return (x,)


@dataclass(frozen=True)
class OpCase:
    """An op on an operand, or on several that come from one input.

    Args:
        op: the op.
        shape: of the input.
        meaning: from the input's values, nested lists of Fractions, to the result's.
        entry: the input's type.
        operands: what the op reads; the input alone, unless it takes several.
    """

    op: Op
    shape: tuple[int, ...]
    meaning: Callable[[list[Fraction]], list[Fraction]]
    entry: FixedPointType = ENTRY
    operands: Operands = _alone


def _with_another(builder: GraphBuilder, x: Value) -> tuple[Value, ...]:
    """The input, and a constant added to it, each channel its own."""
    constant = FixedPointArray(_CONSTANT[: x.type.shape[0]], FixedPointType(5, 2))
    fitting = constant.reshape((-1, *[1] * (len(x.type.shape) - 1)))
    return x, builder.add(AddConstant(fitting), x)


def _another(x: list[Fraction], channels: int = 3) -> list[Fraction]:
    """The values of the second operand."""
    size = len(x) // channels
    return [v + Fraction(int(_CONSTANT[i // size]), 4) for i, v in enumerate(x)]


_WEIGHT = np.array([[3, -5, 0], [-7, 1, 2], [4, 4, -8], [1, -1, 6]])
_ROWS = np.array([[3, -5, 0], [-16, 1, 2], [4, 4, -8], [1, -1, 6], [15, 15, 15]])  # one too many
_CONSTANT = np.array([5, -9, 0])
_SQUARES = np.arange(-16, 16) ** 2
_DIVISOR = np.array([3, -5, 1, -8])


def _product(x: list[Fraction]) -> list[Fraction]:
    weight = [[Fraction(int(w), 8) for w in row] for row in _WEIGHT]
    return [sum((x[i] * weight[i][j] for i in range(4)), Fraction(0)) for j in range(3)]


_KERNEL = np.arange(-8, 8).reshape(4, 1, 2, 2)


def _convolution(x: list[Fraction]) -> list[Fraction]:
    """Two groups of one channel each, two outputs a group, stride (2, 1), a zero row around, a
    column between the taps.
    """
    places = [(c, row, column) for c in range(2) for row in range(3) for column in range(4)]
    image = dict(zip(places, x, strict=True))
    result = []
    for output in range(4):
        for row in range(2):
            for column in range(2):
                terms = (
                    image.get((output // 2, 2 * row - 1 + i, column + 2 * j), Fraction(0))
                    * Fraction(int(_KERNEL[output, 0, i, j]), 8)
                    for i in range(2)
                    for j in range(2)
                )
                result.append(sum(terms, Fraction(0)))
    return result


def _round_half_up_and_clip(x: list[Fraction]) -> list[Fraction]:
    nearest = [(2 * value + 1) // 2 for value in x]  # floor(value + 1/2)
    return [Fraction(max(-4, min(3, value))) for value in nearest]


def _root_in_eighths(x: list[Fraction]) -> list[Fraction]:
    """The largest multiple of 1/8 whose square is not above x; 0 for a negative x."""
    return [Fraction(isqrt(max(0, int(v * 64))), 8) for v in x]


_EXPONENTIALS = [16 - k // 2 for k in range(32)]  # whatever they are, they are the meaning
_RECIPROCALS = [63, 51, 41, 33]


def _by_tables(x: list[Fraction]) -> list[Fraction]:
    """Every step in rationals: exponentials in sixteenths, sums brought below 2 by halving."""
    each = [Fraction(_EXPONENTIALS[int(4 * (max(x) - value))], 16) for value in x]
    total, factor = sum(each, Fraction(0)), 1
    while total >= 2 * factor:
        factor *= 2
    reciprocal = _RECIPROCALS[int(4 * (total / factor - 1))] // factor
    return [value * Fraction(reciprocal, 64) for value in each]


CASES: dict[type[Op], OpCase] = {
    Add: OpCase(
        Add(),
        (3,),
        lambda x: [a + b for a, b in zip(x, _another(x), strict=True)],
        operands=_with_another,
    ),
    Subtract: OpCase(
        Subtract(),
        (3,),
        lambda x: [a - b for a, b in zip(x, _another(x), strict=True)],
        operands=_with_another,
    ),
    Maximum: OpCase(
        Maximum(),
        (3,),
        lambda x: [max(a, b) for a, b in zip(x, _another(x), strict=True)],
        operands=_with_another,
    ),
    Minimum: OpCase(
        Minimum(),
        (3,),
        lambda x: [min(a, b) for a, b in zip(x, _another(x), strict=True)],
        operands=_with_another,
    ),
    AddConstant: OpCase(
        AddConstant(FixedPointArray(_CONSTANT, FixedPointType(5, 2))),
        (3,),
        lambda x: [v + Fraction(int(c), 4) for v, c in zip(x, _CONSTANT, strict=True)],
    ),
    ArgMax: OpCase(ArgMax(), (5,), lambda x: [Fraction(x.index(max(x)))]),
    Cast: OpCase(
        Cast(2, FixedPointType(3, 0), Rounding.RND, Overflow.SAT), (3,), _round_half_up_and_clip
    ),
    Clip: OpCase(
        Clip(-5, 9), (3,), lambda x: [max(Fraction(-5, 4), min(Fraction(9, 4), v)) for v in x]
    ),
    Concat: OpCase(
        Concat(), (2, 1, 3), lambda x: x + _another(x, channels=2), operands=_with_another
    ),
    Conv2d: OpCase(
        Conv2d(FixedPointArray(_KERNEL, FixedPointType(4, 3)), (2, 1), (1, 0), 2, (1, 2)),
        (2, 3, 4),
        _convolution,
    ),
    Lookup: OpCase(
        Lookup(FixedPointArray(_SQUARES, FixedPointType(10, 4, signed=False)), -16),
        (3,),
        lambda x: [v * v for v in x],
    ),
    Embedding: OpCase(
        Embedding(FixedPointArray(_ROWS, FixedPointType(5, 3))),
        (4,),
        lambda x: [Fraction(int(w), 8) for row in x for w in _ROWS[int(row)]],
        FixedPointType(2, 0, signed=False),
    ),
    DivideConstant: OpCase(
        DivideConstant(FixedPointArray(_DIVISOR, FixedPointType(4, 1))),
        (4,),
        lambda x: [
            Fraction(trunc(v / Fraction(int(d), 2) * 4), 4)
            for v, d in zip(x, _DIVISOR, strict=True)
        ],
    ),
    GlobalMax: OpCase(GlobalMax(), (2, 2, 3), lambda x: [max(x[:6]), max(x[6:])]),
    MaxPool2d: OpCase(
        MaxPool2d((2, 3), (1, 3)),
        (1, 3, 3),
        lambda x: [max(x[0:6]), max(x[3:9])],
    ),
    Multiply: OpCase(
        Multiply(),
        (3, 2, 1),
        lambda x: [a * b for a, b in zip(x, _another(x), strict=True)],
        operands=_with_another,
    ),
    MultiplyConstant: OpCase(
        MultiplyConstant(FixedPointArray(_CONSTANT, FixedPointType(5, 3))),
        (3,),
        lambda x: [v * Fraction(int(c), 8) for v, c in zip(x, _CONSTANT, strict=True)],
    ),
    Matmul: OpCase(Matmul(FixedPointArray(_WEIGHT, FixedPointType(4, 3))), (4,), _product),
    PRelu: OpCase(
        PRelu(FixedPointArray(_CONSTANT, FixedPointType(5, 3))),
        (3,),
        lambda x: [
            v if v >= 0 else v * Fraction(int(c), 8) for v, c in zip(x, _CONSTANT, strict=True)
        ],
    ),
    Pad: OpCase(
        Pad((1, 0), (0, 2)),
        (2, 2, 1),
        lambda x: [v for a, b in (x[:2], x[2:]) for v in [_0] * 3 + [a, _0, _0, b, _0, _0]],
    ),
    Relu: OpCase(Relu(), (3,), lambda x: [max(v, Fraction(0)) for v in x]),
    Reshape: OpCase(Reshape((4,)), (2, 2), lambda x: x),
    Transpose: OpCase(
        Transpose((2, 0, 1)),
        (2, 3, 2),
        lambda x: [x[6 * i + 2 * j + k] for k in range(2) for i in range(2) for j in range(3)],
    ),
    Sqrt: OpCase(Sqrt(4), (5,), _root_in_eighths),
    Upsample: OpCase(
        Upsample((2, 3)),
        (2, 1, 2),
        lambda x: ([x[0]] * 3 + [x[1]] * 3) * 2 + ([x[2]] * 3 + [x[3]] * 3) * 2,
    ),
    Softmax: OpCase(
        Softmax(
            FixedPointArray(np.array(_EXPONENTIALS), FixedPointType(5, 4, signed=False)),
            FixedPointArray(np.array(_RECIPROCALS), FixedPointType(6, 6, signed=False)),
        ),
        (5,),
        _by_tables,
    ),
}
