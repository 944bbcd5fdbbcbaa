"""Queues of other depths, by one build: what a design's throughput needs, and what stops it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

import qfx
from models import as_built
from qfx import nn
from qfx.project.folder import Project, ProjectError
from qfx.simulation import SimulationError
from qfx.simulation.rtl import verilator
from qfx.simulation.rtl.throughput import measure


@pytest.fixture(scope="module")
def residual(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A sum of two convolutions one after the other, and of what they read."""
    torch.manual_seed(0)

    def grid() -> nn.Quantizer:
        return nn.Quantizer(6, 4)

    def conv(inputs: int) -> nn.Conv2d:
        return nn.Conv2d(inputs, 2, 3, padding=1, weight=grid(), output=grid())

    body = nn.Sequential(conv(2), nn.ReLU(nn.Quantizer(5, 3)), conv(2))
    shortcut = nn.Quantizer(6, 4)
    model = nn.Sequential(grid(), conv(1), nn.Residual(body, shortcut, output=grid())).eval()
    as_built(model)
    samples = np.random.default_rng(0).normal(0, 1, (12, 1, 8, 10))
    folder = tmp_path_factory.mktemp("residual") / "p"
    return qfx.export(model, folder, samples=samples, goal_ii=3000, name="net")


def _deep(project: Project) -> tuple[str, int]:
    """The queue of the shortcut, and the beats it holds."""
    depths = {s.name: int(s.folding["depth"]) for s in project.manifest.stages if s.kind == "fifo"}
    return max(depths.items(), key=lambda queue: queue[1])


def test_as_designed_it_runs_as_predicted(
    residual: Project, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    predicted = residual.manifest.prediction.initiation_interval
    found = measure(residual)
    assert found.cycles_per_frame == pytest.approx(predicted, rel=0.02)
    assert found.deadlock == ""
    unstalled = verilator.simulate(residual, residual.vectors("stimuli"))
    assert unstalled.cycles_per_frame == pytest.approx(found.cycles_per_frame, abs=1)


def test_too_shallow_a_queue_is_a_deadlock_with_its_name(
    residual: Project, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    queue, depth = _deep(residual)
    assert depth > 16
    found = measure(residual, {queue: depth // 2})
    assert found.cycles_per_frame is None
    assert "a deadlock after 0 frames: layer2_add_sum waits for layer1_fork, as" in found.deadlock
    assert "; layer1_fork waits for layer2_add_sum, as layer1_fork_out2" in found.deadlock
    assert f"({queue} holds {depth // 2} beats)" in found.deadlock


def test_every_variant_is_of_one_build(
    residual: Project, monkeypatch: pytest.MonkeyPatch, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    queue, depth = _deep(residual)
    measure(residual)

    def unbuilt(*arguments: object, **options: object) -> None:
        raise AssertionError("a tool was run")

    monkeypatch.setattr("qfx.tools.watch", unbuilt)
    deeper = measure(residual, {queue: 8 * depth, "input_fifo": 1}, frames=6)
    assert deeper.cycles_per_frame is not None


def test_stalls_are_never_measured_for_speed(
    residual: Project, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    found = [measure(residual, stall_percent=30, seed=seed) for seed in range(3)]
    assert {(one.cycles_per_frame, one.deadlock) for one in found} == {(None, "")}


def test_an_output_that_is_not_golden_is_no_measurement(
    residual: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    shutil.copytree(residual.path, tmp_path / "p")
    golden = residual.vectors("golden")
    golden[3] += 1
    np.save(tmp_path / "p" / "vectors" / "golden.npy", golden)
    with pytest.raises(SimulationError, match="RTL of net: an output is not golden"):
        measure(Project.open(tmp_path / "p"))


def test_what_cannot_be_measured_is_refused(residual: Project) -> None:
    queue, depth = _deep(residual)
    with pytest.raises(ProjectError, match="layer9_fifo is no queue of the design: there are inp"):
        measure(residual, {"layer9_fifo": 4})
    with pytest.raises(ProjectError, match=f"{queue} is measured with 1 to {8 * depth:,} beats"):
        measure(residual, {queue: 8 * depth + 1})
    with pytest.raises(ProjectError, match="frames must be 4 or more, to fill the pipeline, not 3"):
        measure(residual, frames=3)
