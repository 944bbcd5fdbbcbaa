"""What a user decides of single layers, and what a schedule exchanges to fit a board."""

from pathlib import Path

import pytest
from branching_graphs import residual

from qfx import boards
from qfx.boards import Board, Resources
from qfx.hardware import Contract, Folding, Merge, ScheduleError, schedule
from qfx.hardware.trade import trade

BOARD = boards.load("ultra96")
GRAPH = residual()


def test_a_layer_is_folded_as_it_is_told() -> None:
    given = {"*": {"simd": 1}, "[ab]": {"pe": 2, "multiplier": "dsp"}, "b": {"pe": 4}}
    design = schedule(GRAPH, BOARD, goal_ii=20_000, overrides=given)
    found = {
        s.source: (s.pe, s.simd, s.multiplier) for s in design.stages if isinstance(s, Contract)
    }
    assert found["a"] == (2, 1, "dsp")
    assert found["b"] == (4, 1, "dsp")
    assert {simd for _, simd, _ in found.values()} == {1}
    merges = [s for s in design.stages if isinstance(s, Merge)]
    assert [s.input.lanes for s in merges] == [1, 1]


def test_the_same_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("b: {pe: 4, multiplier: dsp}\n")
    by_file = schedule(GRAPH, BOARD, goal_ii=20_000, overrides=path)
    same = schedule(GRAPH, BOARD, goal_ii=20_000, overrides={"b": {"pe": 4, "multiplier": "dsp"}})
    assert by_file.foldings == same.foldings


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"b": {"pe": 3}}, "layer b: pe=3 is not among what it can have: 1, 2, 4"),
        ({"blok*": {"pe": 1}}, "'blok*' sets pe, which no layer of that name has; the layers"),
        ({"same": {"multiplier": "dsp"}}, "'same' sets multiplier, which no layer of that name"),
        ({"b": {"lanes": 2}}, "'b' says lanes=2; known are pe: output lanes, a whole number;"),
        ({"b": {"pe": "all"}}, "'b' says pe='all'; known are"),
        ({"b": {"pe": 0}}, "'b' says pe=0; known are"),
        ({"b": {"window": -1}}, "'b' says window=-1; known are"),
        ({"same": {"window": 1}}, "'same' sets window, which no layer of that name has"),
        ({"b": {"multiplier": "none"}}, "'b' says multiplier='none'; known are"),
        ({"b": 2}, "foldings are by pattern of a layer's path, as 'block1.*: {pe: 4, simd: 8}'"),
        ({"b": {}}, "'b' says nothing: give it some of pe, simd, multiplier, memory"),
        ({"b": {"pe": 1, "simd": 1}}, "out of reach: layer b sets the pace: with what overrides"
         " leave it a frame needs 10,368 cycles, without them 72"),
        ("missing.yaml", "missing.yaml is no YAML file of foldings that can be read"),
    ],
)  # fmt: skip
def test_what_fits_nothing_is_refused(given: dict | str, said: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        schedule(GRAPH, BOARD, goal_ii=5_000, overrides=given)
    assert said in str(refused.value)


def small(**resources: int) -> Board:
    """A board that has no more than that."""
    given = {"luts": 10**6, "flip_flops": 10**6, "dsps": 10**4, "bram_18k": 10**4} | resources
    budget = dict.fromkeys(Resources().model_dump(), 1.0)
    held = Resources(**given)
    return BOARD.model_copy(
        update={"resources": held, "budget": BOARD.budget.model_copy(update=budget)}
    )


def test_what_is_short_is_exchanged_for_what_is_not() -> None:
    """Between all products in LUTs and all in DSP slices there is a design that fits both."""
    free = schedule(GRAPH, small(), goal_ii=3_000)
    luts = free.resources().luts - 300
    tight = schedule(GRAPH, small(luts=luts), goal_ii=3_000)
    assert tight.resources().luts <= luts
    assert free.resources().dsps == 0 < tight.resources().dsps
    with pytest.raises(
        ScheduleError, match=r"luts \(estimate\) exceed .* what would fit is a frame"
    ):
        schedule(GRAPH, small(luts=luts - 450, dsps=0), goal_ii=3_000)


def test_the_cheapest_exchange_comes_first_and_none_makes_another_short() -> None:
    lut, dsp = Folding(1, 1, "lut"), Folding(1, 1, "dsp")
    costs = [
        {lut: Resources(luts=100), dsp: Resources(luts=60, dsps=2)},
        {lut: Resources(luts=100), dsp: Resources(luts=10, dsps=2)},
    ]
    others = dict(Resources(luts=50))
    assert trade(costs, [lut, lut], others, Resources(luts=200, dsps=2)) == [lut, dsp]
    assert trade(costs, [lut, lut], others, Resources(luts=150, dsps=4)) == [dsp, dsp]
    assert trade(costs, [lut, lut], others, Resources(luts=100, dsps=2)) == [lut, dsp]
    assert trade(costs, [lut, lut], others, Resources(luts=250)) == [lut, lut]
    same = Resources(luts=60, dsps=2)  # of two that cost the same, the first
    either = [{lut: Resources(luts=100), dsp: same, dsp._replace(memory="block"): same}]
    assert trade(either, [lut], others, Resources(luts=120, dsps=2)) == [dsp]
