"""Maps of one or a few element-wise ops, for formulas to be fitted to."""

from collections.abc import Callable, Iterator

import numpy as np

from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding, count_digits
from qfx.hardware import Map, Stage, Step, Stream
from qfx.ir import GraphBuilder, Value
from qfx.ops import (
    AddConstant,
    Clip,
    ConstantOp,
    DivideConstant,
    Lookup,
    MultiplyConstant,
    PRelu,
    Relu,
    Sqrt,
)
from qfx.ops import Cast as CastOp

Make = Callable[[GraphBuilder, Value, tuple[int, int]], Value]  # given beats and lanes of a period


def cast(bits: int, fraction: int, rounding: str = "RND", overflow: str = "SAT") -> Make:
    modes = Rounding[rounding], Overflow[overflow]
    return lambda builder, x, period: builder.cast(x, FixedPointType(bits, fraction), *modes)


def by(op: type[ConstantOp], bits: int, fraction: int = 0, digits: int = 8) -> Make:
    """By random constants, each element of a period its own."""

    def make(builder: GraphBuilder, x: Value, period: tuple[int, int]) -> Value:
        values = np.arange(-(2 ** (bits - 1)), 2 ** (bits - 1))
        values = values[(count_digits(values) <= digits) & (values != 0)]
        integers = np.random.default_rng(bits).choice(values, period).reshape(-1)
        constant = np.resize(integers, x.type.shape)
        return builder.add(op(FixedPointArray(constant, FixedPointType(bits, fraction))), x)

    return make


def table(bits: int) -> Make:
    """A hyperbolic tangent."""

    def make(builder: GraphBuilder, x: Value, period: tuple[int, int]) -> Value:
        met = x.type.interval
        places = np.linspace(-4, 4, met.high - met.low + 1)
        integers = np.round((2 ** (bits - 1) - 1) * np.tanh(places)).astype(int)
        return builder.add(Lookup(FixedPointArray(integers, FixedPointType(bits, 0)), met.low), x)

    return make


def relu(builder: GraphBuilder, x: Value, period: tuple[int, int]) -> Value:
    return builder.add(Relu(), x)


def clip(low: int, high: int) -> Make:
    return lambda builder, x, period: builder.add(Clip(low, high), x)


def root(builder: GraphBuilder, x: Value, period: tuple[int, int]) -> Value:
    return builder.add(Sqrt(0), x)


def a_map(
    words: str,
    bits: int,
    makes: list[Make],
    period: tuple[int, int],
    multiplier: str | None = None,
    signed: bool = True,
) -> tuple[str, Stage]:
    """Of an operand of so many bits."""
    elements, lanes = 2 * period[0] * period[1], period[1]
    builder = GraphBuilder("net")
    dtype = FixedPointType(bits, 0, signed)
    x = builder.input((elements,), CastOp(0, dtype))
    for make in makes:
        x = make(builder, x, period)
    nodes = builder.build(x).nodes
    steps = tuple(Step(node.op, node.inputs[0].type, node.output) for node in nodes)
    entering, leaving = Stream("a", dtype, elements, lanes), Stream("b", x.dtype, elements, lanes)
    full = f"{words}: {bits} bits, {lanes} lanes, {period[0]} beats" + f", {multiplier}" * bool(
        multiplier
    )
    return full, Map("stage", "", entering, leaving, steps, period[0], multiplier)


def maps() -> Iterator[tuple[str, Stage]]:
    for modes in (
        ("TRN", "WRAP"),
        ("RND", "SAT"),
        ("TRN", "SAT"),
        ("RND_CONV", "SAT"),
        ("RND", "SAT_ZERO"),
    ):
        yield a_map(f"cast to 6 bits, {' '.join(modes)}", 14, [cast(6, -4, *modes)], (1, 4))
    for bits, to, drop in ((20, 8, 6), (12, 4, 4), (18, 8, 4), (10, 8, 1), (24, 12, 8)):
        yield a_map(f"cast to {to} bits, {drop} dropped", bits, [cast(to, -drop)], (1, 2))
    yield a_map("relu", 8, [relu], (1, 4))
    for bits, to in ((16, 6), (12, 4)):
        yield a_map(f"relu, cast to {to} bits", bits, [relu, cast(to, -5)], (1, 4))
    for period in ((1, 4), (2, 4), (8, 4), (16, 1), (64, 1), (128, 2), (300, 1)):
        yield a_map("add, cast", 14, [by(AddConstant, 10), cast(6, -5)], period)
    for kind in ("lut", "shift_add", "dsp"):
        for period in ((1, 4), (4, 4), (16, 2), (64, 1)):
            yield a_map("multiply, cast", 8, [by(MultiplyConstant, 8), cast(8, -6)], period, kind)
        for digits in (1, 2):
            step = by(MultiplyConstant, 8, 0, digits)
            yield a_map(f"multiply, {digits} digits", 8, [step], (8, 4), kind)
        norm = [by(MultiplyConstant, 8), by(AddConstant, 16), cast(6, -9)]
        yield a_map("batch normalization", 14, norm, (1, 4), kind)
        yield a_map("batch normalization", 14, norm, (16, 4), kind)
        yield a_map("batch normalization", 14, norm, (128, 4), kind)
        for period in ((1, 2), (8, 2)):
            yield a_map("prelu, cast", 8, [by(PRelu, 6, 5), cast(8, 3)], period, kind)
    for bits, to in ((6, 6), (8, 8), (9, 6), (10, 10)):
        yield a_map(f"table of {to} bits", bits, [table(to)], (1, 2))
    yield a_map("cast, table", 14, [cast(8, -5), table(6)], (1, 2))
    yield a_map("clip", 10, [clip(-20, 100)], (1, 4))
    yield a_map("divide", 8, [by(DivideConstant, 6)], (1, 1))
    yield a_map("divide", 12, [by(DivideConstant, 8)], (4, 1))
    yield a_map("root", 12, [root], (1, 1), signed=False)
