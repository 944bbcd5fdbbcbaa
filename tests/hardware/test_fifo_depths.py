"""Queues where streams meet: deep enough to run at full speed, and no deeper than they must be."""

from collections.abc import Callable
from math import floor
from pathlib import Path

import numpy as np
import pytest
from branching_graphs import GRAPHS, crossed, nested, residual

from qfx import boards, flow
from qfx.hardware import Design, Fifo, schedule
from qfx.hardware.circular_waits import entangled
from qfx.hardware.fifo_depths import reconvergences
from qfx.hardware.layout import lay_out
from qfx.hardware.sections import plan
from qfx.ir import Graph
from qfx.project.folder import Project
from qfx.simulation.rtl.throughput import DEEPEST, measure

BOARD = boards.load("ultra96")


def design_of(graph: Graph, goal_ii: int = 12_000) -> Design:
    return schedule(graph, BOARD, goal_ii=goal_ii)


def depths(design: Design) -> dict[str, int]:
    return {stage.name: stage.depth for stage in design.stages if isinstance(stage, Fifo)}


@pytest.mark.parametrize("name", GRAPHS)
def test_no_deadlock_full_speed_and_no_padding(
    name: str, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    """As the plan asks: under stalls, against eight times the depth, and at three quarters less
    four; frames that depend on nothing else hold all of a frame, and cannot be reduced.
    """
    for tool in ("g++", "verilator"):
        require_tool(tool)
    design = design_of(GRAPHS[name]())
    project = flow.write(design, tmp_path / name)
    queues = [r.queue for r in reconvergences(design.stages)]
    assert queues
    deeper = measure(project, {queue.name: DEEPEST * queue.depth for queue in queues})
    assert measure(project).cycles_per_frame <= deeper.cycles_per_frame / 0.99
    for percent, seed in ((10, 1), (60, 2)):
        assert not measure(project, frames=20, stall_percent=percent, seed=seed).deadlock
    tight = [q for q in queues if q.depth > 16 and not entangled(design.stages)]
    assert bool(tight) == (name != "crossed")
    for queue in tight:
        _require_tight(project, queue, deeper.cycles_per_frame)


def _require_tight(project: Project, queue: Fifo, best: float) -> None:
    reduced = measure(project, {queue.name: floor(0.75 * queue.depth) - 4})
    assert reduced.deadlock or best / reduced.cycles_per_frame < 0.99, queue.name


def test_a_queue_holds_the_rows_that_the_longer_path_takes_first() -> None:
    """Two convolutions of 3 x 3 want two rows and two pixels before they yield one."""
    design = design_of(residual())
    first = reconvergences(design.stages)[1]
    assert str(first) == "stem_fork to same_sum by same_fifo2"
    rows_and_pixels = (2 * 9 + 2) * first.queue.input.beats // (8 * 9)
    assert rows_and_pixels <= first.queue.queue_depth <= 1.3 * rows_and_pixels
    assert depths(design)["same_fifo"] == 2


def test_an_outer_queue_holds_for_both_inner_blocks() -> None:
    found = depths(design_of(nested()))
    inner = max(found["first_fifo2"], found["second_fifo2"])
    assert 1.8 * inner < found["outer_fifo2"] < 2.2 * inner


def test_joins_that_wait_for_one_another_hold_a_frame() -> None:
    design = design_of(crossed())
    assert entangled(design.stages) == {"p_sum", "q_sum"}
    frames = {s.name: s.input.beats for s in design.stages if s.name in ("p_fifo", "q_fifo2")}
    assert {name: depths(design)[name] for name in frames} == frames
    for other in (residual(), nested()):
        assert not entangled(design_of(other).stages)


def test_a_deadlock_is_named(tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    project = flow.write(design_of(residual()), tmp_path / "small")
    found = measure(project, {"same_fifo2": 8}).deadlock
    assert "stem_fork waits for same_sum" in found
    assert "same_fifo2" in found


def test_what_is_needed_is_accepted() -> None:
    """Each stage takes what its next beat needs: else it would stand still by itself."""
    given = np.arange(0, 400)
    for make in GRAPHS.values():
        for stage in design_of(make()).stages:
            for room, wanted in zip(stage.accepted(given), stage.needed(given + 1), strict=True):
                assert (room >= wanted).all(), stage.name


def test_depths_may_be_given() -> None:
    design = design_of(residual())
    planned = plan(design.graph, BOARD.dma_width_bits)
    again = lay_out(planned, BOARD, design.foldings, "a test", {"same_fifo2": 99})
    assert depths(again) == depths(design) | {"same_fifo2": 99}
