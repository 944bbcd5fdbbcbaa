"""Convolution over height and width, its weight, bias, sum and result all fixed point."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import require_count
from qfx.nn.layer import require_frozen
from qfx.nn.quantizer import Quantizer
from qfx.nn.weighted import Weighted
from qfx.ops import Conv2d as Conv2dOp

Size = int | tuple[int, int]


class Conv2d(Weighted):
    """A two-dimensional convolution; `groups=in_channels` makes it depthwise.

    Args:
        in_channels, out_channels: sizes of the channel axis before and after.
        kernel_size, stride, padding: one number or (height, width); padding is with zeros.
        groups: divides both channel counts.
        dilation: from one tap of the kernel to the next, one number or (height, width).
        weight, bias, output: as for Weighted.

    Shapes:
        (samples, in_channels, height, width) -> (samples, out_channels, height', width').
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        *,
        stride: Size = 1,
        padding: Size = 0,
        groups: int = 1,
        dilation: Size = 1,
        weight: Quantizer | None = None,
        bias: Quantizer | bool = True,
        output: Quantizer | bool | None = True,
    ) -> None:
        in_channels = require_count("in_channels", in_channels)
        out_channels = require_count("out_channels", out_channels)
        groups = require_count("groups", groups)
        if in_channels % groups or out_channels % groups:
            raise ArgumentError(
                f"groups={groups} does not divide both {in_channels} and {out_channels} channels:"
                " choose a number that does"
            )
        shape = (out_channels, in_channels // groups, *pair(kernel_size, "kernel_size", 1))
        super().__init__(shape, weight, bias, output)
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = pair(kernel_size), pair(stride, "stride", 1)
        self.padding = pair(padding, "padding")
        self.dilation = pair(dilation, "dilation", 1)

    def contract(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return nn.functional.conv2d(
            x, weight, bias, self.stride, self.padding, self.dilation, self.groups
        )

    def operands(self, x: Tensor) -> Tensor:
        patches = nn.functional.unfold(
            x, self.kernel_size, self.dilation, self.padding, self.stride
        )
        samples, terms, positions = patches.shape
        by_group = patches.reshape(samples, self.groups, terms // self.groups, positions)
        return by_group.permute(1, 0, 3, 2).reshape(self.groups, samples * positions, -1)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        op = Conv2dOp(self.weight_array(), self.stride, self.padding, self.groups, self.dilation)
        y, bias = builder.add(op, x), self.bias_array()
        if bias is not None:
            y = builder.add_constant(y, bias.reshape((-1, 1, 1)))
        return self.output.lower(builder, y) if self.output else y

    def config(self) -> dict[str, Any]:
        return {
            "in_channels": self.in_channels,
            "out_channels": self.out_channels,
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": self.padding,
            "groups": self.groups,
            "dilation": self.dilation,
            "weight": self.weight_quantizer,
            "bias": self.bias_quantizer or False,
            "output": self.output,
        }


def pair(value: Size | list[int], name: str = "size", least: int = 0) -> tuple[int, int]:
    """Return (height, width) of one number or of two.

    Raises:
        ArgumentError: it is something else, or below `least`.
    """
    both = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    try:
        first, second = (require_count(name, size, least) for size in both)
    except ValueError:
        raise ArgumentError(
            f"{name} must be a whole number from {least} on, or two of them for height and width,"
            f" not {value!r}"
        ) from None
    return first, second
