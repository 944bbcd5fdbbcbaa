"""The larger, or the smaller, of tensors' elements."""

from __future__ import annotations

import torch
from torch import Tensor

from qfx.ir import GraphBuilder, Value
from qfx.nn.merge import Merge
from qfx.ops import Maximum as MaximumOp
from qfx.ops import Minimum as MinimumOp


class Maximum(Merge):
    """The largest of each element of two tensors or more, each on its own grid.

    Args:
        output: True for an 8-bit result, a Quantizer, or None to leave the finest grid of theirs.

    Shapes:
        tensors of one shape -> that shape.

    Raises:
        ArgumentError: one tensor alone, or shapes that differ.
    """

    def pair(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.maximum(a, b)

    def lower_pair(self, builder: GraphBuilder, a: Value, b: Value) -> Value:
        return builder.add(MaximumOp(), *builder.align(a, b))


class Minimum(Merge):
    """The smallest of each element of two tensors or more; arguments and shapes as for Maximum."""

    def pair(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.minimum(a, b)

    def lower_pair(self, builder: GraphBuilder, a: Value, b: Value) -> Value:
        return builder.add(MinimumOp(), *builder.align(a, b))
