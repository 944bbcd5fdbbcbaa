"""Layers that move pixels, or look at them through other windows, as small designs.

torch == golden == C++ == QONNX == RTL, with and without stalls, at the cycles predicted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from together import prove

import qfx
from models import seen
from qfx import nn
from qfx.project.folder import Project
from qfx.simulation import trace


@dataclass(frozen=True)
class Shaped:
    """A design to prove.

    Args:
        layers: behind the input's quantizer; made anew by each call.
        shape: of one sample.
        goal_ii: cycles a frame at most; None for the fastest.
    """

    layers: Callable[[], list[nn.Layer]]
    shape: tuple[int, ...]
    goal_ii: int | None = None


def _narrow() -> nn.Quantizer:
    return nn.Quantizer(4)


DESIGNS: dict[str, Shaped] = {
    "permuted": Shaped(
        lambda: [
            nn.Conv2d(2, 3, 2, output=nn.Quantizer(5)),
            nn.Permute((2, 3, 1)),
            nn.BatchNorm2d(3, output=nn.Quantizer(5)),
            nn.Reshape((6, 6)),
            nn.Permute((2, 1)),
        ],
        (2, 4, 5),
    ),
    "permuted_linear": Shaped(
        lambda: [nn.Permute((3, 1, 2)), nn.Flatten(), nn.Linear(24, 3, weight=_narrow())],
        (2, 3, 4),
        12,
    ),
    "dilated": Shaped(
        lambda: [nn.Conv2d(2, 2, 3, dilation=(2, 3), padding=(3, 1), weight=_narrow())], (2, 7, 9)
    ),
    "dilated_stride": Shaped(
        lambda: [
            nn.Conv2d(4, 4, (3, 2), dilation=(3, 2), stride=(2, 1), groups=2, weight=_narrow()),
            nn.MaxPool2d(2, 1),
        ],
        (4, 11, 6),
        1500,
    ),
    "padded_points": Shaped(lambda: [nn.Conv2d(2, 2, 1, padding=(3, 40))], (2, 4, 3)),
    "strides_past_the_image": Shaped(  # nothing but padding is read
        lambda: [nn.Conv2d(2, 4, 1, padding=1, stride=5, weight=_narrow())], (2, 4, 3), 25
    ),
    "line": Shaped(
        lambda: [
            nn.Conv1d(3, 4, 3, stride=2, dilation=2, padding=2, weight=_narrow(), output=None),
            nn.BatchNorm1d(4, fold=True),
            nn.ReLU(),
            nn.MaxPool1d(3, 1, 1),
            nn.Conv1d(4, 4, 2, groups=2, weight=_narrow()),
            nn.BatchNorm1d(4),
            nn.AvgPool1d(2, output=nn.Quantizer(5)),
            nn.Flatten(),
            nn.Linear(12, 3, weight=_narrow()),
        ],
        (3, 16),
        700,
    ),
    "line_mean": Shaped(
        lambda: [
            nn.Normalize((0, 1), 2),
            nn.Conv1d(2, 3, 2, weight=_narrow()),
            nn.AdaptiveAvgPool1d(),
            nn.Flatten(),
            nn.ArgMax(),
        ],
        (2, 9),
    ),
    "padded": Shaped(
        lambda: [
            nn.Conv2d(2, 4, 2, weight=_narrow(), output=nn.Quantizer(5)),
            nn.Pad((3, 2, 1, 4)),
            nn.MaxPool2d(2),
            nn.Pad((0, 1, 0, 1)),
        ],
        (2, 6, 5),
        600,
    ),
    "padded_first": Shaped(
        lambda: [nn.Pad((0, 20, 3, 0)), nn.Conv2d(1, 2, 3, weight=_narrow())], (1, 4, 3)
    ),
    "padded_slowly": Shaped(  # while zeros leave, the convolution, as busy, must go on
        lambda: [nn.Conv2d(3, 1, 3, weight=_narrow(), output=nn.Quantizer(5)), nn.Pad(6)],
        (3, 8, 8),
        324,
    ),
    "cropped": Shaped(
        lambda: [
            nn.Conv2d(2, 4, 2, weight=_narrow(), output=nn.Quantizer(5)),
            nn.Pad((-1, 0, -2, -3)),
            nn.Conv2d(4, 4, 2, padding=1, weight=_narrow(), output=nn.Quantizer(5)),
            nn.Pad((2, -1, 1, -1, -2, 0)),  # channels too
            nn.Pad((-2, 0, 0, -1)),
            nn.Flatten(),
            nn.Linear(24, 9, weight=_narrow(), output=nn.Quantizer(5)),
            nn.Pad((-3, 0)),
        ],
        (2, 9, 6),
        400,
    ),
    "causal": Shaped(
        lambda: [
            nn.Pad((4, 0)),
            nn.Conv1d(2, 4, 3, dilation=2, weight=_narrow(), output=nn.Quantizer(5)),
            nn.Conv1d(4, 4, 3, padding=2, weight=_narrow(), output=nn.Quantizer(5)),
            nn.Pad((0, -2)),
            nn.Pad((-8, 0, -1, -2)),  # the last of the line, one of its channels
            nn.Reshape(()),
        ],
        (2, 9),
        300,
    ),
    "upsampled": Shaped(
        lambda: [
            nn.Conv2d(2, 4, 2, weight=_narrow(), output=nn.Quantizer(5)),
            nn.Upsample((2, 3)),
            nn.Conv2d(4, 2, 3, padding=1, weight=_narrow()),
        ],
        (2, 4, 5),
        2000,
    ),
    "upsampled_last": Shaped(
        lambda: [nn.Conv2d(1, 2, 1, weight=_narrow()), nn.Upsample(3)], (1, 3, 1)
    ),
    "moved": Shaped(
        lambda: [
            nn.Conv2d(2, 2, 2, dilation=2, weight=_narrow(), output=nn.Quantizer(5)),
            nn.Pad((1, 0, 0, 2)),
            nn.Upsample((1, 2)),
            nn.Permute((3, 1, 2)),
            nn.ReLU(nn.Quantizer(4, signed=False)),
            nn.Permute((2, 3, 1)),
            nn.BatchNorm2d(2, output=nn.Quantizer(5)),
        ],
        (2, 5, 4),
        100,
    ),
    "largest": Shaped(  # while the next image comes, a convolution is busy with this one's
        lambda: [
            nn.Conv2d(2, 6, 2, weight=_narrow(), output=nn.Quantizer(5)),
            nn.AdaptiveMaxPool2d(),
            nn.Conv2d(6, 4, 1, weight=_narrow(), output=nn.Quantizer(5)),
        ],
        (2, 5, 4),
        180,
    ),
    "largest_of_one": Shaped(lambda: [nn.AdaptiveMaxPool2d(), nn.Flatten()], (3, 1, 1)),
    "largest_over_time": Shaped(
        lambda: [
            nn.Residual(
                nn.Sequential(
                    nn.Conv1d(4, 4, 3, padding=1, weight=_narrow(), output=nn.Quantizer(5)),
                    nn.AdaptiveMaxPool1d(),
                ),
                nn.AdaptiveMaxPool1d(),
                output=nn.Quantizer(5),
            ),
            nn.Flatten(),
            nn.Linear(4, 3, weight=_narrow()),
        ],
        (4, 9),
        150,
    ),
    "depthwise": Shaped(  # three channels a beat, then two results of each
        lambda: [
            nn.Conv2d(6, 6, 3, padding=1, groups=6, weight=_narrow(), output=nn.Quantizer(5)),
            nn.Conv2d(
                6,
                12,
                (3, 2),
                stride=2,
                groups=6,
                output=None,
                weight=nn.Quantizer(6, per_channel=True),
            ),
            nn.ReLU(nn.Quantizer(5, signed=False)),
            nn.Conv2d(12, 12, 1, groups=12, weight=_narrow(), output=nn.Quantizer(5)),
            nn.MaxPool2d((3, 4)),
        ],
        (6, 7, 8),
        510,
    ),
    "depthwise_at_once": Shaped(  # all channels of a tap; then weights that are wires
        lambda: [
            nn.Conv1d(4, 4, 3, padding=2, dilation=2, groups=4, weight=nn.KHot(2, 5)),
            nn.Conv1d(4, 8, 1, groups=4, weight=_narrow(), output=nn.Quantizer(6)),
        ],
        (4, 9),
        27,
    ),
    "subsampled": Shaped(  # strides that end before the image, and with it
        lambda: [
            nn.Conv2d(4, 4, 1, stride=(1, 3), groups=2, weight=_narrow(), output=nn.Quantizer(5)),
            nn.Residual(
                nn.Conv2d(4, 6, 3, stride=2, padding=1, weight=_narrow(), output=nn.Quantizer(5)),
                nn.Conv2d(4, 6, 1, stride=2, weight=_narrow(), output=nn.Quantizer(5)),
            ),
        ],
        (4, 8, 10),
        800,
    ),
    "upsampled_rows": Shaped(lambda: [nn.Upsample((3, 1)), nn.MaxPool2d(2)], (3, 5, 4)),
}
GROUPS = [list(DESIGNS)[start : start + 6] for start in range(0, len(DESIGNS), 6)]


def exported(name: str, folder: Path) -> Project:
    torch.manual_seed(len(name))
    design = DESIGNS[name]
    model = nn.Sequential(nn.Quantizer(5), *design.layers())
    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            seen(layer)
    samples = torch.randn(30, *design.shape) * 3
    qfx.calibrate(model, samples)
    data = samples.double().numpy()
    return qfx.export(model, folder, samples=data, goal_ii=design.goal_ii, name=name)


@pytest.mark.parametrize("group", GROUPS, ids=lambda names: names[0])
def test_every_simulator(
    group: list[str], tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    projects = [exported(name, tmp_path / name) for name in group]
    for project in projects:
        assert project.manifest.qonnx_refused is None
        assert len(np.unique(project.vectors("golden"))) > 2  # something is computed
    prove(projects, tmp_path / "together")


def test_every_stream_carries_what_is_expected_of_it(
    tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    project = exported("moved", tmp_path / "p")
    kinds = {stage.kind for stage in project.stages()}
    assert {"window", "repeat", "contract", "map"} <= kinds
    for found in trace(project):
        assert found.stage is None, str(found)
