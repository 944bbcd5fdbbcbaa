"""What products are built of: as asked, and for "auto" what takes the least of the board."""

import numpy as np
import pytest

from qfx import boards
from qfx.boards import Board, Resources
from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.hardware import Contract, Design, ScheduleError, SoftmaxStage, schedule
from qfx.hardware.layout import lay_out
from qfx.hardware.sections import plan
from qfx.ir import Graph, GraphBuilder
from qfx.ops import Cast, Matmul, Softmax

ULTRA96 = boards.load("ultra96")
POWERS = 1 << np.arange(256).reshape(32, 8) % 7
ANY = np.random.default_rng(0).integers(-128, 128, (32, 8))
THREES = np.where(POWERS > 8, 3, -3)  # two terms, in three bits


def graph_of(weight: np.ndarray, bits: int = 8, softmax: bool = False) -> Graph:
    builder = GraphBuilder("net")
    x = builder.input((weight.shape[0],), Cast(0, FixedPointType(10, 0)))
    x = builder.add(Matmul(FixedPointArray(weight, FixedPointType(bits, 6))), x)
    if softmax:
        x = builder.cast(x, FixedPointType(4, 0), Rounding.RND, Overflow.SAT)
        exponentials = np.round(64 * np.exp(-np.arange(16) / 8)).astype(int)
        reciprocals = np.array([255, 170])
        x = builder.add(
            Softmax(
                FixedPointArray(exponentials, FixedPointType(7, 6, signed=False)),
                FixedPointArray(reciprocals, FixedPointType(8, 8, signed=False)),
            ),
            x,
        )
    return builder.build(x)


def kinds(design: Design) -> list[str]:
    return [s.multiplier for s in design.stages if isinstance(s, (Contract, SoftmaxStage))]


@pytest.mark.parametrize(
    ("asked", "given", "dsps"),
    [("dsp", "dsp", 32), ("lut", "lut", 0), ("none", "shift_add", 0)],
)
def test_as_asked(asked: str, given: str, dsps: int) -> None:
    for weight in (ANY, POWERS, THREES):
        design = schedule(graph_of(weight), ULTRA96, goal_ii=8, multipliers=asked)
        assert kinds(design) == [given]
        assert design.resources().dsps == dsps
        assert [folding.multiplier for folding in design.foldings] == [given]
        assert design.multipliers == asked


def with_budget(luts: int, dsps: int) -> Board:
    has = Resources(luts=luts, flip_flops=50_000, bram_18k=99, dsps=dsps)
    return ULTRA96.model_copy(update={"resources": has})


def test_auto_takes_what_costs_the_least_of_this_board() -> None:
    few_luts, few_dsps = with_budget(9_000, 4_000), with_budget(900_000, 50)
    assert kinds(schedule(graph_of(ANY), few_luts, goal_ii=8)) == ["dsp"]
    assert kinds(schedule(graph_of(ANY), few_dsps, goal_ii=8)) == ["lut"]
    assert kinds(schedule(graph_of(POWERS), ULTRA96, goal_ii=8)) == ["shift_add"]
    assert kinds(schedule(graph_of(THREES, bits=3), ULTRA96, goal_ii=8)) == ["lut"]


def test_auto_spares_what_would_be_short() -> None:
    graph = graph_of(POWERS)  # 32 products of shifts cost less of either board than 32 DSP slices
    roomy, narrow = with_budget(4_000, 40), with_budget(2_500, 40)
    assert kinds(schedule(graph, roomy, goal_ii=8)) == ["shift_add"]
    assert kinds(schedule(graph, narrow, goal_ii=8)) == ["dsp"]
    with pytest.raises(ScheduleError, match="luts"):
        schedule(graph, narrow, goal_ii=8, multipliers="none")


def test_what_a_board_lacks_is_not_free() -> None:
    assert kinds(schedule(graph_of(ANY), with_budget(90_000, 0), goal_ii=8)) == ["lut"]
    with pytest.raises(ScheduleError, match="32 dsps"):
        schedule(graph_of(ANY), with_budget(90_000, 0), goal_ii=8, multipliers="dsp")


@pytest.mark.parametrize("asked", ["auto", "dsp", "lut"])
def test_a_product_of_streams_is_built_as_asked(asked: str) -> None:
    design = schedule(graph_of(ANY, softmax=True), ULTRA96, multipliers=asked)
    assert kinds(design)[1] == ("lut" if asked == "auto" else asked)


def test_a_product_of_streams_cannot_do_without() -> None:
    with pytest.raises(ScheduleError, match="softmax: softmax multiplies two streams"):
        schedule(graph_of(ANY, softmax=True), ULTRA96, multipliers="none")


@pytest.mark.parametrize("word", ["LUT", "", None, ["lut"], 0])
def test_an_unknown_word_is_refused(word: object) -> None:
    with pytest.raises(ScheduleError, match="are unknown: use one of auto, dsp, lut, none"):
        schedule(graph_of(ANY), ULTRA96, multipliers=word)


def test_more_terms_cost_more() -> None:
    """Powers of two less than a multiplier, four digits more; negatives once for all outputs."""
    graphs = [graph_of(weight) for weight in (POWERS, np.where(POWERS > 8, 127, -127), ANY)]
    luts = []
    for graph in graphs:
        (contract,) = (
            stage
            for stage in lay_out(plan(graph, 128, "none"), ULTRA96, [(8, 4)], "a test").stages
            if isinstance(stage, Contract)
        )
        luts.append(contract.estimate().luts)
        assert contract.estimate().dsps == 0
    design = lay_out(plan(graphs[2], 128, "lut"), ULTRA96, [(8, 4)], "a test")
    by_multipliers = next(s.estimate().luts for s in design.stages if isinstance(s, Contract))
    assert luts[0] < luts[1] < by_multipliers < luts[2]
