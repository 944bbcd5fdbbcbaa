"""Which head a node is: what is folded of it, and what it asks of the order it is streamed in."""

from __future__ import annotations

from math import prod

import numpy as np

from qfx.errors import QfxError
from qfx.fixedpoint import FixedPointArray
from qfx.hardware.branch_heads import Joining
from qfx.hardware.heads import Contraction, Pooling, Selection
from qfx.hardware.image_heads import Moving
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.stream import Order, stream_order
from qfx.hardware.table_heads import RowLookup, Softening
from qfx.hardware.weights import Weights
from qfx.ir import Node
from qfx.ops import (
    Add,
    ArgMax,
    Concat,
    Conv2d,
    Embedding,
    Matmul,
    MaxPool2d,
    Multiply,
    Pad,
    Softmax,
    Upsample,
)


class LayoutError(QfxError):
    """A graph that this architecture cannot lay out."""


Head = Contraction | Joining | Moving | Pooling | RowLookup | Selection | Softening


def head_of(node: Node, orders: list[Order], multipliers: Multipliers) -> Head:
    """What is to be folded for a node that maps do not compute.

    Args:
        node: whose op it is.
        orders: in which its operands are streamed.
        multipliers: what products may be built of.

    Raises:
        LayoutError: its operand does not come in the order it needs, or is not flat; or it needs a
            multiplier, and none may be.
    """
    op, order = node.op, orders[0]
    if isinstance(op, (Add, Concat, Multiply)):
        return _joining(node, orders, multipliers)
    if isinstance(op, ArgMax):
        if (order != np.arange(len(order))).any():
            raise LayoutError(
                f"{node.output.name}: argmax over a flattened image would count its pixels in the"
                " order of the stream: put a Linear before it"
            )
        return Selection(node)
    if isinstance(op, Embedding):
        if (order != np.arange(len(order))).any():
            raise LayoutError(
                f"{node.output.name}: an embedding of a flattened image would give its rows in the"
                " order of the stream: feed it a vector"
            )
        return RowLookup(node)
    if isinstance(op, Softmax):
        if (order != np.arange(len(order))).any():
            raise LayoutError(
                f"{node.output.name}: softmax over a flattened image would give its probabilities"
                " in the order of the stream: put a Linear before it"
            )
        if multipliers == "none":
            raise LayoutError(
                f"{node.output.name}: softmax multiplies two streams, which takes a multiplier: ask"
                " for multipliers='lut', which takes no DSP slice either, end the model with ArgMax"
                " instead, or compute the softmax outside"
            )
        return Softening(node, multipliers)
    if isinstance(op, MaxPool2d):
        _require_image(node, order)
        return Pooling(node)
    if isinstance(op, (Pad, Upsample)):
        _require_image(node, order)
        return Moving(node)
    if isinstance(op, Conv2d):
        return _convolution(node, op, order, multipliers)
    assert isinstance(op, Matmul)
    operand = node.inputs[0].type
    if len(operand.shape) != 1:
        raise LayoutError(
            f"{node.output.name}: matmul over {operand.shape} needs Flatten before it"
        )
    rows = op.weight.integers[order][None]
    weights = Weights(FixedPointArray(rows, op.weight.dtype))
    return Contraction(node, weights, 1, operand.shape[0], multipliers)


def _joining(node: Node, orders: list[Order], multipliers: Multipliers) -> Joining:
    if isinstance(node.op, Concat):
        return Joining(node, multipliers, pixels_joined(node, orders))
    if (orders[0] != orders[1]).any():
        raise LayoutError(
            f"{node.output.name}: its two operands {node.output.type.shape} come in different"
            " orders, one of them reshaped or permuted: reshape or permute both alike, or neither"
        )
    if isinstance(node.op, Multiply) and multipliers == "none":
        raise LayoutError(
            f"{node.output.name}: a product of two streams takes a multiplier: ask for"
            " multipliers='lut', which takes no DSP slice either"
        )
    return Joining(node, multipliers, 1)


def pixels_joined(node: Node, orders: list[Order]) -> int:
    """Places at which a concatenation goes from its first operand to the second, per frame: every
    pixel of images, else once.
    """
    shapes = [value.type.shape for value in node.inputs]
    pairs = zip(orders, shapes, strict=True)
    by_pixel = all((order == stream_order(shape)).all() for order, shape in pairs)
    return prod(shapes[0][1:]) if by_pixel else 1


def _convolution(node: Node, op: Conv2d, order: Order, multipliers: Multipliers) -> Contraction:
    _require_image(node, order)
    outputs, per_group = op.weight.shape[:2]
    taps = op.weight.integers.reshape(op.groups, outputs // op.groups, per_group, *op.kernel)
    rows = taps.transpose(0, 3, 4, 2, 1).reshape(op.groups, -1, outputs // op.groups)
    _, height, width = node.output.type.shape
    weights = Weights(FixedPointArray(rows, op.weight.dtype))
    return Contraction(node, weights, height * width, per_group, multipliers)


def _require_image(node: Node, order: Order) -> None:
    operand = node.inputs[0].type
    if (order != stream_order(operand.shape)).any():
        raise LayoutError(
            f"{node.output.name}: its image {operand.shape} was reshaped or permuted, so it does"
            " not come pixel by pixel, channels innermost, and a stream cannot go back: put the"
            " Reshape or Permute behind the last layer with windows, or reorder the data outside"
        )
