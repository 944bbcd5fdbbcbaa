"""Layers that move or pass values and compute nothing."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from torch import Tensor, nn

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import require_integers, require_share
from qfx.nn.layer import Layer
from qfx.ops import Reshape as ReshapeOp
from qfx.ops import Transpose


class Flatten(Layer):
    """(samples, *shape) -> (samples, features), in row-major order."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        return builder.add(ReshapeOp((prod(x.type.shape),)), x)


class Reshape(Layer):
    """(samples, ...) -> (samples, *shape), in row-major order; it costs nothing in hardware.

    Args:
        shape: of one sample, without the batch axis.

    Raises:
        ArgumentError: a size below 1, or a sample of another number of elements.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__()
        self.shape = require_integers("shape", shape)
        if min(self.shape, default=1) < 1:
            raise ArgumentError(
                f"Reshape({self.shape}): hardware has fixed sizes: give every one of them, without"
                " the batch axis and without -1"
            )

    def forward(self, x: Tensor) -> Tensor:
        if prod(x.shape[1:]) != prod(self.shape):
            raise ArgumentError(
                f"Reshape({self.shape}) holds {prod(self.shape)} elements of a sample, not the"
                f" {prod(x.shape[1:])} of {tuple(x.shape[1:])}"
            )
        return x.reshape(len(x), *self.shape)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        return builder.add(ReshapeOp(self.shape), x)

    def config(self) -> dict[str, Any]:
        return {"shape": self.shape}


class Permute(Layer):
    """(samples, ...) -> the same values with a sample's axes in another order.

    It costs nothing in hardware: what follows reads its constants in that order. Windows (Conv2d,
    MaxPool2d and the like) need an image as it came, so permute behind them.

    Args:
        axes: of x, 1 being the first behind the batch axis, which stays: `x.permute(0, *axes)`.

    Raises:
        ArgumentError: `axes` does not name each axis once.
    """

    def __init__(self, axes: Sequence[int]) -> None:
        super().__init__()
        self.axes = require_integers("axes", axes)
        if sorted(self.axes) != list(range(1, len(self.axes) + 1)):
            raise ArgumentError(
                f"Permute({self.axes}) names each axis of a sample once, the first being 1: axis 0"
                " is the batch's, and stays"
            )

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim != len(self.axes) + 1:
            raise ArgumentError(
                f"Permute({self.axes}) takes {len(self.axes)} axes behind the batch's, not"
                f" {tuple(x.shape)}"
            )
        return x.permute(0, *self.axes)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        return builder.add(Transpose(tuple(axis - 1 for axis in self.axes)), x)

    def config(self) -> dict[str, Any]:
        return {"axes": self.axes}


class Identity(Layer):
    """Passes values on; it leaves nothing in the graph."""

    def forward(self, x: Tensor) -> Tensor:
        return x

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        return x


class Dropout(Layer):
    """Zeroes a share of the values in training; it leaves nothing in the graph.

    Args:
        p: the share.
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = require_share("p", p)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.dropout(x, self.p, self.training)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        return x

    def config(self) -> dict[str, Any]:
        return {"p": self.p}


class Dropout2d(Dropout):
    """Zeroes a share of the channels of images in training; it leaves nothing in the graph."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.dropout2d(x, self.p, self.training)
