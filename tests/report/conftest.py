"""Projects with branches and with a history, made once."""

from pathlib import Path

import numpy as np
import pytest
import torch
from training_history import HISTORY

import qfx
from models import as_built, small_mlp
from qfx import nn
from qfx.project.folder import Project


def conv(inputs: int, outputs: int, size: int, **more: object) -> nn.Conv2d:
    grid = nn.Quantizer(4, 3)
    return nn.Conv2d(inputs, outputs, size, padding=size // 2, weight=grid, **more)


def wide() -> nn.Quantizer:
    return nn.Quantizer(5, 2, signed=False)


@pytest.fixture(scope="session")
def residual(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """An identity shortcut, then a projection: forks and merges of either kind."""
    torch.manual_seed(0)
    narrow = nn.Quantizer(5, 3, signed=False)
    first = nn.Sequential(conv(4, 4, 3, output=None), nn.ReLU(narrow), conv(4, 4, 3, output=wide()))
    second = nn.Sequential(
        conv(4, 8, 3, output=None), nn.ReLU(wide()), conv(8, 8, 3, output=wide())
    )
    model = nn.Sequential(
        nn.Quantizer(5, 4),
        conv(2, 4, 3, output=wide()),
        nn.Residual(first, nn.Quantizer(5, 2, signed=False), output=None),
        nn.ReLU(nn.Quantizer(5, 2, signed=False)),
        nn.Residual(second, conv(4, 8, 1, output=wide()), output=None),
        nn.ReLU(nn.Quantizer(5, 1, signed=False)),
        nn.Flatten(),
        nn.Linear(8 * 36, 3, weight=nn.Quantizer(4, 4), output=nn.Quantizer(8, 2)),
    ).eval()
    as_built(model)
    folder = tmp_path_factory.mktemp("residual") / "p"
    samples = np.random.default_rng(0).uniform(-1, 1, (20, 2, 6, 6))
    return qfx.export(model, folder, samples=samples, goal_ii=2000, history=HISTORY, name="net")


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """A small MLP of one's own to change."""
    return qfx.export(small_mlp(), tmp_path / "p", input_shape=(16,), goal_ii=32, name="net")
