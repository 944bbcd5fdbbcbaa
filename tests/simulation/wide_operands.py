"""Operands of 31 to 63 bits: types, intervals, constants and samples, often beside their ends."""

from __future__ import annotations

import random

import numpy as np

from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval, Overflow, Rounding
from qfx.fixedpoint.array import Integers
from qfx.ir import Graph, GraphBuilder, Value
from qfx.ops import Cast, Clip

EDGES = (31, 32, 33, 62, 63)  # beside the words that a C compiler computes in


def wide_type(
    rng: random.Random, most: int = 63, fraction_bits: int | None = None
) -> FixedPointType:
    """A type of 31 bits or more."""
    bits = min(most, rng.choice([*EDGES, rng.randint(31, 63), rng.randint(31, 63)]))
    point = rng.choice([0, 0, rng.randint(-4, 70)]) if fraction_bits is None else fraction_bits
    return FixedPointType(bits, point, rng.random() < 0.6)


def near(rng: random.Random, value: int, within: Interval) -> int:
    """An integer of the interval, often one beside `value`."""
    found = rng.choice(
        [value + rng.randint(-2, 2), value - 1, rng.randint(within.low, within.high)]
    )
    return min(max(found, within.low), within.high)


def part_of(rng: random.Random, whole: Interval) -> Interval:
    """An interval inside, often from end to end, to zero, or on one side of it."""
    marks = [whole.low, whole.high, 0, 1, -1, 1 << 31, 1 << 32, -(1 << 31), -(1 << 32)]
    ends = sorted(near(rng, rng.choice(marks), whole) for _ in range(2))
    return Interval(*ends)


def wide_input(
    rng: random.Random,
    builder: GraphBuilder,
    shape: tuple[int, ...] = (2,),
    *,
    most: int = 63,
    fraction_bits: int | None = None,
    low: int | None = None,
) -> Value:
    """An input of a wide type, which a clip holds to a part of it more often than not."""
    dtype = wide_type(rng, most, fraction_bits)
    x = builder.input(shape, Cast(dtype.fraction_bits, dtype, Rounding.TRN, Overflow.SAT))
    if rng.random() < 0.6 or low is not None:
        held = part_of(rng, dtype.interval)
        if low is not None:
            held = held.clip(low)
        if held.low < held.high:
            x = builder.add(Clip(held.low, held.high), x)
    return x


def constants(
    rng: random.Random, shape: tuple[int, ...], dtype: FixedPointType, *, zeros: bool = True
) -> FixedPointArray:
    """Any integers of a type, its ends among them."""
    whole = dtype.interval
    drawn = [
        near(rng, rng.choice([whole.low, whole.high, 0]), whole)
        for _ in range(np.prod(shape, dtype=int))
    ]
    integers = np.array(drawn, np.int64).reshape(shape)
    return FixedPointArray(integers if zeros else np.where(integers == 0, 1, integers), dtype)


def wide_samples(graph: Graph, count: int, seed: int) -> tuple[Integers, ...]:
    """Of each input: what lies beside ends, powers of two and what ops compare with."""
    rng = random.Random(seed)
    marks = {0, *(sign << k for k in range(63) for sign in (1, -1))}
    for node in graph.nodes:
        marks |= {node.output.type.interval.low, node.output.type.interval.high}
        if isinstance(node.op, Clip):
            marks |= {node.op.low, node.op.high}
    found = []
    for entry in graph.inputs:
        whole = entry.cast.dtype.interval
        places = [*marks, *[whole.low, whole.high] * 20]
        drawn = [
            near(rng, rng.choice(places), whole) for _ in range(count * int(np.prod(entry.shape)))
        ]
        found.append(np.array(drawn, np.int64).reshape(count, *entry.shape))
    return tuple(found)
