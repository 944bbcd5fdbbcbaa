"""Convolution over height and width in fixed point: weight, bias, accumulator and"
" result on grids."""

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
from qfx.ops import Conv2d as Conv2dOp

Size = int | tuple[int, int]


class Conv2d(Layer):
    """A two-dimensional convolution; `groups=in_channels` makes it depthwise.

    Args:
        in_channels, out_channels: sizes of the channel axis before and after.
        kernel_size, stride, padding: one number or (height, width); padding is with zeros.
        groups: divides both channel counts.
        weight: its quantizer; 8 bits by default.
        bias: True for a bias quantized like the weight (its binary point its own), a Quantizer, or
            False for none.
        output: True for an 8-bit result, a Quantizer, or None to leave the exact sum for the next
            layer to cast.

    Shapes:
        (samples, in_channels, height, width) -> (samples, out_channels, height', width').
    """

    weight_integers: Tensor  # int64, as weight: written by freeze
    bias_integers: Tensor  # int64, (out_channels,): written by freeze

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        *,
        stride: Size = 1,
        padding: Size = 0,
        groups: int = 1,
        weight: Quantizer | None = None,
        bias: Quantizer | bool = True,
        output: Quantizer | bool | None = True,
    ) -> None:
        super().__init__()
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"groups={groups} does not divide {in_channels} and {out_channels}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = pair(kernel_size), pair(stride)
        self.padding = pair(padding)
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        bound = 1 / math.sqrt(math.prod(shape[1:]))  # as torch.nn.Conv2d
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.weight_quantizer = (weight or Quantizer(8)).for_parameter()
        self.register_buffer("weight_integers", torch.zeros(shape, dtype=torch.int64))
        self.bias: nn.Parameter | None = None
        self.bias_quantizer: Quantizer | None = None
        if bias:
            self.bias = nn.Parameter(torch.empty(out_channels).uniform_(-bound, bound))
            own = bias if isinstance(bias, Quantizer) else None
            given = own or Quantizer(self.weight_quantizer.wordlength)
            self.bias_quantizer = given.for_parameter()
            self.register_buffer("bias_integers", torch.zeros(out_channels, dtype=torch.int64))
        self.output = output if isinstance(output, Quantizer) else Quantizer(8) if output else None

    def forward(self, x: Tensor) -> Tensor:
        bias = None
        if self.is_exact:
            x = x.double()
            point = self.weight_quantizer.fraction_bits
            weight = self.weight_integers * power_of_two(-point, torch.float64)
            if self.bias_quantizer:
                point = self.bias_quantizer.fraction_bits
                bias = self.bias_integers * power_of_two(-point, torch.float64)
        else:
            weight = self.weight_quantizer(self.weight)
            bias = self.bias_quantizer(self.bias) if self.bias_quantizer else None
        y = nn.functional.conv2d(x, weight, bias, self.stride, self.padding, groups=self.groups)
        return self.output(y) if self.output else y

    @torch.no_grad()
    def freeze_parameters(self) -> None:
        self.weight_integers.copy_(self.weight_quantizer.integers(self.weight))
        if self.bias_quantizer and self.bias is not None:
            self.bias_integers.copy_(self.bias_quantizer.integers(self.bias))

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        integers = self.weight_integers.cpu().numpy()
        weight = FixedPointArray(integers, self.weight_quantizer.dtype)
        y = builder.add(Conv2dOp(weight, self.stride, self.padding, self.groups), x)
        if self.bias_quantizer:
            bias = self.bias_integers.cpu().numpy().reshape(-1, 1, 1)
            y = builder.add_constant(y, FixedPointArray(bias, self.bias_quantizer.dtype))
        return self.output.lower(builder, y) if self.output else y

    def config(self) -> dict[str, Any]:
        return {
            "in_channels": self.in_channels,
            "out_channels": self.out_channels,
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": self.padding,
            "groups": self.groups,
            "weight": self.weight_quantizer,
            "bias": self.bias_quantizer or False,
            "output": self.output,
        }


def pair(value: Size | list[int]) -> tuple[int, int]:
    """(height, width) of one number or of two."""
    if isinstance(value, int):
        return value, value
    first, second = value
    return int(first), int(second)
