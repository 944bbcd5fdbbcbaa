"""Pooling: the largest value of a patch, or its mean with the reciprocal an explicit constant."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from qfx.errors import ArgumentError
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import given_quantizer, result_quantizer
from qfx.nn.conv import Size, pair
from qfx.nn.layer import Layer, LoweringError, require_frozen
from qfx.nn.quantizer import Quantizer
from qfx.ops import Conv2d, GlobalMax, MultiplyConstant
from qfx.ops import MaxPool2d as MaxPool2dOp


def _padding(given: Size, kernel_size: tuple[int, int]) -> tuple[int, int]:
    """(height, width); raises ArgumentError when a patch could lie outside the image."""
    padding = pair(given, "padding")
    if any(2 * pad > kernel for pad, kernel in zip(padding, kernel_size, strict=True)):
        raise ArgumentError(
            f"padding {padding} is more than half of the kernel {kernel_size}: pad less, or pool"
            " over larger patches"
        )
    return padding


def _require_whole(layer: Layer, output_size: Size) -> None:
    """Raises ArgumentError for an adaptive pooling to anything but one patch, the whole image."""
    if pair(output_size, "output_size") != (1, 1):
        name = type(layer).__name__
        raise ArgumentError(
            f"{name}({output_size}) would need windows of several sizes: use"
            f" {name.removeprefix('Adaptive')}, or {name}(1)"
        )


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
        self.kernel_size = pair(kernel_size, "kernel_size", 1)
        self.stride = self.kernel_size if stride is None else pair(stride, "stride", 1)
        self.padding = _padding(padding, self.kernel_size)

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


class AdaptiveMaxPool2d(Layer):
    """The largest value of each channel's whole image; exact, so it needs no quantizer.

    No line buffer is built for it, as for a MaxPool2d of that size: one pixel is held.

    Args:
        output_size: 1, the only size that is one patch.

    Shapes:
        (samples, channels, height, width) -> (samples, channels, 1, 1).

    Raises:
        ArgumentError: another output size.
    """

    def __init__(self, output_size: Size = 1) -> None:
        super().__init__()
        _require_whole(self, output_size)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.adaptive_max_pool2d(x, 1)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        return builder.add(GlobalMax(), x)


class AvgPool2d(Layer):
    """The mean of each patch: an exact sum times the quantized reciprocal of the patch's size.

    Args:
        kernel_size: one number or (height, width).
        stride: as kernel_size, which it is when None.
        padding: with zeros, which count.
        count_include_pad: only True where there is padding: one reciprocal serves all patches.
        reciprocal: quantizer of 1 / size, 8 bits by default; exact for a power of two.
        output: True for an 8-bit result, a Quantizer, or None to leave the exact product.

    Shapes:
        (samples, channels, height, width) -> (samples, channels, height', width').

    Raises:
        ArgumentError: padding that is not to be counted.
    """

    reciprocal_integer: Tensor  # int64, (): written by freeze

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        *,
        count_include_pad: bool = True,
        reciprocal: Quantizer | None = None,
        output: Quantizer | bool | None = True,
    ) -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size, "kernel_size", 1)
        self.stride = self.kernel_size if stride is None else pair(stride, "stride", 1)
        self.padding = _padding(padding, self.kernel_size)
        if not count_include_pad and self.padding != (0, 0):
            raise ArgumentError(
                f"{type(self).__name__}(padding={self.padding}, count_include_pad=False) would"
                " divide by another number at the border: let the padding count, or pool without"
                " padding"
            )
        own = given_quantizer("reciprocal", reciprocal)
        self.reciprocal = (own or Quantizer(8, signed=False, learned=False)).for_parameter(())
        self.register_buffer("reciprocal_integer", torch.tensor(0))
        self.output = result_quantizer(output)
        self._calibrate()

    def _calibrate(self) -> None:
        self.reciprocal.calibrate(torch.tensor([1 / prod(self.kernel_size)]))

    def forward(self, x: Tensor) -> Tensor:
        if self.is_exact:
            scale, x = self.reciprocal.values(self.reciprocal_integer), x.double()
        else:
            scale = self.reciprocal(x.new_tensor(1 / prod(self.kernel_size)))
        y = self._sum(x) * scale
        return self.output(y) if self.output else y

    def _sum(self, x: Tensor) -> Tensor:
        if tuple(x.shape[2:]) == self.kernel_size and self.padding == (0, 0):
            return x.sum((2, 3), keepdim=True)  # one patch: much less work than pooling
        return nn.functional.avg_pool2d(
            x, self.kernel_size, self.stride, self.padding, divisor_override=1
        )

    def freeze_parameters(self) -> None:
        size = torch.tensor(1 / prod(self.kernel_size))
        self.reciprocal_integer.copy_(self.reciprocal.integers(size))

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        channels = x.type.shape[0]
        ones = np.ones((channels, 1, *self.kernel_size), np.int64)
        one = FixedPointArray(ones, FixedPointType(1, 0, signed=False))
        total = builder.add(Conv2d(one, self.stride, self.padding, channels), x)
        reciprocal = self.reciprocal.array(self.reciprocal_integer)
        y = builder.add(MultiplyConstant(reciprocal), total)
        return self.output.lower(builder, y) if self.output else y

    def config(self) -> dict[str, Any]:
        return {
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": self.padding,
            "reciprocal": self.reciprocal,
            "output": self.output,
        }


class AdaptiveAvgPool2d(AvgPool2d):
    """The mean of each channel's whole image, as AvgPool2d over all of it.

    Args:
        output_size: 1, the only size that one window computes.
        image_size: (height, width); None takes that of the first image it sees.
        reciprocal, output: as for AvgPool2d.

    Shapes:
        (samples, channels, height, width) -> (samples, channels, 1, 1).

    Raises:
        ArgumentError: another output size, or an image of another size than the first.
    """

    def __init__(
        self,
        output_size: Size = 1,
        image_size: Size | None = None,
        *,
        reciprocal: Quantizer | None = None,
        output: Quantizer | bool | None = True,
    ) -> None:
        _require_whole(self, output_size)
        self.seen = image_size is not None
        size = pair(1 if image_size is None else image_size, "image_size", 1)
        super().__init__(size, reciprocal=reciprocal, output=output)

    def forward(self, x: Tensor) -> Tensor:
        size = (x.shape[2], x.shape[3])
        if not self.seen:
            self.seen, self.kernel_size, self.stride = True, size, size
            self._calibrate()
        if size != self.kernel_size:
            raise ArgumentError(
                f"{type(self).__name__} was made for images of {self.kernel_size}, not {size}: the"
                " reciprocal of their size is a constant of the hardware"
            )
        return super().forward(x)

    def freeze_parameters(self) -> None:
        if not self.seen:
            raise LoweringError(
                f"{type(self).__name__} has seen no image, so it does not know what to divide by:"
                " run the model once, or pass the size"
            )
        super().freeze_parameters()

    def config(self) -> dict[str, Any]:
        return {
            "output_size": 1,
            "image_size": self.kernel_size if self.seen else None,
            "reciprocal": self.reciprocal,
            "output": self.output,
        }
