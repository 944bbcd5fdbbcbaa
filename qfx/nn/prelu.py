"""Rectifiers that keep a share of what is negative: one slope, or one per channel."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import given_quantizer, require_count, require_number, result_quantizer
from qfx.nn.layer import Layer, require_frozen
from qfx.nn.quantizer import Quantizer
from qfx.ops import PRelu


class PReLU(Layer):
    """y = x where x >= 0, else slope * x, the slope being trained (arXiv 1502.01852).

    Args:
        num_parameters: 1, or one for each channel, the second axis.
        init: the slope before training.
        slope: its quantizer, 8 bits by default.
        output: True for an 8-bit result, a Quantizer, or None to leave the exact product.

    Shapes:
        (samples, channels, ...) -> the same.
    """

    weight: nn.Parameter | Tensor
    slope_integers: Tensor  # int64, (num_parameters,): written by freeze

    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,
        *,
        slope: Quantizer | None = None,
        output: Quantizer | bool | None = True,
    ) -> None:
        super().__init__()
        self.num_parameters = require_count("num_parameters", num_parameters)
        self.weight = nn.Parameter(torch.full((num_parameters,), require_number("init", init)))
        self.slope = (given_quantizer("slope", slope) or Quantizer(8)).for_parameter(
            (num_parameters,)
        )
        self.register_buffer("slope_integers", torch.zeros(num_parameters, dtype=torch.int64))
        self.output = result_quantizer(output)

    def forward(self, x: Tensor) -> Tensor:
        if self.num_parameters not in (1, *x.shape[1:2]):
            raise ArgumentError(
                f"{type(self).__name__}({self.num_parameters}) takes {self.num_parameters} channels"
                f" in the second axis, not {tuple(x.shape)}"
            )
        if self.is_exact:
            x, slope = x.double(), self.slope.values(self.slope_integers)
        else:
            slope = self.slope(self.weight)
        y = nn.functional.prelu(x, slope)
        return self.output(y) if self.output else y

    @torch.no_grad()
    def freeze_parameters(self) -> None:
        self.slope_integers.copy_(self.slope.integers(self.weight))

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        slope = self.slope.array(self.slope_integers)
        slope = slope.refined(max(0, slope.dtype.fraction_bits))  # what is positive stays exact
        shape = () if self.num_parameters == 1 else (-1, *[1] * (len(x.type.shape) - 1))
        y = builder.add(PRelu(slope.reshape(shape)), x)
        return self.output.lower(builder, y) if self.output else y

    def config(self) -> dict[str, Any]:
        return {
            "num_parameters": self.num_parameters,
            "slope": self.slope,
            "output": self.output,
        }


class LeakyReLU(PReLU):
    """y = x where x >= 0, else negative_slope * x.

    Args:
        negative_slope: a constant.
        slope: its quantizer, 8 bits by default, which are exact for a power of two.
        output: as for PReLU.

    Shapes:
        any -> the same.
    """

    def __init__(
        self,
        negative_slope: float = 0.01,
        *,
        slope: Quantizer | None = None,
        output: Quantizer | bool | None = True,
    ) -> None:
        require_number("negative_slope", negative_slope)
        given = given_quantizer("slope", slope) or Quantizer(8, learned=False)
        super().__init__(1, negative_slope, slope=given, output=output)
        self.negative_slope = negative_slope
        del self.weight
        self.register_buffer("weight", torch.tensor([float(negative_slope)]))
        self.slope.calibrate(self.weight)

    def config(self) -> dict[str, Any]:
        return {
            "negative_slope": self.negative_slope,
            "slope": self.slope,
            "output": self.output,
        }
