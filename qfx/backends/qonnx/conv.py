"""What is written as part of the Conv before it, because hls4ml reads no more: a bias as its third
input, where an Add of (C, 1, 1) is refused; there too the half LSB that a cast adds, which hls4ml
would merge with a Conv of any shape but its own; and the factor of an average pooling in its
weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from qfx.backends.qonnx.spelling import conv2d
from qfx.backends.qonnx.writer import FLOAT32_BITS, Writer, bits_of, info
from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval
from qfx.fixedpoint.array import Integers
from qfx.ir import Graph, Node
from qfx.onnx_modes import ADDS_HALF_LSB
from qfx.ops import AddConstant, Cast, Conv2d, MultiplyConstant


@dataclass(frozen=True)
class Together:
    """A convolution and what is written with it.

    Args:
        nodes: that it takes the place of, behind the convolution, the last one's result being its.
        weight: other than the convolution's; None where it is that.
        bias: (channels,), or None.
        cast: whose half LSB the bias holds: it is written behind; None where none is.
    """

    nodes: tuple[Node, ...]
    weight: FixedPointArray | None = None
    bias: FixedPointArray | None = None
    cast: Node | None = None

    @property
    def taken(self) -> tuple[Node, ...]:
        """Nodes that need no spelling of their own any more."""
        return self.nodes if self.cast is None else (*self.nodes, self.cast)


def followers(graph: Graph) -> dict[str, Together]:
    """By the name of a convolution's result what is written with it; where float32 stays exact.

    That is a MultiplyConstant of one number behind sums of ones; or an AddConstant of a number for
    each channel, before it perhaps the cast that brings both to one binary point; and half an LSB
    of a cast behind.
    """
    read = Counter(value.name for node in graph.nodes for value in node.inputs)
    read.update(value.name for value in graph.outputs)
    readers = {node.inputs[0].name: node for node in graph.nodes if len(node.inputs) == 1}

    def only(node: Node) -> Node | None:
        return readers.get(node.output.name) if read[node.output.name] == 1 else None

    convolutions = [node for node in graph.nodes if isinstance(node.op, Conv2d)]
    found = {node.output.name: _rounded(node, _first(node, only), only) for node in convolutions}
    return {name: each for name, each in found.items() if each.taken}


def write_together(writer: Writer, node: Node, what: Together) -> Node:
    """Write a convolution and what follows; the node whose result that is."""
    assert isinstance(node.op, Conv2d)
    if what.cast is None:
        last = what.nodes[-1]
        conv2d(writer, node, node.op, last.output.name, weight=what.weight, bias=what.bias)
        return last
    cast, raised = what.cast, f"{what.cast.output.name}_raised"
    assert isinstance(cast.op, Cast)
    conv2d(writer, node, node.op, raised, weight=what.weight, bias=what.bias)
    writer.values.append(info(raised, cast.output.type.shape))
    operand = cast.inputs[0].type.interval
    writer.quant(cast.op, operand, raised, cast.output, cast.output.name, raised=True)
    return cast


def _first(node: Node, only: Callable[[Node], Node | None]) -> Together:
    """Without the half LSB."""
    before: tuple[Node, ...] = ()
    last = only(node)
    if last is not None and isinstance(last.op, Cast) and _is_exact(last, last.op):
        before, last = (last,), only(last)
    if last is not None and not before and _scales(node, last):
        assert isinstance(node.op, Conv2d)
        assert isinstance(last.op, MultiplyConstant)
        factor = last.op.constant
        taps = FixedPointArray(np.full(node.op.weight.shape, factor.integers), factor.dtype)
        return Together((last,), weight=taps)
    if last is not None and _adds(node, last):
        assert isinstance(last.op, AddConstant)
        return Together((*before, last), bias=last.op.constant.reshape((-1,)))
    return Together(())


def _rounded(node: Node, what: Together, only: Callable[[Node], Node | None]) -> Together:
    """With the half LSB of the cast that alone reads the result, if it adds one."""
    last = what.nodes[-1] if what.nodes else node
    cast = only(last)
    if cast is None or not isinstance(cast.op, Cast):
        return what
    if cast.op.rounding not in ADDS_HALF_LSB or cast.op.shift <= 0:
        return what
    point, half = last.output.type.fraction_bits, 1 << (cast.op.shift - 1)
    channels = node.output.type.shape[0]
    own: Integers = np.zeros(channels, np.int64) if what.bias is None else what.bias.integers
    raised = own + half
    factor = 1
    if what.weight is not None:
        factor = int(np.abs(what.weight.integers).max())
    sums = _largest(node) * factor
    finer = point - node.output.type.fraction_bits if what.weight is None else 0
    if not _exact((sums << finer) + int(np.abs(raised).max())):
        return what
    held = Interval(min(0, int(raised.min())), int(raised.max()))
    bias = FixedPointArray(raised, FixedPointType.holding(held, point))
    return replace(what, bias=bias, cast=cast)


def _is_exact(node: Node, op: Cast) -> bool:
    """Whether a cast changes no value."""
    return op.shift <= 0 and op.rounded(node.inputs[0].type.interval) in op.fitting


def _scales(conv: Node, last: Node) -> bool:
    assert isinstance(conv.op, Conv2d)
    if not isinstance(last.op, MultiplyConstant) or last.op.constant.shape != ():
        return False
    ones = conv.op.weight.dtype.fraction_bits == 0 and (conv.op.weight.integers == 1).all()
    return bool(ones) and _exact(_largest(conv) * max(map(abs, last.op.ends)))


def _adds(conv: Node, last: Node) -> bool:
    if not isinstance(last.op, AddConstant):
        return False
    if last.op.constant.shape != (conv.output.type.shape[0], 1, 1):
        return False
    finer = last.output.type.fraction_bits - conv.output.type.fraction_bits
    return _exact((_largest(conv) << finer) + max(map(abs, last.op.ends)))


def _largest(conv: Node) -> int:
    """What no sum of some of the products exceeds."""
    assert isinstance(conv.op, Conv2d)
    return conv.op.magnitude(conv.inputs[0].type.interval.magnitude)


def _exact(magnitude: int) -> bool:
    """Whether float32 holds all integers up to that."""
    return bits_of(Interval(-magnitude, magnitude)) <= FLOAT32_BITS
