"""A residual block: what a body makes of x, and x beside it."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from qfx.errors import ArgumentError, ArgumentTypeError
from qfx.ir import GraphBuilder, Value
from qfx.nn.add import Add
from qfx.nn.layer import Layer
from qfx.nn.quantizer import Quantizer
from qfx.nn.sequential import advice, require_unshared


class Residual(Layer):
    """y = body(x) + shortcut(x), as in He et al. (arXiv 1512.03385).

    Args:
        body: a layer, such as a Sequential; it ends in a cast.
        shortcut: None for x itself on an 8-bit grid of its own, whose binary point is learned; a
            Quantizer for another such grid; or the layer that projects x to the body's shape.
        output: True for an 8-bit sum, a Quantizer, or None to leave the exact sum, which the ReLU
            behind it casts.

    Shapes:
        whatever both take -> the one shape that both give.

    Raises:
        TypeError: body or shortcut is not a qfx layer.
        ArgumentError: one of them takes, or gives, several tensors; or both hold one that learns.
    """

    def __init__(
        self,
        body: Layer,
        shortcut: Layer | None = None,
        *,
        output: Quantizer | bool | None = True,
    ) -> None:
        super().__init__()
        for name, given in (("body", body), ("shortcut", shortcut or body)):
            if not isinstance(given, Layer):
                raise ArgumentTypeError(f"{name} is {advice(given)}")
        for name, given in (("body", body), ("shortcut", shortcut or body)):
            if (given.input_count, given.output_count) != (1, 1):
                raise ArgumentError(f"{name} must make one tensor of one, to be added to another")
        self.body = body
        self.shortcut = shortcut or Quantizer(8)
        self.add = Add(output)
        require_unshared(self)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.add(self.body(x), self.shortcut(x))
        return y

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        with builder.scope("body"):
            long = self.body.lower(builder, x)
        with builder.scope("shortcut"):
            short = self.shortcut.lower(builder, x)
        with builder.scope("add"):
            return self.add.lower(builder, long, short)

    def config(self) -> dict[str, Any]:
        return {"body": self.body, "shortcut": self.shortcut, "output": self.add.output}
