"""No stage has more than eight levels of logic between two registers, as Yosys maps it."""

from collections.abc import Callable

import pytest
import stage_grid
from map_grid import maps
from single_stages import built, sources
from stage_grid import alone, contraction

from qfx.hardware import Stage
from qfx.hardware.stages import STAGES
from qfx.synthesis.yosys.family import FAMILIES

MOST = 8
# Of each kind those that were deepest, as `benchmarks/stage_grid.py` calls them; contractions and
# maps have tests of their own below.
DEEPEST = {
    "argmax": ["5 x 8 bits", "16 x 8 bits"],
    "concat": ["4 x 8 bits"],
    "contract": ["8 x 8 bits, 4 x 9 dsp_pairs"],
    "depthwise": ["8 x 8 bits, 1 channels x 9 lut", "6 x 6 bits, 2 channels x 9 shift_add"],
    "embed": ["100 rows"],
    "fifo": ["64 x 64 bits", "1000 x 32 bits", "3000 x 48 bits"],
    "fork": ["4 x 8 bits"],
    "map": [],
    "merge": ["4 x 8 bits by LUTs", "4 x 8 bits in DSP"],
    "patches": ["3 x 32 x 32", "128 x 6 x 6"],
    "peak": ["8 x 8 bits", "2 x 8 bits, 64 beats"],
    "pool": ["8 x 6 bits of 49", "2 x 6 bits of 25 at once"],
    "repeat": ["(16, 16, 16), 4 x 6 bits"],
    "resize": ["24 to 16", "16 to 3 x 5", "32 to 1"],
    "softmax": ["100 x 8 bits"],
    "subsample": ["15 x 15", "32 x 32 of 4 x 8 bits, stride 3"],
    "window": ["48 x 7 x 7", "64 x 64 x 64", "3 x 32 x 32, kernel 5"],
}
GRIDS = (
    stage_grid.contractions,
    stage_grid.depthwise,
    stage_grid.windows,
    stage_grid.parallel_windows,
    stage_grid.resizes,
    stage_grid.plumbing,
    stage_grid.tables,
)
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


def test_every_kind_of_stage_is_measured() -> None:
    assert set(DEEPEST) == {stage.kind for stage in STAGES}


def test_what_is_written_to_a_memory_in_luts_ends_a_path(
    require_tool: Callable[[str], None],
) -> None:
    """Several lanes lie in one cell, and no path leads from lane to lane through it."""
    require_tool("yosys")
    stage = next(s for w, s in stage_grid.plumbing() if w.startswith("2 x 8 bits, 64 beats"))
    assert 0 < levels(stage) <= MOST


@pytest.mark.long
@pytest.mark.parametrize("kind", DEEPEST)
def test_every_kind_of_stage_has_short_paths(
    kind: str, require_tool: Callable[[str], None]
) -> None:
    require_tool("yosys")
    of_kind = [pair for grid in GRIDS for pair in grid() if pair[1].kind == kind]
    found = {}
    for named in DEEPEST[kind]:
        words, stage = next(pair for pair in of_kind if pair[0].startswith(named))
        found[words] = levels(stage)
    assert {words: count for words, count in found.items() if count > MOST} == {}


@pytest.mark.long
def test_maps_of_many_ops_have_short_paths(require_tool: Callable[[str], None]) -> None:
    require_tool("yosys")
    found = {named: levels(stage) for named, stage in maps()}
    assert {named: count for named, count in found.items() if count > MOST} == {}
