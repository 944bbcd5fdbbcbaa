"""Who says that a design fits, designs that are made although they do not, and wired weights."""

import numpy as np
import pytest

from qfx import boards
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.hardware import Contract, schedule
from qfx.hardware.schedule import ScheduleError
from qfx.hardware.shortage import Judge, short
from qfx.hardware.stream import Stream
from qfx.hardware.weights import Weights
from qfx.ir import Graph, GraphBuilder
from qfx.ops import Cast, Matmul

ULTRA96 = boards.load("ultra96")
SMALL = ULTRA96.model_copy(
    update={"name": "small", "resources": ULTRA96.resources.model_copy(update={"luts": 1_500})}
)


def matrix(inputs: int, outputs: int) -> Graph:
    builder = GraphBuilder("net")
    x = builder.input((inputs,), Cast(0, FixedPointType(4, 0)))
    weight = np.random.default_rng(0).integers(-8, 8, (inputs, outputs))
    return builder.build(builder.add(Matmul(FixedPointArray(weight, FixedPointType(4, 0))), x))


def test_a_goal_out_of_budget_is_made_when_forced() -> None:
    graph = matrix(32, 32)
    with pytest.raises(ScheduleError, match=r"exceed the .* in the budget of small"):
        schedule(graph, SMALL, goal_ii=8)
    design = schedule(graph, SMALL, goal_ii=8, force=True)
    assert design.initiation_interval <= 8
    assert short(design.resources(), SMALL) == ["luts"]
    assert design.goal.startswith("at most 8 cycles a frame, although ")
    assert "luts (estimate) exceed the" in design.goal
    within = schedule(graph, ULTRA96, goal_ii=8, force=True)
    assert within.goal == schedule(graph, ULTRA96, goal_ii=8).goal


def test_without_a_goal_the_slowest_design_is_forced() -> None:
    graph = matrix(32, 32)
    tiny = SMALL.model_copy(
        update={"resources": SMALL.resources.model_copy(update={"luts": 100})},
    )
    with pytest.raises(ScheduleError, match="even the slowest design is too large"):
        schedule(graph, tiny)
    assert schedule(graph, tiny, force=True).initiation_interval == 32 * 32


def test_what_no_width_allows_is_not_forced() -> None:
    with pytest.raises(ScheduleError, match="dma_width_bits of its board file"):
        schedule(matrix(256, 4), ULTRA96, goal_ii=3, force=True)


def test_another_judge_decides() -> None:
    graph, asked = matrix(32, 32), []

    def lacks(design: object) -> str:
        asked.append(design)
        return "" if len(asked) > 1 else "too little of it"

    with pytest.raises(ScheduleError, match="too little of it; what would fit"):
        schedule(graph, SMALL, goal_ii=8, judge=Judge(lacks))
    asked.append(None)
    assert schedule(graph, SMALL, goal_ii=8, judge=Judge(lacks)).initiation_interval <= 8
    assert len(asked) == len({id(each) for each in asked})  # none is judged twice


def test_a_goal_that_the_ports_bound_says_so() -> None:
    narrow = ULTRA96.model_copy(update={"dma_width_bits": 32})
    builder = GraphBuilder("net")
    x = builder.input((64,), Cast(0, FixedPointType(8, 0)))
    weight = FixedPointArray(np.ones((64, 1), int), FixedPointType(2, 0))
    graph = builder.build(builder.add(Matmul(weight), x))
    design = schedule(graph, narrow)
    assert design.initiation_interval == 16
    assert design.goal.endswith("bound by port s_axis (32 bits, 4 elements a beat): dma_width_bits")


# LUTs that Yosys 0.23 built for xcup: bits of operand and weight, pe, simd, multiplier, digits
UNROLLED = {
    (6, 6, 4, 8, "lut", 8): 491,
    (6, 6, 2, 16, "lut", 8): 580,
    (8, 8, 2, 8, "lut", 8): 459,
    (4, 4, 4, 8, "lut", 8): 224,
    (8, 4, 2, 8, "lut", 8): 233,
    (6, 6, 4, 1, "lut", 8): 42,
    (6, 6, 1, 32, "lut", 8): 718,
    (4, 6, 4, 8, "lut", 8): 369,
    (6, 6, 8, 16, "lut", 8): 2075,
    (6, 3, 4, 8, "lut", 8): 268,
    (6, 6, 4, 8, "shift_add", 8): 776,
    (6, 6, 4, 8, "shift_add", 2): 485,
}


@pytest.mark.parametrize("size", UNROLLED)
def test_weights_of_wires_are_estimated_as_such(size: tuple) -> None:
    """The stages of benchmarks/stage_grid.py."""
    x, w, pe, simd, multiplier, digits = size
    rng, values = np.random.default_rng(0), np.arange(-(2 ** (w - 1)), 2 ** (w - 1))
    counts = np.array([_digits(abs(int(value))) for value in values])
    weights = rng.choice(values[counts <= digits], (1, simd, pe))
    reach = int(np.abs(weights).sum(1).max()) * (2**x - 1)
    stage = Contract(
        "stage",
        "",
        Stream("a", FixedPointType(x, 0, signed=False), simd, simd),
        Stream("b", FixedPointType(reach.bit_length() + 1, 0), pe, pe),
        Weights(FixedPointArray(weights, FixedPointType(w, 0))),
        1,
        multiplier,
    )
    assert abs(stage.estimate().luts / UNROLLED[size] - 1) < 0.25


def _digits(value: int) -> int:
    """Nonzero digits of the shortest signed form."""
    count = 0
    while value:
        if value % 2:
            count, value = count + 1, value - (1 if value % 4 == 1 else -1)
        value //= 2
    return count
