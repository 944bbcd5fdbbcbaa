"""Nets that are large for an FPGA, converted with random weights: what time and memory are measured
on.

The U-Nets have four levels at 64 x 64 pixels, two convolutions of 3 x 3 at each, channels that
double from level to level, pooling down, nearest neighbours up, and a concatenation with what was
pooled at every level up: the shape of the paper (Ronneberger et al., 2015), padded as is usual now.
`unet` begins with 8 channels, which an Ultra96 holds; `wide_unet` with 32, which needs 38 million
cycles a frame one product at a time.  ResNet-18 is torchvision's, at 224 x 224 pixels.
"""

import itertools
from collections.abc import Callable

import torch
from torch import Tensor, nn

import qfx
from qfx.ir import Graph

SIZE, LEVELS, CLASSES = 64, 4, 4


def _conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs))


def _double(inputs: int, outputs: int) -> nn.Sequential:
    first, second = _conv(inputs, outputs), _conv(outputs, outputs)
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU())


class UNet(nn.Module):
    """Of so many channels at the finest level."""

    def __init__(self, width: int) -> None:
        super().__init__()
        widths = [width << level for level in range(LEVELS)]
        pairs = list(itertools.pairwise(widths))
        self.first = _double(3, width)
        self.down = nn.ModuleList(_double(fine, coarse) for fine, coarse in pairs)
        self.up = nn.ModuleList(_double(fine + coarse, fine) for fine, coarse in pairs)
        self.last = nn.Conv2d(width, CLASSES, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        levels = []
        for block in self.down:
            levels.append(x)
            x = block(nn.functional.max_pool2d(x, 2))
        for block, finer in zip(reversed(self.up), reversed(levels), strict=True):
            coarse = nn.functional.interpolate(x, scale_factor=2, mode="nearest")
            x = block(torch.cat([finer, coarse], 1))
        return self.last(x)


class _Basic(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _conv(inputs, outputs, 3, stride), nn.ReLU(), _conv(outputs, outputs)
        )
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else _conv(inputs, outputs, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


def _resnet18() -> nn.Module:
    widths = (64, 64, 128, 256, 512)
    blocks = []
    for before, width in itertools.pairwise(widths):
        blocks += [_Basic(before, width, 1 if width == 64 else 2), _Basic(width, width, 1)]
    stem = (_conv(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
    return nn.Sequential(*stem, *blocks, nn.AvgPool2d(7), nn.Flatten(), nn.Linear(512, 1000))


_MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...], int]] = {
    "unet": (lambda: UNet(8), (3, SIZE, SIZE), 16),
    "wide_unet": (lambda: UNet(32), (3, SIZE, SIZE), 4),
    "resnet18": (_resnet18, (3, 224, 224), 2),
}


def model(name: str, seed: int) -> tuple[qfx.nn.Layer, tuple[int, ...]]:
    """A net of _MODELS, 6 bits a weight and 8 an activation, calibrated and frozen; its input's
    shape.
    """
    torch.manual_seed(seed)
    make, shape, images = _MODELS[name]
    net, data = make(), torch.rand(images, *shape) * 255
    with torch.no_grad():  # statistics as after training: no channel dies, none saturates
        net.train()(data)
    twin = qfx.convert(
        net.eval(), 8, input_shape=shape, input=qfx.nn.Pixels(), overrides={"*": {"weight": 6}}
    )
    qfx.calibrate(twin, data)
    twin.freeze()
    return twin.eval(), shape


def graph(name: str, seed: int) -> Graph:
    """The same, lowered."""
    twin, shape = model(name, seed)
    return qfx.lower(twin, shape, name)
