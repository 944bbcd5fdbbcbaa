"""The difference of two tensors."""

from __future__ import annotations

from torch import Tensor

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.merge import Merge
from qfx.ops import Subtract as SubtractOp


class Subtract(Merge):
    """The first of two tensors less the second, each on its own grid.

    Args:
        output: True for an 8-bit result, a Quantizer, or None to leave the exact difference.

    Shapes:
        two tensors of one shape -> that shape.

    Raises:
        ArgumentError: not two tensors, or shapes that differ.
    """

    def require_shapes(self, x: tuple[Tensor, ...]) -> None:
        if len(x) != 2:
            raise ArgumentError(f"Subtract takes two tensors, not {len(x)}: add what is subtracted")
        super().require_shapes(x)

    def pair(self, a: Tensor, b: Tensor) -> Tensor:
        return a - b

    def lower_pair(self, builder: GraphBuilder, a: Value, b: Value) -> Value:
        return builder.add(SubtractOp(), *builder.align(a, b))
