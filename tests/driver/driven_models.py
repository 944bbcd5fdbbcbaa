"""Frozen models whose ports are of every kind a driver meets, and projects of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import qfx
import several_models
from models import as_built, small_mlp
from qfx import nn
from qfx.project.folder import Project


def _q(wordlength: int, fraction_bits: int, signed: bool = True, **modes: str) -> nn.Quantizer:
    return nn.Quantizer(wordlength, fraction_bits, signed=signed, **modes)


def vector() -> tuple[nn.Layer, Any]:
    """Bytes, in their own order, with padding behind them."""
    return small_mlp(13), (13,)


def image() -> tuple[nn.Layer, Any]:
    """Channels that are streamed pixel by pixel; 16 bits in, 16 out."""
    conv = nn.Conv2d(3, 2, 2, weight=_q(5, 4), output=_q(12, 6))
    return nn.Sequential(_q(10, 7, rounding="RND_ZERO", overflow="WRAP"), conv), (3, 4, 5)


def pixels() -> tuple[nn.Layer, Any]:
    """An image as it lies in memory; the number of a class."""
    conv = nn.Conv2d(1, 3, 3, weight=_q(6, 10), output=_q(6, 2))
    layers = (nn.Pixels(), nn.Normalize(128, 70), conv)
    classify = nn.Linear(3 * 3 * 4, 5, weight=_q(6, 3), bias=False, output=_q(8, 1))
    with torch.no_grad():
        conv.weight.mul_(2)
        classify.weight.mul_(6)  # so that it depends on the image
    return nn.Sequential(*layers, nn.Flatten(), classify, nn.ArgMax()), (1, 5, 6)


def wide() -> tuple[nn.Layer, Any]:
    """32 bits in and out, the binary point far to the left of them."""
    grid = _q(20, -3, rounding="RND_INF", overflow="SAT_SYM")
    return nn.Sequential(grid, nn.Linear(7, 4, weight=_q(4, 4), output=_q(28, 1))), (7,)


def fractions() -> tuple[nn.Layer, Any]:
    """Unsigned 8 bits in, unsigned 32 bits out."""
    grid = _q(8, 8, signed=False, rounding="RND_MIN_INF", overflow="SAT_ZERO")
    linear = nn.Linear(5, 3, weight=_q(12, 12), output=None)
    return nn.Sequential(grid, linear, nn.ReLU(_q(24, 20, signed=False))), (5,)


def transposed() -> tuple[nn.Layer, Any]:
    """An output in an order that is no nest of loops."""
    moved = (nn.Reshape((6, 8)), nn.Permute((2, 1)))
    return nn.Sequential(_q(6, 3), nn.ReLU(_q(5, 3, signed=False)), *moved), (4, 3, 4)


def digits() -> tuple[nn.Layer, Any]:
    """The MLP of examples/01_digits.py, untrained."""
    hidden = nn.Linear(64, 32, weight=_q(6, 6), output=None)
    classify = nn.Linear(32, 10, weight=_q(6, 6), output=_q(6, 3))
    grid = _q(6, 6, signed=False)
    layers = (grid, nn.Flatten(), hidden, nn.ReLU(_q(6, 5, signed=False)), classify)
    return nn.Sequential(*layers), (1, 8, 8)


def unchanged() -> tuple[nn.Layer, Any]:
    """A graph whose output is its input."""
    return nn.Sequential(_q(6, 3)), (5,)


BUILDERS: dict[str, Callable[[], tuple[nn.Layer, Any]]] = {
    each.__name__: each
    for each in (vector, image, pixels, wide, fractions, transposed, digits, unchanged)
} | {name: several_models.BUILDERS[name] for name in ("added", "apart", "heads", "joined")}


def exported(name: str, folder: Path) -> Project:
    """The project of that model."""
    torch.manual_seed(3)
    model, shapes = BUILDERS[name]()
    as_built(model)
    return qfx.export(model, folder / name, name=name, input_shape=shapes)
