"""Zeros around samples, on each side as many as asked for; or what is there taken away."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, prod
from typing import Any

from torch import Tensor, nn

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import require_integers
from qfx.nn.layer import Layer
from qfx.ops import OpError, Reshape, Transpose
from qfx.ops import Pad as PadOp

_AXES = 3  # of a sample, at most: channels, height and width


class Pad(Layer):
    """Zeros around each channel's image or line, as torch's ZeroPad2d, ZeroPad1d and F.pad.

    Numbers below 0 take away: `x[:, :, :-2]` of lines is Pad((0, -2)).

    Args:
        padding: (left, right) of the last axis, behind them the two of the axis before, and so on,
            the batch's left out: (left, right, top, bottom) of images. One number is for all four
            sides of images.

    Shapes:
        (samples, channels, height, width)
        -> (samples, channels, top + height + bottom, left + width + right);
        (samples, channels, length) -> (samples, channels, left + length + right);
        (samples, features) -> (samples, left + features + right).

    Raises:
        ArgumentError: another count of numbers; samples of fewer axes, or of which nothing is left.
    """

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        self.around = not isinstance(padding, (tuple, list))  # images, and nothing else
        self.padding = require_integers("padding", (padding,) * 4 if self.around else padding)
        if len(self.padding) not in range(2, 2 * _AXES + 1, 2):
            raise ArgumentError(
                f"Pad({self.padding}) takes one number, (left, right) or (left, right, top, bottom)"
            )

    def _ends(self, shape: tuple[int, ...]) -> list[tuple[int, int]]:
        """What comes before and behind each axis of a sample.

        Raises:
            ArgumentError: it cannot.
        """
        pairs = list(zip(self.padding[::2], self.padding[1::2], strict=True))[::-1]
        fits = len(shape) == 3 if self.around else len(pairs) <= len(shape) <= _AXES
        if not fits:
            takes = "(channels, height, width)" if len(pairs) > 1 else "one to three axes"
            raise ArgumentError(f"Pad takes samples of {takes}, not {shape}: Reshape first")
        ends = [(0, 0)] * (len(shape) - len(pairs)) + pairs
        for size, (before, behind) in zip(shape, ends, strict=True):
            if size + min(0, before) + min(0, behind) < 1:
                raise ArgumentError(f"Pad({self.padding}) leaves nothing of samples of {shape}")
        return ends

    def forward(self, x: Tensor) -> Tensor:
        self._ends(tuple(x.shape[1:]))
        return nn.functional.pad(x, self.padding)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        try:
            ends = self._ends(x.type.shape)
        except ValueError as error:
            raise OpError(str(error)) from error
        if any(ends[0]):
            x = _channels_padded(builder, x, *ends[0])
        if not any(map(any, ends[1:])):
            return x
        shape = x.type.shape
        rows = ends[1] if len(shape) == 3 else (0, 0)
        if len(shape) == 2:
            x = builder.add(Reshape((shape[0], 1, shape[1])), x)
        y = builder.add(PadOp(rows, ends[-1]), x)
        return y if len(shape) == 3 else builder.add(Reshape((shape[0], y.type.shape[2])), y)

    def config(self) -> dict[str, Any]:
        return {"padding": self.padding[0] if self.around else self.padding}


def _channels_padded(builder: GraphBuilder, x: Value, before: int, behind: int) -> Value:
    """Channels are streamed next to one another: to the op they are the columns of an image, as
    many side by side as go into what is added, taken away and kept.
    """
    channels, *sizes = x.type.shape
    axes = range(len(sizes))
    together = gcd(channels, before, behind)
    rows, columns = prod(sizes), channels // together
    if sizes:
        x = builder.add(Transpose((*(axis + 1 for axis in axes), 0)), x)
    x = builder.add(Reshape((rows, columns, together)), x)
    x = builder.add(Transpose((2, 0, 1)), x)
    y = builder.add(PadOp((0, 0), (before // together, behind // together)), x)
    y = builder.add(Transpose((1, 2, 0)), y)
    y = builder.add(Reshape((*sizes, y.type.shape[1] * together)), y)
    return builder.add(Transpose((len(sizes), *axes)), y) if sizes else y
