"""No stage has more than eight levels of logic between two registers, as Yosys maps it."""

from collections.abc import Callable

import pytest
from map_grid import maps
from single_stages import built, sources
from stage_grid import alone, contraction

from qfx.hardware import Stage
from qfx.synthesis.yosys.family import FAMILIES

MOST = 8
XCUP = next(family for family in FAMILIES if family.name == "xcup")
SHORT = {
    "in LUTs": lambda: contraction(6, 6, 2, 4, 9, 2, "lut"),
    "by terms": lambda: contraction(6, 6, 2, 2, 9, 2, "shift_add", 3),
    "rows shifted": lambda: contraction(6, 5, 2, 2, 9, 4, "lut", spread=3),
}
LONG = {
    f"{x} x {w} bits, {pe} x {simd}, {multiplier}": (x, w, pe, simd, 9, 4, multiplier, digits)
    for x, w, pe, simd in ((8, 8, 4, 4), (8, 8, 1, 32), (8, 8, 16, 1), (8, 4, 4, 4))
    for multiplier, digits in (("lut", 8), ("dsp", 8), ("shift_add", 2), ("shift_add", 4))
}


def levels(stage: Stage) -> int:
    """Count those of its longest path."""
    return built(sources(alone(stage), stage), XCUP)[1]


@pytest.mark.parametrize("kind", SHORT)
def test_a_contraction_has_short_paths(kind: str, require_tool: Callable[[str], None]) -> None:
    require_tool("yosys")
    assert 0 < levels(SHORT[kind]()[1]) <= MOST


@pytest.mark.parametrize(
    "words",
    ["add, cast: 14 bits, 4 lanes, 8", "prelu, cast: 8 bits, 2 lanes, 8", "divide: 12", "root: 12"],
)
def test_a_map_has_short_paths(words: str, require_tool: Callable[[str], None]) -> None:
    require_tool("yosys")
    stage = next(stage for named, stage in maps() if named.startswith(words))
    assert 0 < levels(stage) <= MOST


@pytest.mark.long
@pytest.mark.parametrize("size", LONG)
def test_contractions_of_many_sizes_have_short_paths(
    size: str, require_tool: Callable[[str], None]
) -> None:
    require_tool("yosys")
    assert 0 < levels(contraction(*LONG[size])[1]) <= MOST


@pytest.mark.long
def test_maps_of_many_ops_have_short_paths(require_tool: Callable[[str], None]) -> None:
    require_tool("yosys")
    found = {named: levels(stage) for named, stage in maps()}
    assert {named: count for named, count in found.items() if count > MOST} == {}
