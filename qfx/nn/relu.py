"""Rectifiers, with an output quantizer of their own when the sum before was left exact."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from qfx.fixedpoint import FixedPointType, Overflow, Rounding
from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import given_quantizer
from qfx.nn.layer import Layer
from qfx.nn.quantizer import Quantizer
from qfx.ops import Clip, Relu


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


class ReLU6(ReLU):
    """y = min(max(x, 0), 6); arguments and shapes as for ReLU."""

    def forward(self, x: Tensor) -> Tensor:
        y = x.clamp(0, 6)
        return self.output(y) if self.output else y

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        missing = -1 - x.type.fraction_bits  # 6 needs a grid of 2 or finer
        if missing > 0:
            finer = FixedPointType.holding(x.type.interval << missing, -1)
            x = builder.cast(x, finer, Rounding.TRN, Overflow.WRAP)
        six = 6 * 2**x.type.fraction_bits
        y = builder.add(Clip(0, int(six)), x)
        return self.output.lower(builder, y) if self.output else y
