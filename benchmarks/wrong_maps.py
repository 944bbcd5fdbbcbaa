"""Whether a wrong step of a map can be seen at all: tried for every integer of its operand."""

from collections.abc import Callable
from typing import Any

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.hardware import Map
from qfx.ir import Graph, Node

Wrong = Callable[[Any, Integers], Integers]  # what a wrong op gives for integers
_MOST = 1 << 16  # integers of an operand
UNSEEN = "for no integer that its operand can hold does its map give another one"


def unseen(graph: Graph, stage: Map, step: int, wrong: Wrong) -> str:
    """Why a wrong step changes nothing; empty where some integer shows it, or there are too many.

    Args:
        graph: of the design.
        stage: whose step it is.
        step: of the map, from 0 on.
        wrong: what is computed instead.
    """
    nodes = {node.output.name: node for node in graph.nodes}
    steps = [nodes[each.result.name] for each in stage.steps]
    node, operand = steps[step], steps[step].inputs[0].type
    count = operand.interval.high - operand.interval.low + 1
    if count > _MOST:
        return ""
    integers = np.arange(operand.interval.low, operand.interval.high + 1)
    x = integers.reshape(-1, *(1 for _ in operand.shape)) + np.zeros((1, *operand.shape), np.int64)
    right, other = node.op.evaluate(x), _held(node, wrong(node.op, x))
    for after in steps[step + 1 :]:
        right, other = after.op.evaluate(right), _held(after, after.op.evaluate(other))
    return UNSEEN if np.array_equal(right, other) else ""


def _held(node: Node, integers: Integers) -> Integers:
    """What the wires of a node's result hold of integers that it never gives: the lowest bits."""
    dtype = node.output.dtype
    span = 1 << dtype.wordlength
    return (integers - dtype.min_int) % span + dtype.min_int
