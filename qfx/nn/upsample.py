"""A finer image by repeating pixels, whole times."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.conv import Size, pair
from qfx.nn.layer import Layer
from qfx.ops import Upsample as UpsampleOp


class Upsample(Layer):
    """The nearest neighbour on a finer grid, as torch's Upsample by a whole factor.

    Args:
        scale_factor: one number or (height, width), whole.

    Shapes:
        (samples, channels, height, width) -> (samples, channels, height', width').

    Raises:
        ArgumentError: a factor that is not whole, or below 1.
    """

    def __init__(self, scale_factor: Size) -> None:
        super().__init__()
        try:
            self.scale_factor = pair(scale_factor, "scale_factor", 1)
        except ValueError:
            raise ArgumentError(
                f"Upsample({scale_factor!r}) repeats pixels, so its factors are whole and at least"
                " 1: give one number or (height, width)"
            ) from None

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim != 4:
            raise ArgumentError(
                f"Upsample takes (samples, channels, height, width), not {tuple(x.shape)}: Reshape"
                " first"
            )
        rows, columns = self.scale_factor
        return x.repeat_interleave(rows, 2).repeat_interleave(columns, 3)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        return builder.add(UpsampleOp(self.scale_factor), x)

    def config(self) -> dict[str, Any]:
        return {"scale_factor": self.scale_factor}
