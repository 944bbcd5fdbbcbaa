"""Stimuli stand on both sides of every comparison, next to it, and where an output shows it; what
they miss is said.
"""

from dataclasses import replace

import numpy as np
import pytest

from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.ir import Graph, GraphBuilder
from qfx.ops import (
    ArgMax,
    Cast,
    Clip,
    Embedding,
    GlobalMax,
    Lookup,
    Matmul,
    MaxPool2d,
    Op,
    PRelu,
    Relu,
    Softmax,
)
from qfx.simulation.stimuli import vectors
from qfx.simulation.stimuli.comparisons import parameters, sides

BYTE = FixedPointType(8, 0)


def graph_of(*ops: Op, shape: tuple[int, ...] = (6,), wordlength: int = 8) -> Graph:
    builder = GraphBuilder("net")
    dtype = FixedPointType(wordlength, 0)
    y = builder.input(shape, Cast(0, dtype, Rounding.RND, Overflow.SAT))
    for op in ops:
        y = builder.add(op, y)
    return builder.build(y)


def cast(wordlength: int, fraction_bits: int, rounding: Rounding = Rounding.RND) -> Cast:
    return Cast(0, FixedPointType(wordlength, fraction_bits), rounding, Overflow.SAT)


CASES = {
    "relu": (Relu(), (6,), {"negative", "positive"}),
    "prelu": (
        PRelu(FixedPointArray(np.array([3] * 6), FixedPointType(4, 2))),
        (6,),
        {"negative", "positive"},
    ),
    "clip": (
        Clip(-20, 30),
        (6,),
        {
            "above 30", "just above 30", "just below 30",
            "below -20", "just below -20", "just above -20",
        },
    ),
    "cast": (
        cast(5, -2),
        (6,),
        {
            "above 15", "just above 15", "just below 15", "below -16", "just below -16",
            "just above -16", "a half, positive", "a half, negative",
        },
    ),
    "truncation": (
        cast(5, 0, Rounding.TRN),
        (6,),
        {
            "above 15", "just above 15", "just below 15",
            "below -16", "just below -16", "just above -16",
        },
    ),
    "maxpool2d": (
        MaxPool2d((2, 2), (2, 2)),
        (1, 4, 4),
        {f"tap {n} the largest" for n in range(4)},
    ),
    "globalmax": (
        GlobalMax(),
        (1, 2, 2),
        {f"pixel {n} the largest" for n in range(4)},
    ),
    "globalmax of many": (
        GlobalMax(),
        (1, 3, 6),
        {f"pixel {n} the largest" for n in (0, 1, 17)},
    ),
    "argmax": (
        ArgMax(),
        (4,),
        {*(f"{n} the largest" for n in range(4)), "two the largest"},
    ),
    "softmax": (
        Softmax(
            FixedPointArray(np.r_[16, 12, 9, 7 : -1 : -1, [0] * 250], FixedPointType(7, 4)),
            FixedPointArray(np.array([15, 12, 10, 8]), FixedPointType(5, 4)),
        ),
        (4,),
        {f"{n} the largest" for n in range(4)},
    ),
    "lookup": (
        Lookup(FixedPointArray(np.arange(256) // 2, BYTE), -128),
        (6,),
        {"lowest", "highest"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_every_comparison_has_its_sides(name: str) -> None:
    op, shape, wanted = CASES[name]
    assert {side.name for side in sides(graph_of(op, shape=shape))} == wanted


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_on_a_side_is_wrong_there_alone(name: str) -> None:
    op, shape, _ = CASES[name]
    x = np.random.default_rng(0).integers(-128, 128, (3000, *shape))
    right = op.evaluate(x)
    for side in sides(graph_of(op, shape=shape)):
        there = side.short(x) == 0
        differs = (side.wrong(x) != right).reshape(len(x), -1).any(axis=1)
        assert there.any(), side.name
        if name != "argmax":  # which the first of equal ones wins, too
            assert not differs[~there].any(), side.name
        assert differs[there].any(), side.name


@pytest.mark.parametrize("name", CASES)
def test_small_operands_leave_nothing_missed(name: str) -> None:
    op, shape, _ = CASES[name]
    stimuli = vectors.make(graph_of(op, shape=shape), None, 0)
    assert stimuli.missed == {}


@pytest.mark.parametrize("overflow", [Overflow.WRAP, Overflow.SAT_ZERO])
def test_a_half_rounded_the_other_way_overflows_as_the_cast_does(overflow: Overflow) -> None:
    op = Cast(0, FixedPointType(4, -1), Rounding.RND, overflow)
    x = np.arange(-128, 128)[:, None]
    for side in sides(graph_of(op, shape=(1,))):
        if side.name.startswith("a half"):
            there = side.short(x) == 0
            other = replace(op, rounding=Rounding.RND_MIN_INF).evaluate(x)
            np.testing.assert_array_equal(side.wrong(x)[there], other[there])


def test_what_random_integers_miss_is_looked_for() -> None:
    """One of 65,536 integers is just beyond each bound."""
    graph = graph_of(Clip(-31_234, 29_876), shape=(2,), wordlength=16)
    stimuli = vectors.make(graph, None, 0)
    assert stimuli.missed == {}
    (x,) = stimuli.inputs
    assert {29_875, 29_877, -31_233, -31_235} <= set(x.reshape(-1).tolist())
    found = stimuli.counts["reaching comparisons"]
    assert 0 < found <= 4
    assert list(stimuli.counts)[-1] == "reaching comparisons"
    assert vectors.make(graph, None, 0, drive_casts=0).missed


def test_what_no_input_can_reach_is_said() -> None:
    """Twice an integer is never 31."""
    stimuli = vectors.make(graph_of(cast(9, 1), Clip(-200, 30), shape=(2,)), None, 0)
    (missed,) = stimuli.missed.values()
    assert missed == [
        "just above 30", "just below 30", "just below -200", "just above -200",
    ]  # fmt: skip


def test_what_no_output_shows_is_said() -> None:
    """A cast that has no negative numbers does what the ReLU before it did."""
    unsigned = Cast(0, FixedPointType(6, 0, signed=False), Rounding.RND, Overflow.SAT)
    graph = graph_of(Clip(-50, 100), Clip(0, 10), unsigned)
    stimuli = vectors.make(graph, None, 0)
    first = next(iter(stimuli.missed.values()))
    assert "above 100 (no output shows it)" in first
    assert "below -50 (no output shows it)" in first


TEN = FixedPointArray(np.arange(11)[::-1].copy(), FixedPointType(8, 0, signed=False))
TABLES = {
    "lookup": Lookup(TEN, 0),
    "embedding": Embedding(TEN.reshape((11, 1))),
    "softmax": CASES["softmax"][0],
}


@pytest.mark.parametrize("name", TABLES)
def test_what_a_wrong_bound_lets_pass_has_no_place_in_a_table(name: str) -> None:
    graph = graph_of(Clip(0, 4), TABLES[name], shape=(3,))
    missed = vectors.make(graph, None, 0).missed
    assert "above 4 (no output shows it)" in next(iter(missed.values()))


@pytest.mark.parametrize("signed", [True, False])
def test_the_last_bit_of_a_weight_of_one_bit(signed: bool) -> None:
    dtype = FixedPointType(1, 0, signed=signed)
    weights = FixedPointArray(np.array([[dtype.min_int], [dtype.max_int]]), dtype)
    found = parameters(graph_of(Matmul(weights), shape=(2,)))
    x = np.array([[3, 5]])
    right = x @ weights.integers
    moved = [int((side.wrong(x) - right).item()) for side in found]
    assert moved == [3, -5]  # each its own other integer
