"""The two networks of binary_points.py and k_hot.py: every tensor of them at `bits`, the weights on
another grid if one is given.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from common import ROOT

from qfx import nn

Part = tuple[np.ndarray, np.ndarray]
Data = tuple[Part, Part, Part]  # training, selection, test
Model = nn.Sequential


Grid = Callable[[], nn.Quantizer]  # makes a weight's quantizer


def _block(
    layer: Callable, norm: type[nn.Layer], outputs: int, bits: int, fold: bool, grid: Grid
) -> list:
    """A layer with weights, its normalization and a ReLU: three tensors, or folded two."""
    relu = nn.ReLU(nn.Quantizer(bits, signed=False))
    weight, bias = grid(), nn.Quantizer(bits)
    if fold:
        return [
            layer(weight=weight, bias=bias, output=None),
            norm(outputs, fold=True, output=None),
            relu,
        ]
    scale, offset = nn.Quantizer(bits), nn.Quantizer(bits)
    return [
        layer(weight=weight, bias=False, output=nn.Quantizer(bits)),
        norm(outputs, scale=scale, offset=offset, output=None),
        relu,
    ]


def _last(inputs: int, bits: int, grid: Grid) -> nn.Linear:
    bias, output = nn.Quantizer(bits), nn.Quantizer(bits)
    return nn.Linear(inputs, 10, weight=grid(), bias=bias, output=output)


def _cnn(bits: int, fold: bool, grid: Grid | None = None) -> Model:
    """Convolutions of 16, 32 and 48 channels, the first two with stride 2."""
    grid = grid or partial(nn.Quantizer, bits)

    def block(inputs: int, outputs: int, stride: int) -> list:
        def conv(**quantizers: nn.Quantizer) -> nn.Conv2d:
            return nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, **quantizers)

        return _block(conv, nn.BatchNorm2d, outputs, bits, fold, grid)

    pool = nn.AdaptiveAvgPool2d(
        1,
        (7, 7),
        reciprocal=nn.Quantizer(bits, signed=False, learned=False),
        output=nn.Quantizer(bits, signed=False),
    )
    return nn.Sequential(
        nn.Quantizer(bits, signed=False), *block(1, 16, 2), *block(16, 32, 2), *block(32, 48, 1),
        pool, nn.Flatten(), _last(48, bits, grid),
    )  # fmt: skip


def _mlp(bits: int, fold: bool, grid: Grid | None = None) -> Model:
    """64-32-16-10."""
    grid = grid or partial(nn.Quantizer, bits)

    def block(inputs: int, outputs: int) -> list:
        def linear(**quantizers: nn.Quantizer) -> nn.Linear:
            return nn.Linear(inputs, outputs, **quantizers)

        return _block(linear, nn.BatchNorm1d, outputs, bits, fold, grid)

    return nn.Sequential(
        nn.Quantizer(bits, signed=False), nn.Flatten(), *block(64, 32), *block(32, 16),
        _last(16, bits, grid),
    )  # fmt: skip


MODELS: dict[str, Callable[..., Model]] = {"fashion_mnist": _cnn, "digits": _mlp}


def fashion_mnist(folder: Path) -> Data:
    """Pixels as shares of 256; 55,000 train, 5,000 select, 10,000 test."""
    sys.path.insert(0, str(ROOT / "examples"))
    from fashion_mnist_data import fashion_mnist as load

    return tuple((x.astype(np.float32) / 256, y.astype(np.int64)) for x, y in load(folder))


def digits() -> Data:
    """Scikit-learn's: 1,257 train, each with three noisy copies, 180 select, 360 test."""
    import runpy

    example = runpy.run_path(str(ROOT / "examples" / "01_digits.py"))
    training, selection, test = example["digits"]()
    return example["with_noise"](training), selection, test
