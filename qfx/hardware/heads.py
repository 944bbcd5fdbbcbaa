"""The heads of a design's sections: what is folded, in which ways, and the stages it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from qfx.fixedpoint import FixedPointArray
from qfx.hardware.folding import Folding
from qfx.hardware.image_heads import Moving
from qfx.hardware.multipliers import Multiplier, Multipliers, by_constant
from qfx.hardware.stages import Argmax, Contract, Pool, Window
from qfx.hardware.stream import Order, Stream, divisors, stream_order
from qfx.hardware.table_heads import RowLookup, Softening
from qfx.hardware.weights import Weights
from qfx.ir import Node
from qfx.ops import (
    ArgMax,
    Conv2d,
    Embedding,
    Matmul,
    MaxPool2d,
    Pad,
    Softmax,
    TensorType,
    Upsample,
)


class LayoutError(ValueError):
    """A graph that this architecture cannot lay out."""


@dataclass(frozen=True)
class Contraction:
    """A matmul or a convolution to be folded.

    Args:
        node: whose op it is.
        weights: their inputs in the order they are streamed.
        vectors: per frame.
        simd_divides: what the number of input lanes must divide.
        multipliers: what is asked for.
    """

    node: Node
    weights: Weights
    vectors: int
    simd_divides: int
    multipliers: Multipliers

    @property
    def kinds(self) -> tuple[Multiplier, ...]:
        """What its products may be built of, the usual first."""
        bits = self.node.inputs[0].dtype.wordlength, self.weights.mantissa.dtype.wordlength
        return by_constant(self.multipliers, *bits)

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        """Every folding and the cycles it takes, its line buffer's input included."""
        groups, inputs, outputs = self.weights.whole.shape
        entering = prod(self.node.inputs[0].type.shape)
        for pe in divisors(outputs):
            for simd in divisors(self.simd_divides):
                products = self.vectors * groups * (outputs // pe) * (inputs // simd)
                cycles = max(products, entering // simd)
                for multiplier in self.kinds:
                    yield Folding(pe, simd, multiplier), cycles

    @property
    def elements(self) -> int:
        """Of the stream that `fold` reads, per frame."""
        return self.vectors * prod(self.weights.whole.shape[:2])

    def fold(self, reads: Stream, folding: Folding) -> Contract:
        """The stage so folded, reading the elements of `reads`."""
        output = self.node.output
        groups, _, outputs = self.weights.whole.shape
        elements = self.vectors * groups * outputs
        return Contract(
            name=output.name,
            source=self.node.source,
            input=replace(reads, lanes=folding.simd),
            output=Stream(f"{output.name}_out", output.dtype, elements, folding.pe),
            weights=self.weights,
            vectors=self.vectors,
            multiplier=folding.multiplier or self.kinds[0],
        )

    def window(self, reads: Stream, name: str) -> Window | None:
        """The line buffer before it; None where single pixels are read once, in order."""
        op = self.node.op
        if not isinstance(op, Conv2d) or _is_pointwise(op):
            return None
        return _window(self.node, op, reads, name, op.groups)


@dataclass(frozen=True)
class Pooling:
    """A pooling; what is to be chosen is its number of lanes, the same in and out.

    Args:
        node: whose op it is.
    """

    node: Node

    @property
    def op(self) -> MaxPool2d:
        assert isinstance(self.node.op, MaxPool2d)
        return self.node.op

    @property
    def elements(self) -> int:
        """Of the stream that `fold` reads, per frame."""
        return prod(self.node.output.type.shape) * prod(self.op.kernel)

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        """Every folding and the cycles it takes, its line buffer's input included."""
        beats = max(self.elements, prod(self.node.inputs[0].type.shape))
        for lanes in divisors(self.node.output.type.shape[0]):
            yield Folding(lanes, lanes), beats // lanes

    def fold(self, reads: Stream, folding: Folding) -> Pool:
        """The stage so folded, reading the elements of `reads`."""
        output = self.node.output
        return Pool(
            name=output.name,
            source=self.node.source,
            input=replace(reads, lanes=folding.simd),
            output=Stream(f"{output.name}_out", output.dtype, prod(output.type.shape), folding.pe),
            taps=prod(self.op.kernel),
        )

    def window(self, reads: Stream, name: str) -> Window:
        """The line buffer before it: all taps of the first lanes, then of the next."""
        channels = self.node.output.type.shape[0]
        return _window(self.node, self.op, reads, name, channels // reads.lanes)


@dataclass(frozen=True)
class Selection:
    """An argmax; what is to be chosen is how many elements it takes a cycle.

    Args:
        node: whose op it is.
    """

    node: Node

    @property
    def elements(self) -> int:
        """Of the stream that `fold` reads, per frame."""
        return self.node.inputs[0].type.shape[0]

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        """Every folding and the cycles it takes."""
        for lanes in divisors(self.elements):
            yield Folding(1, lanes), self.elements // lanes

    def fold(self, reads: Stream, folding: Folding) -> Argmax:
        """The stage so folded, reading the elements of `reads`."""
        output = self.node.output
        return Argmax(
            name=output.name,
            source=self.node.source,
            input=replace(reads, lanes=folding.simd),
            output=Stream(f"{output.name}_out", output.dtype, 1, folding.pe),
        )

    def window(self, reads: Stream, name: str) -> None:
        """It needs no line buffer."""


Head = Contraction | Moving | Pooling | RowLookup | Selection | Softening


def head_of(node: Node, operand: TensorType, order: Order, multipliers: Multipliers) -> Head:
    """What is to be folded for a node that maps do not compute.

    Args:
        node: whose op it is.
        operand: what it reads.
        order: in which the operand is streamed.
        multipliers: what products may be built of.

    Raises:
        LayoutError: its operand does not come in the order it needs, or is not flat; or it needs a
            multiplier, and none may be.
    """
    op = node.op
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
        _require_image(node, operand, order)
        return Pooling(node)
    if isinstance(op, (Pad, Upsample)):
        _require_image(node, operand, order)
        return Moving(node)
    if isinstance(op, Conv2d):
        return _convolution(node, op, operand, order, multipliers)
    assert isinstance(op, Matmul)
    if len(operand.shape) != 1:
        raise LayoutError(
            f"{node.output.name}: matmul over {operand.shape} needs Flatten before it"
        )
    rows = op.weight.integers[order][None]
    weights = Weights(FixedPointArray(rows, op.weight.dtype))
    return Contraction(node, weights, 1, operand.shape[0], multipliers)


def _convolution(
    node: Node, op: Conv2d, operand: TensorType, order: Order, multipliers: Multipliers
) -> Contraction:
    _require_image(node, operand, order)
    outputs, per_group = op.weight.shape[:2]
    taps = op.weight.integers.reshape(op.groups, outputs // op.groups, per_group, *op.kernel)
    rows = taps.transpose(0, 3, 4, 2, 1).reshape(op.groups, -1, outputs // op.groups)
    _, height, width = node.output.type.shape
    weights = Weights(FixedPointArray(rows, op.weight.dtype))
    return Contraction(node, weights, height * width, per_group, multipliers)


def _require_image(node: Node, operand: TensorType, order: Order) -> None:
    if (order != stream_order(operand.shape)).any():
        raise LayoutError(
            f"{node.output.name}: its image {operand.shape} was reshaped or permuted, so it does"
            " not come pixel by pixel, channels innermost, and a stream cannot go back: put the"
            " Reshape or Permute behind the last layer with windows, or reorder the data outside"
        )


def _window(node: Node, op: Conv2d | MaxPool2d, reads: Stream, name: str, groups: int) -> Window:
    channels, height, width = node.inputs[0].type.shape
    _, out_height, out_width = node.output.type.shape
    elements = out_height * out_width * prod(op.kernel) * channels
    return Window(
        name=name,
        source=node.source,
        input=reads,
        output=replace(reads, name=f"{name}_out", elements=elements),
        shape=(channels, height, width),
        out_size=(out_height, out_width),
        kernel=op.kernel,
        stride=op.stride,
        padding=op.padding,
        groups=groups,
        dilation=op.dilation if isinstance(op, Conv2d) else (1, 1),
    )


def _is_pointwise(op: Conv2d) -> bool:
    return (op.kernel, op.stride, op.padding, op.groups) == ((1, 1), (1, 1), (0, 0), 1)
