"""An architecture is one row: what it lays out is exported, recorded and restored by its name."""

import inspect
import json
from dataclasses import fields, replace
from pathlib import Path

import pytest
from branching_graphs import residual

import qfx
from models import small_mlp
from qfx import boards, cli
from qfx.hardware import ARCHITECTURES, Design, ScheduleError, Stage, Wishes
from qfx.hardware.architectures import Architecture
from qfx.hardware.layout import Layout, restored
from qfx.hardware.schedule import scheduled
from qfx.hardware.shortage import BY_ESTIMATE, Judge
from qfx.ir import Graph
from qfx.project.folder import Project, ProjectError
from qfx.report.command import command_of
from qfx.report.recorded import ReportRecord

BOARD = boards.load("ultra96")


def layout(design: Design) -> Layout:
    depths = {s.name: s.queue_depth for s in design.stages if s.queue_depth is not None}
    width = BOARD.dma_width_bits
    return Layout(width, design.multipliers, design.foldings, depths)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_what_is_laid_out_is_restored(name: str) -> None:
    graph, wishes = residual(), Wishes(name, goal_ii=20_000, overrides={"b": {"memory": "block"}})
    design = ARCHITECTURES[name].lay_out(graph, BOARD, wishes, BY_ESTIMATE)
    assert design.architecture == name
    assert len(design.foldings) == len(design.plan.heads)
    assert "block" in {folding.memory for folding in design.foldings}
    assert design.graph is graph
    again = ARCHITECTURES[name].restore(graph, layout(design))
    assert list(map(repr, again)) == list(map(repr, design.stages))


def test_a_row_is_enough_for_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def lay_out(graph: Graph, board: boards.Board, wishes: Wishes, judge: Judge) -> Design:
        return replace(scheduled(graph, board, wishes, judge), architecture="other")

    def restore(graph: Graph, layout: Layout) -> tuple[Stage, ...]:
        given.append(layout)
        return restored(graph, layout)

    monkeypatch.setitem(ARCHITECTURES, "other", Architecture("one for a test", lay_out, restore))
    model, folder = small_mlp(), tmp_path / "net"
    qfx.export(model, folder, input_shape=(16,), goal_ii=64, architecture="other")
    project = Project.open(folder)
    assert project.manifest.architecture == "other"
    project.stages()
    assert given[0].foldings == project.manifest.foldings
    assert "--architecture other" in ReportRecord.read(project).command
    monkeypatch.delitem(ARCHITECTURES, "other")
    with pytest.raises(ProjectError) as said:
        project.stages()
    assert str(said.value).endswith(
        "qfx.json: architecture 'other' is unknown: there is 'streaming', stages joined by"
        " streams; export again"
    )
    assert json.loads((folder / "qfx.json").read_text())["architecture"] == "other"


def test_every_wish_can_be_said_everywhere() -> None:
    """A field that one of these forgets would be an option that does nothing."""
    names = {field.name for field in fields(Wishes)}
    given = inspect.signature(qfx.export).parameters
    typed = inspect.signature(cli.export).parameters
    assert names <= set(given)
    assert names <= set(typed)
    assert {n: given[n].default for n in names} == {n: getattr(Wishes(), n) for n in names}
    others = {
        "architecture": "other", "goal_ii": 7, "goal_fps": 9.0, "clock_mhz": 50.0,
        "multipliers": "lut", "overrides": "a.yaml", "measure": True, "force": True,
    }  # fmt: skip
    assert set(others) == names
    usual = command_of("ultra96", Wishes(), 1, 0, None)
    for name, value in others.items():
        assert command_of("ultra96", Wishes(**{name: value}), 1, 0, None) != usual, name


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (Wishes(goal_ii=float("nan")), "goal_ii must be whole cycles"),
        (Wishes(goal_ii=2.5), "goal_ii must be whole cycles"),
        (Wishes(goal_ii=0), "goal_ii must be whole cycles"),
        (Wishes(goal_fps=float("nan")), "nan frames/s cannot be reached"),
        (Wishes(goal_fps=1.0, goal_ii=1), "not both"),
    ],
)
def test_a_goal_that_no_design_has(wishes: Wishes, said: str) -> None:
    with pytest.raises(ScheduleError, match=said):
        wishes.goal(BOARD)
