"""Fifty random MLPs, every mode pair, overflow-heavy inputs: torch == golden == C++ == RTL."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from shares import share

import qfx
from models import MODES, random_mlp
from qfx import nn
from qfx.ops import Cast

COUNT = 50
_PER_MODEL = 3  # mode pairs a model starts with; later casts take the following ones


@pytest.mark.parametrize("seed", share(10, of=COUNT))
def test_every_simulator_agrees(
    seed: int, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    require_tool("g++")
    start = seed * _PER_MODEL % len(MODES)
    model, inputs = random_mlp(seed, MODES[start:] + MODES[:start])
    generator = np.random.default_rng(seed)
    goal = [1, 3, 16, 64, 1000][int(generator.integers(0, 5))]
    board = ["pynq_z2", "ultra96"][seed % 2]
    samples = generator.normal(0, 8, (64, inputs))
    project = qfx.export(
        model, tmp_path / "p", board=board, samples=samples, goal_ii=max(goal, 4), seed=seed
    )
    names = ["torch", "golden", "csim", "rtl", "rtl-stalled"]
    if project.manifest.qonnx_refused is None:
        names.append("qonnx")
    result = qfx.cosim(project, tuple(names))
    assert result.equal, result.verdict()
    predicted = project.manifest.prediction.initiation_interval
    assert result.cycles_measured == pytest.approx(predicted, rel=0.02)  # cycles, not integers


def test_the_models_cover_every_mode_pair() -> None:
    found = set()
    for seed in range(COUNT):
        start = seed * _PER_MODEL % len(MODES)
        model, _ = random_mlp(seed, MODES[start:] + MODES[:start])
        graph = qfx.lower(model, (_inputs(model),))
        found |= {(n.op.rounding, n.op.overflow) for n in graph.nodes if isinstance(n.op, Cast)}
    assert found == set(MODES)


def _inputs(model: nn.Sequential) -> int:
    return next(layer.in_features for layer in model if isinstance(layer, nn.Linear))
