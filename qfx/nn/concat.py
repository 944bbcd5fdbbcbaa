"""Tensors one after the other along the channels."""

from __future__ import annotations

import torch
from torch import Tensor

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.merge import Merge
from qfx.ops import Concat as ConcatOp


class Concat(Merge):
    """The channels, or features, of two tensors or more one after the other, each on its own grid,
    brought to the finest exactly.

    Args:
        output: True for an 8-bit result, a Quantizer, or None to leave the finest of the grids,
            with as many bits as that takes.

    Shapes:
        (samples, channels, ...) each, all but the channels alike -> (samples, their sum, ...).

    Raises:
        ArgumentError: one tensor alone, or other sizes that differ.
    """

    def require_shapes(self, x: tuple[Tensor, ...]) -> None:
        if any(each.shape[2:] != x[0].shape[2:] or each.ndim < 2 for each in x):
            shapes = " and ".join(str(tuple(each.shape)) for each in x)
            raise ArgumentError(
                f"Concat joins channels, the second axis, so that all other sizes must agree:"
                f" {shapes} do not"
            )

    def pair(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.cat((a, b), 1)

    def lower_pair(self, builder: GraphBuilder, a: Value, b: Value) -> Value:
        return builder.add(ConcatOp(), *builder.align(a, b))
