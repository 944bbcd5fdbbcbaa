"""Frozen models of several inputs and outputs, none of whose results are all zeros."""

from collections.abc import Callable

import torch

from models import as_built
from qfx import nn

Shapes = tuple[int, ...] | tuple[tuple[int, ...], ...]


def _q(wordlength: int, fraction_bits: int, signed: bool = True) -> nn.Quantizer:
    return nn.Quantizer(wordlength, fraction_bits, signed=signed)


def _conv(
    inputs: int, outputs: int, kernel: int = 3, output: nn.Quantizer | None = None
) -> nn.Layer:
    return nn.Conv2d(
        inputs, outputs, kernel, padding=kernel // 2, weight=_q(6, 5), output=output or _q(6, 3)
    )


def added() -> tuple[nn.Layer, Shapes]:
    """Two vectors on grids of their own, one of them through a Linear, added."""
    nodes = [
        ("grid_a", _q(6, 3), "a"),
        ("fc", nn.Linear(7, 5, weight=_q(6, 4), output=_q(7, 2))),
        ("grid_b", _q(5, 1, signed=False), "b"),
        ("sum", nn.Add(_q(6, 2)), ("fc", "grid_b")),
    ]
    return nn.Network(nodes, inputs=("a", "b")), ((7,), (5,))


def apart() -> tuple[nn.Layer, Shapes]:
    """Two inputs that have nothing to do with one another but the clock, one slower than the other
    by what its port carries.
    """
    nodes = [
        ("fast_grid", _q(6, 3), "fast"),
        ("fast_act", nn.ReLU(_q(5, 2, signed=False))),
        ("slow_grid", _q(12, 6), "slow"),
        ("slow_act", nn.ReLU(_q(9, 4, signed=False))),
    ]
    model = nn.Network(nodes, inputs=("fast", "slow"), outputs=("fast_act", "slow_act"))
    return model, ((21,), (34,))


def heads() -> tuple[nn.Layer, Shapes]:
    """An image with a class and a map of its own: one input, two outputs of different lengths."""
    nodes = [
        ("conv", _conv(2, 3)),
        ("act", nn.ReLU(_q(5, 3, signed=False))),
        ("mask", _conv(3, 1, 1, _q(10, 5))),
        ("flat", nn.Flatten(), "act"),
        ("scores", nn.Linear(3 * 4 * 5, 4, weight=_q(6, 5), output=_q(8, 3))),
    ]
    return nn.Sequential(_q(6, 3), nn.Network(nodes, outputs=("scores", "mask"))), (2, 4, 5)


def joined() -> tuple[nn.Layer, Shapes]:
    """Two images concatenated, a residual block, and two outputs, one of which others read."""
    body = nn.Sequential(_conv(3, 3), nn.ReLU(_q(5, 3, signed=False)), _conv(3, 3))
    nodes = [
        ("left_grid", _q(6, 3), "left"),
        ("right_grid", _q(5, 3, signed=False), "right"),
        ("both", nn.Concat(_q(6, 3)), ("left_grid", "right_grid")),
        ("block", nn.Residual(body, _q(5, 3), output=_q(7, 3))),
        ("flat", nn.Flatten()),
        ("scores", nn.Linear(3 * 3 * 4, 2, weight=_q(6, 5), output=_q(8, 3))),
    ]
    model = nn.Network(nodes, inputs=("left", "right"), outputs=("block", "scores"))
    return model, ((2, 3, 4), (1, 3, 4))


def crossed() -> tuple[nn.Layer, Shapes]:
    """Two images, each added to what a convolution makes of the other: who waits for a row of one
    must let the other one in.
    """
    nodes = [
        ("a_grid", _q(6, 3), "a"),
        ("b_grid", _q(6, 3), "b"),
        ("of_a", _conv(2, 2), "a_grid"),
        ("of_b", _conv(2, 2), "b_grid"),
        ("first", nn.Add(_q(6, 3)), ("a_grid", "of_b")),
        ("second", nn.Add(_q(7, 3)), ("first", "of_a")),
        ("third", nn.Add(_q(7, 3)), ("second", "b_grid")),
    ]
    model = nn.Network(nodes, inputs=("a", "b"), outputs=("third", "first"))
    return model, ((2, 4, 60), (2, 4, 60))


BUILDERS: dict[str, Callable[[], tuple[nn.Layer, Shapes]]] = {
    each.__name__: each for each in (added, apart, heads, joined, crossed)
}


def frozen(name: str) -> tuple[nn.Layer, Shapes]:
    """The model of that name, and the shape of a sample of its input or of each."""
    torch.manual_seed(3)
    model, shapes = BUILDERS[name]()
    as_built(model)
    return model, shapes
