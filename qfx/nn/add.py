"""The sum of tensors: where a shortcut meets what it bypassed."""

from __future__ import annotations

from torch import Tensor

from qfx.ir import GraphBuilder, Value
from qfx.nn.merge import Merge
from qfx.ops import Add as AddOp


class Add(Merge):
    """The sum of two tensors or more, each on its own grid, brought to the finest exactly.

    Args:
        output: True for an 8-bit result, a Quantizer, or None to leave the exact sum.

    Shapes:
        tensors of one shape -> that shape.

    Raises:
        ArgumentError: one tensor alone, or shapes that differ.
    """

    def pair(self, a: Tensor, b: Tensor) -> Tensor:
        return a + b

    def lower_pair(self, builder: GraphBuilder, a: Value, b: Value) -> Value:
        return builder.add(AddOp(), *builder.align(a, b))
