"""What layers over a line share: the line is an image of one row, for torch and for the graph."""

from __future__ import annotations

from torch import Tensor

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.layer import Layer
from qfx.ops import OpError, Reshape


class OneDimensional(Layer):
    """Put before a layer over images in a class's bases, it makes of it one over lines.

    Shapes:
        (samples, channels, length) -> (samples, channels', length').
    """

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim != 3:
            raise ArgumentError(
                f"{type(self).__name__} takes (samples, channels, length), not {tuple(x.shape)}"
            )
        y: Tensor = super().forward(x.unsqueeze(2))
        return y.squeeze(2)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        if len(x.type.shape) != 2:
            raise OpError(f"{type(self).__name__} takes (channels, length), not {x.type.shape}")
        channels, length = x.type.shape
        y = super().lower(builder, builder.add(Reshape((channels, 1, length)), x))
        channels, _, length = y.type.shape
        return builder.add(Reshape((channels, length)), y)
