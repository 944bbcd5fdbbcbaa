"""Random CNNs of odd sizes, kernels, strides, padding, groups: torch == golden == C++ == RTL."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import qfx
from models import random_cnn
from qfx import nn
from qfx.hardware import ScheduleError
from qfx.simulation import Cosim

COUNT = 30


@pytest.mark.parametrize("seed", range(COUNT))
def test_every_simulator(seed: int, tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    result = check(seed, tmp_path, ("torch", "golden", "csim", "rtl", "rtl-stalled"))
    predicted = result.project.manifest.prediction.initiation_interval
    assert result.cycles_measured == pytest.approx(predicted, rel=0.02)  # cycles, not integers


def check(seed: int, folder: Path, simulators: tuple[str, ...]) -> Cosim:
    model, shape = random_cnn(seed)
    samples = np.random.default_rng(seed).normal(0, 4, (40, *shape))
    goal = [400, 2000, 100_000][seed % 3]
    board = ["pynq_z2", "ultra96"][seed % 2]
    try:
        project = qfx.export(model, folder / "p", board=board, samples=samples, goal_ii=goal)
        assert project.manifest.prediction.initiation_interval <= goal
    except ScheduleError:  # all lanes in parallel take longer: no goal then
        project = qfx.export(model, folder / "p", board=board, samples=samples)
    if project.manifest.qonnx_refused is None:
        simulators = (*simulators, "qonnx")
    result = qfx.cosim(project, simulators)
    assert result.equal, result.verdict()
    return result


def test_the_models_are_as_varied_as_said() -> None:
    layers = [layer for seed in range(COUNT) for layer in random_cnn(seed)[0].modules()]
    convs = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    assert {c.kernel_size[0] for c in convs} == {1, 2, 3, 4, 5}
    assert {c.stride[0] for c in convs} == {1, 2}
    assert {c.groups > 1 for c in convs} == {True, False}
    assert any(c.padding[0] for c in convs)
    assert {type(layer) for layer in layers} >= {nn.MaxPool2d, nn.AvgPool2d, nn.ReLU, nn.Linear}
