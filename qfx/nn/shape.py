"""Layers that move or pass values and compute nothing."""

from __future__ import annotations

from math import prod
from typing import Any

from torch import Tensor, nn

from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import require_share
from qfx.nn.layer import Layer
from qfx.ops import Reshape


class Flatten(Layer):
    """(samples, *shape) -> (samples, features), in row-major order."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        return builder.add(Reshape((prod(x.type.shape),)), x)


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
