"""The clock of a design: estimated by its stages, scaled to its part, chosen with the folding."""

from pathlib import Path

import pytest

import qfx
from models import small_mlp
from qfx import boards
from qfx.hardware import Design, ScheduleError, schedule
from qfx.hardware.paths import Path as Way
from qfx.hardware.speeds import SPEEDS, factor_of, speed_of
from qfx.ir import Graph
from qfx.project.manifest import ClockWarning
from qfx.report import page

ULTRA96 = boards.load("ultra96")


@pytest.fixture(scope="module")
def graph() -> Graph:
    return qfx.lower(small_mlp(), (16,), "net")


def at(monkeypatch: pytest.MonkeyPatch, mhz: float) -> None:
    """Every design has that estimate."""
    monkeypatch.setattr(Design, "fmax_mhz", property(lambda design: mhz))


def test_what_lies_on_a_path_makes_it_longer() -> None:
    short = Way(levels=2)
    longer = [
        Way(levels=3),
        Way(levels=2, products=1),
        Way(levels=2, from_block=True),
        Way(levels=2, carries=8),
        Way(levels=2, chains=1),
    ]
    assert all(way.ns(100) > short.ns(100) for way in longer)
    assert short.ns(1000) > short.ns(100)  # wires are, too, in a larger stage
    assert Way(products=1).ns(64) > 0.52 + 3.93  # a product between two registers


def test_the_clock_is_the_slowest_stages_on_the_part(graph: Graph) -> None:
    design = schedule(graph, ULTRA96)
    slowest = max(design.stages, key=lambda stage: stage.path_ns)
    assert design.slowest_path == slowest.name
    on_ecp5 = design.fmax_mhz / factor_of(ULTRA96.part)
    assert 40 < on_ecp5 < 1000 / slowest.path_ns + 0.01
    seven = schedule(graph, boards.load("pynq_z2"))
    assert seven.fmax_mhz < design.fmax_mhz


@pytest.mark.parametrize(
    ("part", "family", "factor"),
    [
        ("LFE5U-85F-6BG756C", "ECP5", 1.0),
        ("xc7z020clg400-1", "7 series", 221 / 225),
        ("xczu3eg-sbva484-1-i", "UltraScale+", 456 / 225),
        ("xczu7ev-ffvc1156-2-e", "UltraScale+", 544 / 225),
        ("xck26-sfvc784-2LV-c", "UltraScale+", 440 / 225),
        ("xczu3eg-sbva484-9-i", "UltraScale+", 413 / 225),  # no such grade: the slowest
        ("xcku040-ffva1156-2-e", "another", 221 / 225),
    ],
)
def test_a_part_is_as_fast_as_its_family_and_grade(part: str, family: str, factor: float) -> None:
    assert speed_of(part).family == family
    assert factor_of(part) == pytest.approx(factor)


def test_every_factor_has_a_source() -> None:
    assert all(speed.source for speed in SPEEDS)
    text = (Path(__file__).parents[2] / "docs" / "clocks.md").read_text()
    for speed in SPEEDS[:-1]:
        (row,) = (line for line in text.splitlines() if line.startswith(f"| {speed.family} |"))
        assert all(f"{mhz:g}" in row for mhz in speed.product_mhz.values())


def test_a_goal_is_reached_at_a_slower_clock_where_the_boards_is_not_believed(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = schedule(graph, ULTRA96, goal_fps=1e6)
    assert (usual.board.clock_mhz, usual.initiation_interval <= 100) == (100, True)
    at(monkeypatch, 60.9)
    design = schedule(graph, ULTRA96, goal_fps=1e6)
    assert design.board.clock_mhz == 60
    assert design.initiation_interval <= 60
    assert design.goal == (
        "1,000,000 frames/s at 60 MHz, so at most 60 cycles a frame; 100 MHz are out of reach by"
        " estimate"
    )


def test_a_goal_is_reached_at_a_faster_clock_where_the_boards_does_not_do(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, 240)
    fastest = schedule(graph, ULTRA96).initiation_interval
    goal = 150e6 / fastest  # at 100 MHz no folding has as few cycles
    design = schedule(graph, ULTRA96, goal_fps=goal)
    assert design.board.clock_mhz == 150
    assert design.frames_per_second(150) >= goal
    assert design.goal.endswith("; 100 MHz would not do")
    with pytest.raises(ScheduleError, match="at 100 MHz"):
        schedule(graph, ULTRA96, goal_fps=300e6 / fastest)  # more than the estimate believes
    at(monkeypatch, 120)
    with pytest.raises(ScheduleError, match="at 100 MHz"):
        schedule(graph, ULTRA96, goal_fps=goal)


def test_a_clock_that_is_asked_for_is_kept_and_warned_of_where_it_is_out_of_reach(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    at(monkeypatch, 180)
    project = qfx.export(graph, tmp_path / "slow", goal_ii=32, drive_casts=0)
    assert not [w for w in recwarn if issubclass(w.category, ClockWarning)]
    assert list(project.manifest.prediction.frames_per_second) == [
        "100 MHz (estimate)",
        "180 MHz (estimate)",
    ]
    with pytest.warns(ClockWarning) as met:
        project = qfx.export(graph, tmp_path / "fast", goal_ii=32, clock_mhz=250, drive_casts=0)
    manifest, slowest = project.manifest, project.manifest.prediction.slowest_path
    assert (
        str(met[0].message)
        == manifest.clock_warning
        == (
            "250 MHz are out of reach by estimate: about 180 MHz on xczu3eg-sbva484-1-i, for the"
            f" longest path in {slowest}; frames/s are told for those: ask for clock_mhz=180"
        )
    )
    assert met[0].filename == __file__
    assert (manifest.clock_mhz, manifest.believed_mhz) == (250, 180)
    assert manifest.prediction.frames_per_second == {"180 MHz (estimate)": 180e6 / 32}
    assert f"{manifest.clock_warning}." in page.html(project)
    assert "250 MHz (estimate)" not in str(project)
    notebook = (project.path / "pynq" / "net.ipynb").read_text()
    assert "180 MHz (estimate, of 250 MHz that were asked for): 5,625,000" in notebook
    block_design = (project.path / "pynq" / "block_design.tcl").read_text()
    assert "250" in block_design  # what the PLL is asked for
