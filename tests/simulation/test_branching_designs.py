"""Random networks with branches in every simulator: the same integers, no deadlock, and frames as
often as predicted.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from shares import share
from together import prove

import qfx
from branches import random_branches
from qfx.project.folder import Project

COUNT, TOGETHER, SAMPLES = 12, 6, 40
BOARDS = ("pynq_z2", "ultra96")


@pytest.mark.parametrize("group", share(1, of=COUNT // TOGETHER))
def test_every_simulator(group: int, tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    seeds = range(group * TOGETHER, (group + 1) * TOGETHER)
    projects = [exported(seed, BOARDS[group % 2], tmp_path / str(seed)) for seed in seeds]
    prove(projects, tmp_path / "together")


def exported(seed: int, board: str, folder: Path) -> Project:
    """A random network with samples, at a goal that folds some layers and not others."""
    model, shape = random_branches(seed)
    samples = np.random.default_rng(seed).normal(size=(SAMPLES, *shape), scale=4)
    goals = {"goal_ii": (200, 1_000, 5_000)[seed % 3]} if seed % 2 else {}
    return qfx.export(model, folder, samples=samples, board=board, name=f"net{seed}", **goals)
