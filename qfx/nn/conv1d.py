"""Convolution over the length of a line, its weight, bias, sum and result all fixed point."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from qfx.nn.arguments import require_counts
from qfx.nn.conv import Conv2d
from qfx.nn.one_dimensional import OneDimensional
from qfx.nn.quantizer import Quantizer


class Conv1d(OneDimensional, Conv2d):
    """A one-dimensional convolution: Conv2d over an image of one row, as hardware computes it.

    Its weight is (out_channels, in_channels / groups, 1, kernel_size).

    Args:
        in_channels, out_channels: sizes of the channel axis before and after.
        kernel_size, stride, padding, dilation: along the length; padding is with zeros.
        groups: divides both channel counts.
        weight, bias, output: as for Weighted.

    Shapes:
        (samples, in_channels, length) -> (samples, out_channels, length').
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
        dilation: int = 1,
        weight: Quantizer | None = None,
        bias: Quantizer | bool = True,
        output: Quantizer | bool | None = True,
    ) -> None:
        require_counts(kernel_size=kernel_size, stride=stride, dilation=dilation)
        require_counts(0, padding=padding)
        super().__init__(
            in_channels,
            out_channels,
            (1, kernel_size),
            stride=(1, stride),
            padding=(0, padding),
            groups=groups,
            dilation=(1, dilation),
            weight=weight,
            bias=bias,
            output=output,
        )

    def operands(self, x: Tensor) -> Tensor:
        return super().operands(x.unsqueeze(2))

    def config(self) -> dict[str, Any]:
        lengths = ("kernel_size", "stride", "padding", "dilation")
        return {**super().config(), **{name: getattr(self, name)[1] for name in lengths}}
