"""Every activation in small designs, in all simulators."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from together import prove

import qfx
from models import as_built
from qfx import nn

LAYERS: dict[str, list[nn.Layer]] = {
    "vector": [
        *(nn.Linear(5, 6, output=None), nn.Sigmoid(nn.Quantizer(6, 2))),
        *(nn.Linear(6, 6, output=None), nn.Tanh(nn.Quantizer(7, 3), nn.Quantizer(5, 4))),
        *(nn.Linear(6, 6, output=None), nn.GELU(nn.Quantizer(8, 4), nn.Quantizer(8, 5))),
        *(nn.Linear(6, 6, output=None), nn.SiLU(nn.Quantizer(8, 4, signed=False))),
        *(nn.Linear(6, 6, output=None), nn.Function("x * x - abs(x)", nn.Quantizer(6, 3))),
        *(nn.Linear(6, 6, output=None), nn.PReLU(6, -0.3, output=nn.Quantizer(6, 3))),
        *(nn.Linear(6, 3, output=None), nn.Hardtanh(-1.5, 0.75)),
    ],
    "image": [
        *(nn.Conv2d(2, 4, 3, padding=1, output=None), nn.Hardswish(nn.Quantizer(6, 2))),
        *(nn.Conv2d(4, 3, 2, output=None), nn.PReLU(3, 0.3, slope=nn.Quantizer(4, 3))),
        *(nn.LeakyReLU(0.01), nn.Hardsigmoid(nn.Quantizer(5, 1))),
        *(nn.AvgPool2d(2), nn.LeakyReLU(0.125, output=None), nn.Flatten()),
        nn.Linear(6, 2, output=nn.Quantizer(10, 6)),
    ],
}
SHAPES = {"vector": (5,), "image": (2, 4, 5)}


def model(name: str) -> nn.Sequential:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Quantizer(6, 3), *LAYERS[name])
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, (nn.Linear, nn.Conv2d)):
                layer.weight.mul_(3)
    as_built(net)
    return net


def test_every_simulator(tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    projects = [
        qfx.export(
            model(name),
            tmp_path / name,
            samples=np.random.default_rng(0).normal(0, 3, (60, *SHAPES[name])),
            goal_ii=goal,
            name=name,
        )
        for name, goal in zip(LAYERS, (12, 200), strict=True)
    ]
    prove(projects, tmp_path / "together")


def test_a_table_of_too_many_entries_is_refused() -> None:
    with pytest.raises(ValueError, match=r"2\*\*13 entries: give it an input quantizer of 12 bits"):
        nn.Tanh(nn.Quantizer(13))


def test_ends_off_every_grid_are_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"0.1 lies on no grid .* use 0.100006103515625"):
        nn.Hardtanh(0.0, 0.1)
    with pytest.raises(ValueError, match="min_val 1 must be below"):
        nn.Hardtanh(1, 1)
