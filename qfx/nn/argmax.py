"""The number of the largest element: what a classifier is asked for."""

from __future__ import annotations

from torch import Tensor

from qfx.ir import GraphBuilder, Value
from qfx.nn.layer import Layer
from qfx.ops import ArgMax as ArgMaxOp


class ArgMax(Layer):
    """The index of the largest element, the first of equal ones.

    It has no gradient: put it behind a trained model, as `qfx.export(..., argmax=True)` does.

    Shapes:
        (samples, classes) -> (samples, 1).
    """

    def forward(self, x: Tensor) -> Tensor:
        return x.argmax(1, keepdim=True).to(x.dtype)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        return builder.add(ArgMaxOp(), x)
