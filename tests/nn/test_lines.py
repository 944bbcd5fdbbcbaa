"""Layers that move values, and those over lines: torch's own in float; what they refuse."""

from collections.abc import Callable

import pytest
import torch

import qfx
from models import as_built
from qfx import nn
from qfx.nn.bypass import bypassed

Function = Callable[[torch.Tensor], torch.Tensor]


def conv1d(own: type[torch.nn.Module] = torch.nn.Conv1d) -> tuple[nn.Layer, Function]:
    layer = nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=3, groups=2, output=None)
    torch_s = own(4, 6, 3, stride=2, padding=2, dilation=3, groups=2)
    with torch.no_grad():
        torch_s.weight.copy_(layer.weight.squeeze(2))
        torch_s.bias.copy_(layer.bias)
    return layer, torch_s


PAIRS: dict[str, tuple[Callable[[], tuple[nn.Layer, Function]], tuple[int, ...]]] = {
    "Conv1d": (conv1d, (4, 9)),
    "Conv2d": (
        lambda: (
            layer := nn.Conv2d(2, 3, (2, 3), dilation=(3, 2), padding=1, output=None),
            lambda x: torch.conv2d(x, layer.weight, layer.bias, padding=1, dilation=(3, 2)),
        ),
        (2, 6, 7),
    ),
    "MaxPool1d": (lambda: (nn.MaxPool1d(3, 2, 1), torch.nn.MaxPool1d(3, 2, 1)), (2, 8)),
    "AvgPool1d": (
        lambda: (nn.AvgPool1d(3, 2, 1, output=None), torch.nn.AvgPool1d(3, 2, 1)), (2, 8),
    ),
    "AdaptiveAvgPool1d": (
        lambda: (nn.AdaptiveAvgPool1d(output=None), torch.nn.AdaptiveAvgPool1d(1)), (2, 8),
    ),
    "AdaptiveMaxPool1d": (
        lambda: (nn.AdaptiveMaxPool1d(), torch.nn.AdaptiveMaxPool1d(1)), (2, 8),
    ),
    "AdaptiveMaxPool2d": (
        lambda: (nn.AdaptiveMaxPool2d(), torch.nn.AdaptiveMaxPool2d(1)), (2, 3, 4),
    ),
    "Pad": (lambda: (nn.Pad((1, 2, 3, 0)), torch.nn.ZeroPad2d((1, 2, 3, 0))), (2, 3, 4)),
    "Upsample": (lambda: (nn.Upsample((2, 3)), torch.nn.Upsample(scale_factor=(2, 3))), (2, 3, 4)),
    "Permute": (lambda: (nn.Permute((3, 1, 2)), lambda x: x.permute(0, 3, 1, 2)), (2, 3, 4)),
    "Reshape": (lambda: (nn.Reshape((4, 6)), lambda x: x.reshape(-1, 4, 6)), (2, 3, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_in_float_it_is_torch_s_own(name: str) -> None:
    torch.manual_seed(0)
    build, shape = PAIRS[name]
    layer, own = build()
    x = torch.rand(5, *shape)  # nothing is negative: zeros are padded before a maximum
    with bypassed(layer):
        torch.testing.assert_close(layer(x), own(x), rtol=1e-5, atol=1e-6)


def test_a_normalization_over_lines_trains_as_torch_s_own() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv1d(2, 3, 3, output=None), nn.BatchNorm1d(3, output=None, fold=True)
    )
    conv, norm = model
    own = torch.nn.BatchNorm1d(3)
    x = torch.randn(8, 2, 9)
    with bypassed(model):
        wanted = own(torch.nn.functional.conv1d(x, conv.weight.squeeze(2), conv.bias))
        torch.testing.assert_close(model(x), wanted, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(norm.running_var, own.running_var)


def test_a_line_needs_no_hardware_to_become_an_image() -> None:
    model = nn.Sequential(nn.Quantizer(4, 2), nn.Conv1d(2, 3, 1, output=None)).eval()
    as_built(model)
    names = [node.op.name for node in qfx.lower(model, (2, 5)).nodes]
    assert names == ["reshape", "conv2d", "add", "reshape"]


def test_what_moves_nothing_leaves_nothing_in_the_graph() -> None:
    idle = (nn.Pad(0), nn.Upsample(1), nn.Permute((1, 2, 3)), nn.Reshape((2, 3, 4)))
    model = nn.Sequential(nn.Quantizer(4, 2), *idle).eval()
    as_built(model)
    assert qfx.lower(model, (2, 3, 4)).nodes == ()


REFUSALS: dict[str, tuple[Callable[[], object], str]] = {
    "a transposed convolution": (
        lambda: nn.ConvTranspose2d(3, 4, 2, stride=2),
        r"ConvTranspose2d adds up overlapping patches.*use Upsample\(stride\) followed by Conv2d",
    ),
    "a size to be found": (lambda: nn.Reshape((2, -1)), "without -1"),
    "another size": (
        lambda: nn.Reshape((2, 5))(torch.zeros(3, 2, 6)), r"holds 10 .* not the 12 of \(2, 6\)"
    ),
    "the batch axis": (lambda: nn.Permute((0, 1)), "axis 0 is the batch's"),
    "an axis less": (lambda: nn.Permute((1, 2))(torch.zeros(2, 3)), r"not \(2, 3\)"),
    "three sides": (lambda: nn.Pad((1, 2, 3)), r"\(left, right, top, bottom\)"),
    "cropping all": (lambda: nn.Pad((0, -3))(torch.zeros(1, 2, 3)), "leaves nothing"),
    "half a pixel": (lambda: nn.Upsample(1.5), "whole and at least 1"),
    "an image as a line": (
        lambda: nn.MaxPool1d(2)(torch.zeros(1, 2, 3, 4)), r"takes \(samples, channels, length\)"
    ),
    "an image's normalization": (
        lambda: nn.BatchNorm1d(2)(torch.zeros(1, 2, 3, 4)), "takes 2 or 3 axes"
    ),
    "two means of a line": (lambda: nn.AdaptiveAvgPool1d(2), r"use AvgPool1d, or Adapt.*1d\(1\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_refused_says_what_to_do(case: str) -> None:
    build, sentence = REFUSALS[case]
    with pytest.raises(ValueError, match=sentence):
        build()


def test_torch_s_own_is_refused_with_the_reason() -> None:
    with pytest.raises(TypeError, match=r"use Upsample\(stride\) followed by Conv2d"):
        nn.Sequential(torch.nn.ConvTranspose2d(1, 1, 2))


@pytest.mark.parametrize(
    ("layer", "shape", "sentence"),
    [
        (nn.Reshape((5,)), (2, 3), r"layer 1: reshape: \(2, 3\) has 6 elements"),
        (nn.Permute((2, 1)), (2, 3, 4), r"does not name each of the 3 axes"),
        (nn.Pad(1), (2, 3), r"Pad takes samples of \(channels, height, width\), not \(2, 3\)"),
        (nn.Upsample(2), (2, 3), r"upsample needs \(channels, height, width\), not \(2, 3\)"),
        (nn.MaxPool1d(2), (6,), r"MaxPool1d takes \(channels, length\), not \(6,\)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_shape_that_does_not_fit_is_refused(
    layer: nn.Layer, shape: tuple[int, ...], sentence: str
) -> None:
    model = nn.Sequential(nn.Quantizer(4, 2), layer).eval()
    as_built(model)
    with pytest.raises(nn.LoweringError, match=sentence):
        qfx.lower(model, shape)
