"""Thirty random CNNs of odd sizes, kernels, strides, padding, groups, formats and foldings.

torch == golden == C++ == QONNX (where it has the modes) == RTL, frames back to back, with and
without stalls, and after a reset in the middle of a frame.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from shares import share
from together import prove

import qfx
from models import random_cnn
from qfx import nn
from qfx.hardware import ScheduleError
from qfx.project.folder import Project

COUNT, TOGETHER = 30, 5
BOARDS = ("pynq_z2", "ultra96")


@pytest.mark.parametrize("group", share(2, of=COUNT // TOGETHER))
def test_every_simulator(group: int, tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    seeds = range(group * TOGETHER, (group + 1) * TOGETHER)
    projects = [exported(seed, BOARDS[group % 2], tmp_path / str(seed)) for seed in seeds]
    prove(projects, tmp_path / "together")


def exported(seed: int, board: str, folder: Path) -> Project:
    model, shape = random_cnn(seed)
    samples = np.random.default_rng(seed).normal(0, 4, (40, *shape))
    goal = [400, 2000, 100_000][seed % 3]
    name = f"cnn{seed}"
    try:
        project = qfx.export(model, folder, board=board, samples=samples, goal_ii=goal, name=name)
        assert project.manifest.prediction.initiation_interval <= goal
    except ScheduleError:  # all lanes in parallel take longer: no goal then
        project = qfx.export(model, folder, board=board, samples=samples, name=name)
    return project


def test_the_models_are_as_varied_as_said() -> None:
    layers = [layer for seed in range(COUNT) for layer in random_cnn(seed)[0].modules()]
    convs = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    assert {c.kernel_size[0] for c in convs} == {1, 2, 3, 4, 5}
    assert {c.stride[0] for c in convs} == {1, 2}
    assert {c.groups > 1 for c in convs} == {True, False}
    assert {c.weight_quantizer.per_channel for c in convs} == {True, False}
    assert any(c.padding[0] for c in convs)
    norms = [layer for layer in layers if isinstance(layer, nn.BatchNorm2d)]
    assert {norm.fold for norm in norms} == {True, False}
    assert {type(layer) for layer in layers} >= {
        nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.ReLU, nn.Linear, nn.ArgMax, nn.Pixels,
        nn.Normalize,
    }  # fmt: skip
