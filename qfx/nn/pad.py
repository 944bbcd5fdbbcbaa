"""Zeros around an image, on each side as many as asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import require_integers
from qfx.nn.layer import Layer
from qfx.ops import Pad as PadOp


class Pad(Layer):
    """Rows and columns of zeros around each channel's image, as torch's ZeroPad2d.

    Args:
        padding: (left, right, top, bottom), or one number for all four.

    Shapes:
        (samples, channels, height, width)
        -> (samples, channels, top + height + bottom, left + width + right).

    Raises:
        ValueError: another count of numbers, or one below 0.
    """

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        given = padding if isinstance(padding, (tuple, list)) else (padding,) * 4
        self.padding = require_integers("padding", given)
        if len(self.padding) != 4 or min(self.padding) < 0:
            raise ValueError(
                f"Pad({self.padding}) takes one number, or (left, right, top, bottom), of at least"
                " 0: what is there cannot be cropped"
            )

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim != 4:
            raise ValueError(
                f"Pad takes (samples, channels, height, width), not {tuple(x.shape)}: Reshape first"
            )
        return nn.functional.pad(x, self.padding)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        left, right, top, bottom = self.padding
        return builder.add(PadOp((top, bottom), (left, right)), x)

    def config(self) -> dict[str, Any]:
        return {"padding": self.padding}
