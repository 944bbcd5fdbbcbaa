"""The heads of a design's sections: what is folded, in which ways, and the stages it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from qfx.fixedpoint import FixedPointArray
from qfx.hardware.estimate import uses_dsp
from qfx.hardware.image_heads import Moving
from qfx.hardware.stages import Argmax, Contract, Pool, Window
from qfx.hardware.stream import Order, Stream, divisors, stream_order
from qfx.hardware.table_heads import RowLookup, Softening
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
        weight: (groups, inputs, outputs), inputs in the order they are streamed.
        vectors: per frame.
        simd_divides: what the number of input lanes must divide.
    """

    node: Node
    weight: FixedPointArray
    vectors: int
    simd_divides: int

    def foldings(self) -> Iterator[tuple[int, int, int]]:
        """Every (pe, simd) and the cycles it takes, its line buffer's input included."""
        groups, inputs, outputs = self.weight.shape
        entering = prod(self.node.inputs[0].type.shape)
        for pe in divisors(outputs):
            for simd in divisors(self.simd_divides):
                products = self.vectors * groups * (outputs // pe) * (inputs // simd)
                yield pe, simd, max(products, entering // simd)

    @property
    def elements(self) -> int:
        """Of the stream that `fold` reads, per frame."""
        return self.vectors * self.weight.shape[0] * self.weight.shape[1]

    def fold(self, reads: Stream, pe: int, simd: int) -> Contract:
        """The stage with so many lanes, reading the elements of `reads`."""
        output = self.node.output
        groups, _, outputs = self.weight.shape
        elements = self.vectors * groups * outputs
        stage = Contract(
            name=output.name,
            source=self.node.source,
            input=replace(reads, lanes=simd),
            output=Stream(f"{output.name}_out", output.dtype, elements, pe),
            weight=self.weight,
            vectors=self.vectors,
            multiplier="lut",
        )
        if uses_dsp(reads.dtype.wordlength, stage.mantissa.dtype.wordlength):
            stage = replace(stage, multiplier="dsp")
        return stage

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

    def foldings(self) -> Iterator[tuple[int, int, int]]:
        """Every (lanes, lanes) and the cycles it takes, its line buffer's input included."""
        beats = max(self.elements, prod(self.node.inputs[0].type.shape))
        for lanes in divisors(self.node.output.type.shape[0]):
            yield lanes, lanes, beats // lanes

    def fold(self, reads: Stream, pe: int, simd: int) -> Pool:
        """The stage with so many lanes, reading the elements of `reads`."""
        output = self.node.output
        return Pool(
            name=output.name,
            source=self.node.source,
            input=replace(reads, lanes=simd),
            output=Stream(f"{output.name}_out", output.dtype, prod(output.type.shape), pe),
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

    def foldings(self) -> Iterator[tuple[int, int, int]]:
        """Every (1, lanes) and the cycles it takes."""
        for lanes in divisors(self.elements):
            yield 1, lanes, self.elements // lanes

    def fold(self, reads: Stream, pe: int, simd: int) -> Argmax:
        """The stage with so many lanes, reading the elements of `reads`."""
        output = self.node.output
        return Argmax(
            name=output.name,
            source=self.node.source,
            input=replace(reads, lanes=simd),
            output=Stream(f"{output.name}_out", output.dtype, 1, pe),
        )

    def window(self, reads: Stream, name: str) -> None:
        """It needs no line buffer."""


Head = Contraction | Moving | Pooling | RowLookup | Selection | Softening


def head_of(node: Node, operand: TensorType, order: Order) -> Head:
    """What is to be folded for a node that maps do not compute.

    Args:
        node: whose op it is.
        operand: what it reads.
        order: in which the operand is streamed.

    Raises:
        LayoutError: its operand does not come in the order it needs, or is not flat.
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
        return Softening(node)
    if isinstance(op, MaxPool2d):
        _require_image(node, operand, order)
        return Pooling(node)
    if isinstance(op, (Pad, Upsample)):
        _require_image(node, operand, order)
        return Moving(node)
    if isinstance(op, Conv2d):
        return _convolution(node, op, operand, order)
    assert isinstance(op, Matmul)
    if len(operand.shape) != 1:
        raise LayoutError(
            f"{node.output.name}: matmul over {operand.shape} needs Flatten before it"
        )
    rows = op.weight.integers[order][None]
    return Contraction(node, FixedPointArray(rows, op.weight.dtype), 1, operand.shape[0])


def _convolution(node: Node, op: Conv2d, operand: TensorType, order: Order) -> Contraction:
    _require_image(node, operand, order)
    outputs, per_group = op.weight.shape[:2]
    taps = op.weight.integers.reshape(op.groups, outputs // op.groups, per_group, *op.kernel)
    rows = taps.transpose(0, 3, 4, 2, 1).reshape(op.groups, -1, outputs // op.groups)
    _, height, width = node.output.type.shape
    return Contraction(node, FixedPointArray(rows, op.weight.dtype), height * width, per_group)


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
