"""Pooling: the largest value of a patch, or its mean with the reciprocal an explicit constant."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.ir import GraphBuilder, Value
from qfx.nn.cast import power_of_two
from qfx.nn.conv import Size, pair
from qfx.nn.layer import Layer, require_frozen
from qfx.nn.quantizer import Quantizer
from qfx.ops import Conv2d, MultiplyConstant
from qfx.ops import MaxPool2d as MaxPool2dOp


class MaxPool2d(Layer):
    """The largest value of each patch; exact, so it needs no quantizer.

    Args:
        kernel_size: one number or (height, width).
        stride: as kernel_size, which it is when None.
        padding: at most half the kernel, and only where no value is negative: zeros are padded.

    Shapes:
        (samples, channels, height, width) -> (samples, channels, height', width').
    """

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size)
        self.stride = self.kernel_size if stride is None else pair(stride)
        self.padding = pair(padding)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.max_pool2d(x, self.kernel_size, self.stride, self.padding)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        return builder.add(MaxPool2dOp(self.kernel_size, self.stride, self.padding), x)

    def config(self) -> dict[str, Any]:
        return {
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": self.padding,
        }


class AvgPool2d(Layer):
    """The mean of each patch: an exact sum times the quantized reciprocal of the patch's size.

    Args:
        kernel_size: one number or (height, width).
        stride: as kernel_size, which it is when None.
        padding: with zeros, which count (torch's count_include_pad=True).
        reciprocal: quantizer of 1 / size, 8 bits by default; exact for a power of two.
        output: True for an 8-bit result, a Quantizer, or None to leave the exact product.

    Shapes:
        (samples, channels, height, width) -> (samples, channels, height', width').
    """

    reciprocal_integer: Tensor  # int64, (): written by freeze

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        *,
        reciprocal: Quantizer | None = None,
        output: Quantizer | bool | None = True,
    ) -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size)
        self.stride = self.kernel_size if stride is None else pair(stride)
        self.padding = pair(padding)
        self.size = self.kernel_size[0] * self.kernel_size[1]
        given = reciprocal or Quantizer(8, signed=False, learned=False)
        self.reciprocal = given.for_parameter()
        self.reciprocal.calibrate(torch.tensor([1 / self.size]))
        self.register_buffer("reciprocal_integer", torch.tensor(0))
        self.output = output if isinstance(output, Quantizer) else Quantizer(8) if output else None

    def forward(self, x: Tensor) -> Tensor:
        if self.is_exact:
            point = self.reciprocal.fraction_bits
            scale = self.reciprocal_integer * power_of_two(-point, torch.float64)
            x = x.double()
        else:
            scale = self.reciprocal(x.new_tensor(1 / self.size))
        total = nn.functional.avg_pool2d(
            x, self.kernel_size, self.stride, self.padding, divisor_override=1
        )
        y = total * scale
        return self.output(y) if self.output else y

    def freeze_parameters(self) -> None:
        self.reciprocal_integer.copy_(self.reciprocal.integers(torch.tensor(1 / self.size)))

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        channels = x.type.shape[0]
        ones = np.ones((channels, 1, *self.kernel_size), np.int64)
        one = FixedPointArray(ones, FixedPointType(1, 0, signed=False))
        total = builder.add(Conv2d(one, self.stride, self.padding, channels), x)
        reciprocal = self.reciprocal_integer.cpu().numpy()
        y = builder.add(MultiplyConstant(FixedPointArray(reciprocal, self.reciprocal.dtype)), total)
        return self.output.lower(builder, y) if self.output else y

    def config(self) -> dict[str, Any]:
        return {
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": self.padding,
            "reciprocal": self.reciprocal,
            "output": self.output,
        }
