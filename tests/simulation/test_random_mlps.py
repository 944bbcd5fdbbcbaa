"""Fifty random MLPs, every mode pair, overflow-heavy inputs: torch == golden == C++ == RTL, stalled
and after resets, at the cycles predicted.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from together import groups, prove

import qfx
from models import MODES, random_mlp
from qfx import nn
from qfx.ops import Cast
from qfx.project.folder import Project

COUNT, TOGETHER = 50, 10
BOARDS = ("pynq_z2", "ultra96")
_PER_MODEL = 3  # mode pairs a model starts with; later casts take the following ones


@pytest.mark.parametrize("group", groups(COUNT // TOGETHER, 3))
def test_every_simulator_agrees(
    group: int, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    board = BOARDS[group % len(BOARDS)]
    seeds = range(group * TOGETHER, (group + 1) * TOGETHER)
    prove([exported(seed, board, tmp_path / str(seed)) for seed in seeds], tmp_path / "together")


def exported(seed: int, board: str, folder: Path) -> Project:
    start = seed * _PER_MODEL % len(MODES)
    model, inputs = random_mlp(seed, MODES[start:] + MODES[:start])
    generator = np.random.default_rng(seed)
    goal = [1, 3, 16, 64, 1000][int(generator.integers(0, 5))]
    samples = generator.normal(0, 8, (64, inputs))
    return qfx.export(
        model,
        folder,
        board=board,
        samples=samples,
        goal_ii=max(goal, 4),
        seed=seed,
        name=f"net{seed}",
    )


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
