"""Yosys decides where the estimate says that a design is too large."""

from pathlib import Path

import numpy as np
import pytest
import yaml

import qfx
from qfx import assets, boards
from qfx.backends import verilog
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.hardware import schedule
from qfx.hardware.schedule import ScheduleError
from qfx.ir import Graph, GraphBuilder
from qfx.ops import Cast, Matmul
from qfx.synthesis.yosys.judge import LEEWAY, by_yosys, measured

pytestmark = pytest.mark.usefixtures("yosys_is_here")


def graph() -> Graph:
    """All weights equal, so that Yosys shares what the estimate counts one by one."""
    builder = GraphBuilder("net")
    x = builder.input((4,), Cast(0, FixedPointType(4, 0)))
    weight = FixedPointArray(np.full((4, 8), 5), FixedPointType(4, 0))
    return builder.build(builder.add(Matmul(weight), x))


def board_with(folder: Path, luts: int) -> str:
    """A board whose budget is so many LUTs."""
    content = yaml.safe_load((assets.folder("boards") / "generic.yaml").read_text())
    content["resources"]["luts"], content["budget"] = luts, {"luts": 1.0}
    path = folder / "own.yaml"
    path.write_text(yaml.safe_dump(content))
    return str(path)


@pytest.mark.long
def test_what_yosys_builds_smaller_is_exported(tmp_path: Path) -> None:
    design = schedule(graph(), boards.load("generic"), goal_ii=1, multipliers="lut")
    found = measured(design, verilog.write, lambda step, done, of: None).luts
    guessed = design.resources().luts
    assert found < guessed < LEEWAY * found
    board = board_with(tmp_path, (found + guessed) // 2)
    goal = {"board": board, "goal_ii": 1, "multipliers": "lut"}
    with pytest.raises(ScheduleError, match=r"luts \(estimate\) exceed"):
        qfx.export(graph(), tmp_path / "no", **goal)
    told = []
    project = qfx.export(
        graph(), tmp_path / "yes", **goal, measure=True, progress=lambda *step: told.append(step)
    )
    assert project.manifest.prediction.initiation_interval == 1
    assert qfx.synth(project).built == 0  # what was measured is kept
    tight = boards.load(board_with(tmp_path, found - 1))
    with pytest.raises(ScheduleError, match=rf"{found:,} luts \(yosys\) exceed the {found - 1:,}"):
        schedule(graph(), tight, goal_ii=1, multipliers="lut", judge=by_yosys(verilog.write))
