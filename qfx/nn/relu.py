"""The rectifier, with an output quantizer of its own when the sum before was left exact."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import given_quantizer
from qfx.nn.layer import Layer
from qfx.nn.quantizer import Quantizer
from qfx.ops import Relu


class ReLU(Layer):
    """y = max(x, 0).

    Args:
        output: quantizer of the result; `Quantizer(6, signed=False)` spends no bit on a sign. None
            keeps the grid of x.

    Shapes:
        any -> the same.
    """

    def __init__(self, output: Quantizer | None = None) -> None:
        super().__init__()
        self.output = given_quantizer("output", output)

    def forward(self, x: Tensor) -> Tensor:
        y = nn.functional.relu(x)
        return self.output(y) if self.output else y

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        y = builder.add(Relu(), x)
        return self.output.lower(builder, y) if self.output else y

    def config(self) -> dict[str, Any]:
        return {"output": self.output}
