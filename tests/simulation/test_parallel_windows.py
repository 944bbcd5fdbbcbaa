"""Convolutions and poolings behind line buffers that send all taps at once, as small designs.

torch == golden == C++ == QONNX == RTL, with and without stalls, reset in mid-frame, at the cycles
predicted.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from together import prove

import qfx
from qfx import nn
from qfx.hardware import Patches
from qfx.project.folder import Project


@dataclass(frozen=True)
class Parallel:
    """A design to prove.

    Args:
        layers: behind the input's quantizer; made anew by each call.
        shape: of one sample.
        overrides: of layers, by number; others are as fast as they can be.
    """

    layers: Callable[[], list[nn.Layer]]
    shape: tuple[int, int, int]
    overrides: dict[str, dict[str, int]] = field(default_factory=dict)


def conv(inputs: int, outputs: int, kernel: int | tuple[int, int], **given: object) -> nn.Conv2d:
    return nn.Conv2d(
        inputs, outputs, kernel, weight=nn.Quantizer(4), output=nn.Quantizer(5), **given
    )


DESIGNS: dict[str, Parallel] = {
    "same": Parallel(
        lambda: [conv(2, 3, 3, padding=1), nn.MaxPool2d(2)],
        (2, 6, 8),
        {"1": {"window": 1, "simd": 9}, "2": {"window": 3}},
    ),
    "strided": Parallel(  # fewer lanes than taps
        lambda: [conv(4, 4, 3, stride=2, padding=1), conv(4, 2, (1, 3), padding=(0, 1))],
        (4, 9, 7),
        {"1": {"window": 2, "simd": 6}, "2": {"window": 4, "simd": 12}},
    ),
    "dilated_groups": Parallel(
        lambda: [conv(4, 4, (3, 2), dilation=(2, 3), padding=(1, 2), groups=2)],
        (4, 8, 7),
        {"1": {"window": 1, "pe": 2}},
    ),
    "larger_than_the_image": Parallel(
        lambda: [conv(2, 2, 5, padding=2), conv(2, 3, (4, 3), stride=(1, 2), padding=(3, 1))],
        (2, 2, 3),
        {"*": {"window": 2}},
    ),
    "cropped": Parallel(
        lambda: [
            nn.Pad((-1, 2, -2, 1)),
            conv(2, 4, (3, 1)),
            nn.ReLU(nn.Quantizer(4, signed=False)),
            nn.MaxPool2d(3, 1, 1),
            conv(4, 2, (2, 5), stride=(2, 3), padding=(0, 2)),
        ],
        (2, 7, 6),
        {"2": {"window": 2}, "4": {"window": 2}, "5": {"window": 1, "simd": 10}},
    ),
    "filled": Parallel(  # vectors whose last beats are zeros in part: 8 of 3, of 2 groups 7 of 3
        lambda: [conv(8, 4, 1), conv(4, 14, 3), conv(14, 4, 1, groups=2), conv(4, 7, 1, stride=2)],
        (8, 6, 5),
        {
            "1": {"simd": 3, "pe": 2},
            "2": {"window": 2},
            "3": {"simd": 3, "pe": 1},
            "4": {"simd": 2},
        },
    ),
}


def exported(name: str, folder: Path) -> Project:
    torch.manual_seed(len(name))
    design = DESIGNS[name]
    model = nn.Sequential(nn.Quantizer(5), *design.layers())
    samples = torch.randn(30, *design.shape) * 3
    qfx.calibrate(model, samples)
    data = samples.double().numpy()
    return qfx.export(model, folder, samples=data, overrides=design.overrides, name=name)


def test_every_simulator(tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    projects = [exported(name, tmp_path / name) for name in DESIGNS]
    assert sum(stage.name.endswith("_fill") for stage in projects[-1].stages()) == 2
    for project in projects:
        assert any(isinstance(stage, Patches) for stage in project.stages())
        assert len(np.unique(project.vectors("golden"))) > 2  # something is computed
    prove(projects, tmp_path / "together")


def test_a_patch_a_cycle(tmp_path: Path) -> None:
    """The padding at a row's end costs no cycle."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Quantizer(5), conv(1, 2, 3, padding=1), nn.MaxPool2d(2))
    qfx.calibrate(model, torch.randn(20, 1, 28, 28))
    project = qfx.export(model, tmp_path / "p", input_shape=(1, 28, 28), goal_ii=784)
    assert project.manifest.prediction.initiation_interval == 784


@pytest.mark.parametrize("window", [0, 1, 2])
def test_the_window_is_as_it_is_told(window: int, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Quantizer(5), conv(2, 2, 3, padding=1))
    qfx.calibrate(model, torch.randn(20, 2, 6, 6))
    given = {"1": {"window": window}}
    project = qfx.export(model, tmp_path / "p", input_shape=(2, 6, 6), overrides=given)
    found = [stage.kind for stage in project.stages() if stage.kind in ("window", "patches")]
    assert found == ["patches" if window else "window"]
    assert [f.window for f in project.manifest.foldings] == [window or None]
