"""y = x W' + b in fixed point: weight, bias, accumulator and result are all on grids."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from qfx.fixedpoint import FixedPointArray
from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import require_count
from qfx.nn.layer import require_frozen
from qfx.nn.quantizer import Quantizer
from qfx.nn.weighted import Weighted
from qfx.ops import Matmul


class Linear(Weighted):
    """A fully connected layer.

    Args:
        in_features, out_features: sizes of the last axis before and after.
        weight, bias, output: as for Weighted.

    Shapes:
        (samples, in_features) -> (samples, out_features).
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        weight: Quantizer | None = None,
        bias: Quantizer | bool = True,
        output: Quantizer | bool | None = True,
    ) -> None:
        in_features = require_count("in_features", in_features)
        out_features = require_count("out_features", out_features)
        super().__init__((out_features, in_features), weight, bias, output)
        self.in_features, self.out_features = in_features, out_features

    def contract(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return nn.functional.linear(x, weight, bias)

    def operands(self, x: Tensor) -> Tensor:
        return x.reshape(1, -1, self.in_features)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        weight, bias = self.weight_array(), self.bias_array()
        y = builder.add(Matmul(FixedPointArray(weight.integers.T, weight.dtype)), x)
        if bias is not None:
            y = builder.add_constant(y, bias)
        return self.output.lower(builder, y) if self.output else y

    def config(self) -> dict[str, Any]:
        return {
            "in_features": self.in_features,
            "out_features": self.out_features,
            "weight": self.weight_quantizer,
            "bias": self.bias_quantizer or False,
            "output": self.output,
        }
