"""Streams of the C++ where paths meet: its stages take more before they give than those in Verilog,
so the streams are deeper, deep enough, and not twice as deep as they must be.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from branching_graphs import GRAPHS, Drawing, residual

from qfx import boards, flow
from qfx.hardware import schedule
from qfx.hardware.channels import carriers, channels_of
from qfx.hardware.fifo_depths import reconvergences
from qfx.ir import Graph
from qfx.ops import Concat, Upsample
from qfx.project.folder import Project
from qfx.simulation import SimulationError
from qfx.simulation.cpp import csim

BOARD = boards.load("ultra96")
FRAMES = 15  # of one piece, back to back


def repeated() -> Graph:
    """An image beside one that was made smaller and repeated to its size again."""
    draw = Drawing("repeated", (3, 8, 8))
    x = draw.conv("stem", draw.x)
    small = draw.conv("deep", draw.conv("down", x, stride=2))
    up = draw.builder.add(Upsample((2, 2)), small)
    return draw.graph(draw.conv("end", draw.join("both", Concat(), x, up)))


ALL: dict[str, Callable[[], Graph]] = GRAPHS | {"repeated": repeated}


def written(make: Callable[[], Graph], folder: Path) -> Project:
    return flow.write(schedule(make(), BOARD, goal_ii=12_000), folder)


@pytest.mark.parametrize("name", ALL)
def test_frames_back_to_back_come_out(
    name: str, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("g++")
    project = written(ALL[name], tmp_path / name)
    outcome = csim.simulate(project, project.vectors("stimuli")[:FRAMES])
    np.testing.assert_array_equal(outcome.integers, project.vectors("golden")[:FRAMES])


def test_half_as_deep_is_a_deadlock_with_its_name(
    tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("g++")
    project = written(residual, tmp_path / "p")
    names, stages = carriers(project.stages()), project.stages()
    depths = {channel.name: channel.depth for channel in channels_of(stages)}
    file = project.path / "vitis" / "src" / "residual.cpp"
    original = file.read_text()
    for found in reconvergences(stages):
        stream = names[found.queue.output.name]
        if depths[stream] > 16:
            less = depths[stream] // 2
            declared = f"#pragma HLS STREAM variable={stream} depth="
            assert f"{declared}{depths[stream]}\n" in original
            file.write_text(
                original.replace(f"{declared}{depths[stream]}\n", f"{declared}{less}\n")
            )
            with pytest.raises(SimulationError) as raised:
                csim.simulate(project, project.vectors("stimuli")[:FRAMES])
            sentence = str(raised.value)
            assert "C++ of residual: a deadlock: " in sentence
            assert f"{found.fork.name} waits for {found.join.name}, as " in sentence
            assert f"{found.queue.name} holds {less} beats" in sentence


def test_streams_are_deeper_than_the_queues_in_verilog() -> None:
    stages = schedule(residual(), BOARD, goal_ii=12_000).stages
    names = carriers(stages)
    depths = {channel.name: channel.depth for channel in channels_of(stages)}
    queues = [r.queue for r in reconvergences(stages) if r.queue.depth > 16]
    assert len(queues) == 2
    for queue in queues:
        assert queue.depth < depths[names[queue.output.name]] < 3 * queue.depth


def test_what_is_needed_is_accepted_in_cpp() -> None:
    given = np.arange(0, 400)
    for make in ALL.values():
        for stage in schedule(make(), BOARD, goal_ii=12_000).stages:
            room, wanted = stage.accepted(given, "vitis"), stage.needed(given + 1, "vitis")
            for most, least in zip(room, wanted, strict=True):
                assert (most >= least).all(), stage.name
