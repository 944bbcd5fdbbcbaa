"""Nets whose streams part and meet, converted with random weights: what queues are proven on."""

from collections.abc import Callable

import torch
from common import ROOT
from torch import Tensor, nn

import qfx
from qfx.ir import Graph


def _conv(inputs: int, outputs: int, kernel: int = 3, **how: int) -> nn.Sequential:
    padding = how.pop("padding", kernel // 2)
    layer = nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=False, **how)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.ReLU())


class _Residual(nn.Module):
    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + x)


class _Concat(nn.Module):
    """Three views of an image of different reach, side by side, as in an Inception."""

    def __init__(self) -> None:
        super().__init__()
        self.point, self.near = _conv(8, 6, 1), nn.Sequential(_conv(8, 6, 1), _conv(6, 8))
        self.far = nn.Sequential(_conv(8, 4, 1), _conv(4, 6, 5))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.point(x), self.near(x), self.far(x)], 1)


def _ds_cnn() -> nn.Module:
    """Keyword spotting of MLPerf Tiny: 49 x 10 coefficients, 12 classes."""
    blocks = [m for _ in range(4) for m in (_conv(64, 64, groups=64), _conv(64, 64, 1))]
    first = nn.Conv2d(1, 64, (10, 4), 2, bias=False)
    stem = (nn.ZeroPad2d((1, 1, 4, 5)), first, nn.BatchNorm2d(64), nn.ReLU())
    return nn.Sequential(*stem, *blocks, nn.AvgPool2d((25, 5)), nn.Flatten(), nn.Linear(64, 12))


def _nested() -> nn.Module:
    inner = [_Residual(nn.Sequential(_conv(8, 8), _conv(8, 8))) for _ in range(2)]
    outer = _Residual(nn.Sequential(_conv(8, 8), *inner, _conv(8, 8)))
    head = (nn.AvgPool2d(16), nn.Flatten(), nn.Linear(8, 10))
    return nn.Sequential(_conv(3, 8), outer, *head)


def _concat() -> nn.Module:
    head = (_conv(20, 8, stride=2), nn.AvgPool2d(8), nn.Flatten(), nn.Linear(8, 10))
    return nn.Sequential(_conv(3, 8), _Concat(), *head)


_MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "nested_residual": (_nested, (3, 16, 16)),
    "concat": (_concat, (3, 16, 16)),
    "ds_cnn": (_ds_cnn, (1, 49, 10)),
}
NETS = ("resnet8_cifar10", *_MODELS)


def graph(name: str) -> Graph:
    """A net of NETS, 6 bits a weight and 8 an activation; ResNet-8 as it was trained."""
    if name not in _MODELS:
        return qfx.load(ROOT / "examples" / f"04_{name}.qfx")
    torch.manual_seed(0)
    make, shape = _MODELS[name]
    model, images = make(), torch.rand(256, *shape) * 255
    with torch.no_grad():  # statistics as after training: no channel dies, none saturates
        model.train()(images)
    weights = {"*": {"weight": 6}}
    pixels = qfx.nn.Pixels()
    net = qfx.convert(model.eval(), 8, input_shape=shape, input=pixels, overrides=weights)
    qfx.calibrate(net, images)
    net.freeze()
    return qfx.lower(net.eval(), shape, name)
