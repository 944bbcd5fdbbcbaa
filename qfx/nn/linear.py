"""y = x W' + b in fixed point: weight, bias, accumulator and result are all on grids."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from qfx.fixedpoint import FixedPointArray
from qfx.ir import GraphBuilder, Value
from qfx.nn.cast import power_of_two
from qfx.nn.layer import Layer, require_frozen
from qfx.nn.quantizer import Quantizer
from qfx.ops import Matmul


class Linear(Layer):
    """A fully connected layer.

    Args:
        in_features, out_features: sizes of the last axis before and after.
        weight: its quantizer; 8 bits by default.
        bias: True for a bias quantized like the weight (its binary point its own), a Quantizer, or
            False for none.
        output: True for an 8-bit result, a Quantizer, or None to leave the exact sum for the next
            layer to cast.

    Shapes:
        (samples, in_features) -> (samples, out_features).
    """

    weight_integers: Tensor  # int64, (out_features, in_features): written by freeze
    bias_integers: Tensor  # int64, (out_features,): written by freeze

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        weight: Quantizer | None = None,
        bias: Quantizer | bool = True,
        output: Quantizer | bool | None = True,
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        bound = 1 / math.sqrt(in_features)  # as torch.nn.Linear
        self.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(-bound, bound))
        self.weight_quantizer = (weight or Quantizer(8)).for_parameter()
        self.register_buffer(
            "weight_integers", torch.zeros(out_features, in_features, dtype=torch.int64)
        )
        self.bias: nn.Parameter | None = None
        self.bias_quantizer: Quantizer | None = None
        if bias:
            self.bias = nn.Parameter(torch.empty(out_features).uniform_(-bound, bound))
            given = (
                bias if isinstance(bias, Quantizer) else Quantizer(self.weight_quantizer.wordlength)
            )
            self.bias_quantizer = given.for_parameter()
            self.register_buffer("bias_integers", torch.zeros(out_features, dtype=torch.int64))
        self.output = output if isinstance(output, Quantizer) else Quantizer(8) if output else None

    def forward(self, x: Tensor) -> Tensor:
        if self.is_exact:
            y = self._exact(x.double())
        else:
            bias = self.bias_quantizer(self.bias) if self.bias_quantizer else None
            y = nn.functional.linear(x, self.weight_quantizer(self.weight), bias)
        return self.output(y) if self.output else y

    def _exact(self, x: Tensor) -> Tensor:
        """The sum in float64: exact because `lower` refuses sums that float64 could round."""
        y = (
            x
            @ self.weight_integers.double().T
            * power_of_two(-self.weight_quantizer.fraction_bits, x.dtype)
        )
        if self.bias_quantizer:
            y = y + self.bias_integers * power_of_two(-self.bias_quantizer.fraction_bits, x.dtype)
        return y

    @torch.no_grad()
    def freeze_parameters(self) -> None:
        self.weight_integers.copy_(self.weight_quantizer.integers(self.weight))
        if self.bias_quantizer and self.bias is not None:
            self.bias_integers.copy_(self.bias_quantizer.integers(self.bias))

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        weight = self.weight_integers.cpu().numpy().T
        y = builder.add(Matmul(FixedPointArray(weight, self.weight_quantizer.dtype)), x)
        if self.bias_quantizer:
            bias = FixedPointArray(self.bias_integers.cpu().numpy(), self.bias_quantizer.dtype)
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
