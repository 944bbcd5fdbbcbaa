"""The product of tensors, element by element: a gate."""

from __future__ import annotations

from torch import Tensor

from qfx.ir import GraphBuilder, Value
from qfx.nn.merge import Merge
from qfx.ops import Multiply as MultiplyOp


class Multiply(Merge):
    """The product, element by element, of two tensors or more.

    Args:
        output: True for an 8-bit result, a Quantizer, or None to leave the exact product.

    Shapes:
        tensors of one shape -> that shape.

    Raises:
        ArgumentError: one tensor alone, or shapes that differ.
    """

    def pair(self, a: Tensor, b: Tensor) -> Tensor:
        return a * b

    def lower_pair(self, builder: GraphBuilder, a: Value, b: Value) -> Value:
        return builder.add(MultiplyOp(), a, b)
