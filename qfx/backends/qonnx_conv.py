"""What is written as part of the Conv before it, because hls4ml reads no more: a bias as its third
input, where an Add of (C, 1, 1) is refused, and the factor of an average pooling in its weights,
where a Mul behind a depthwise convolution of ones is.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from qfx.backends.qonnx_spelling import conv2d
from qfx.backends.qonnx_writer import FLOAT32_BITS, Writer, bits_of
from qfx.fixedpoint import FixedPointArray, Interval
from qfx.ir import Graph, Node
from qfx.ops import AddConstant, Cast, Conv2d, MultiplyConstant

Chain = tuple[Node, ...]


def followers(graph: Graph) -> dict[str, Chain]:
    """By the name of a convolution's result what is written with it; where float32 stays exact.

    That is a MultiplyConstant of one number behind sums of ones; or an AddConstant of a number for
    each channel, before it perhaps the cast that brings both to one binary point.
    """
    read = Counter(value.name for node in graph.nodes for value in node.inputs)
    read.update(value.name for value in graph.outputs)
    readers = {node.inputs[0].name: node for node in graph.nodes if len(node.inputs) == 1}

    def only(node: Node) -> Node | None:
        return readers.get(node.output.name) if read[node.output.name] == 1 else None

    found = {}
    for node in graph.nodes:
        if not isinstance(node.op, Conv2d):
            continue
        chain, last = list[Node](), only(node)
        if last is not None and isinstance(last.op, Cast) and _is_exact(last, last.op):
            chain.append(last)
            last = only(last)
        if last is not None and (_scales(node, last, chain) or _adds(node, last)):
            found[node.output.name] = (*chain, last)
    return found


def write_together(writer: Writer, node: Node, chain: Chain) -> Node:
    """Write a convolution and what follows as one Conv; the node whose result that is."""
    last = chain[-1]
    assert isinstance(node.op, Conv2d)
    assert isinstance(last.op, (AddConstant, MultiplyConstant))
    constant = last.op.constant
    if isinstance(last.op, AddConstant):
        conv2d(writer, node, node.op, last.output.name, bias=constant.reshape((-1,)))
    else:
        weight = np.full(node.op.weight.shape, constant.integers)
        whole = FixedPointArray(weight, constant.dtype)
        conv2d(writer, node, node.op, last.output.name, weight=whole)
    return last


def _is_exact(node: Node, op: Cast) -> bool:
    """Whether a cast changes no value."""
    return op.shift <= 0 and op.rounded(node.inputs[0].type.interval) in op.fitting


def _scales(conv: Node, last: Node, before: list[Node]) -> bool:
    assert isinstance(conv.op, Conv2d)
    if before or not isinstance(last.op, MultiplyConstant) or last.op.constant.shape != ():
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
