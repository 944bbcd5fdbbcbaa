"""A finer image by repeating pixels, whole times."""

from __future__ import annotations

from typing import Any

from torch import Tensor

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
        ValueError: a factor that is not whole, or below 1.
    """

    def __init__(self, scale_factor: Size) -> None:
        super().__init__()
        given = (scale_factor,) if isinstance(scale_factor, int | float) else tuple(scale_factor)
        if any(factor != int(factor) or factor < 1 for factor in given):
            raise ValueError(
                f"Upsample({scale_factor}) repeats pixels, so its factors are whole and at least 1"
            )
        self.scale_factor = pair(scale_factor)

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = self.scale_factor
        return x.repeat_interleave(rows, 2).repeat_interleave(columns, 3)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        return builder.add(UpsampleOp(self.scale_factor), x)

    def config(self) -> dict[str, Any]:
        return {"scale_factor": self.scale_factor}
