"""Rewrites that make a graph smaller and leave every output integer as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval
from qfx.ir.graph import Graph
from qfx.ir.value import Node, Value
from qfx.ops import AddConstant, Cast, Clip, Op, Relu, Reshape

Pass = Callable[[Graph], Graph]


def merge_constant_adds(graph: Graph) -> Graph:
    """x + a + b becomes x + (a + b) where nothing else reads x + a."""
    readers = _count_readers(graph)
    made_by: dict[str, Node] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        before = made_by.get(node.inputs[0].name)
        if (
            isinstance(node.op, AddConstant)
            and before is not None
            and isinstance(before.op, AddConstant)
            and readers[before.output.name] == 1
        ):
            op = AddConstant(_sum(before.op.constant, node.op.constant))
            nodes.remove(before)
            node = replace(node, op=op, inputs=before.inputs)
        nodes.append(node)
        made_by[node.output.name] = node
    return _rebuild(graph, nodes, {})


def remove_identities(graph: Graph) -> Graph:
    """A node that returns its operand unchanged goes: a cast that fits, relu of no negative, + 0, a
    reshape to itself.
    """
    nodes, renamed = [], dict[str, str]()
    for node in graph.nodes:
        if _is_identity(node):
            renamed[node.output.name] = renamed.get(node.inputs[0].name, node.inputs[0].name)
        else:
            nodes.append(node)
    return _rebuild(graph, nodes, renamed)


def remove_dead_nodes(graph: Graph) -> Graph:
    """What no output depends on goes."""
    alive = {v.name for v in graph.outputs}
    nodes: list[Node] = []
    for node in reversed(graph.nodes):
        if node.output.name in alive:
            alive |= {v.name for v in node.inputs}
            nodes.insert(0, node)
    return _rebuild(graph, nodes, {})


def append(graph: Graph, op: Op) -> Graph:
    """The graph of one output with `op` behind it.

    Raises:
        OpError: the op is not defined for the output.
    """
    (last,) = graph.outputs
    output = Value(op.name, op.infer(last.type))
    node = Node(op, (last,), output, op.name)
    return replace(graph, nodes=(*graph.nodes, node), outputs=(output,))


PIPELINE: tuple[Pass, ...] = (merge_constant_adds, remove_identities, remove_dead_nodes)


def simplify(graph: Graph) -> Graph:
    """Every pass of the pipeline, once."""
    for rewrite in PIPELINE:
        graph = rewrite(graph)
    return graph


def _count_readers(graph: Graph) -> dict[str, int]:
    readers = {v.name: 1 for v in graph.outputs}
    for node in graph.nodes:
        for value in node.inputs:
            readers[value.name] = readers.get(value.name, 0) + 1
    return readers


def _is_identity(node: Node) -> bool:
    match node.op:
        case Cast() as cast:
            return cast.shift == 0 and node.inputs[0].type.interval in cast.fitting
        case Clip(low=low, high=high):
            return node.inputs[0].type.interval in Interval(low, high)
        case Relu():
            return node.inputs[0].type.interval.low >= 0
        case AddConstant(constant=constant):
            return not constant.integers.any()
        case Reshape(shape=shape):
            return node.inputs[0].type.shape == shape
    return False


def _sum(a: FixedPointArray, b: FixedPointArray) -> FixedPointArray:
    integers = a.integers + b.integers
    held = Interval(int(integers.min()), int(integers.max()))
    return FixedPointArray(integers, FixedPointType.holding(held, a.dtype.fraction_bits))


def _rebuild(graph: Graph, nodes: list[Node], renamed: dict[str, str]) -> Graph:
    """The graph of these nodes, every type inferred again, since a rewrite may have narrowed
    one.
    """
    known = {i.name: i.value for i in graph.inputs}
    rebuilt = []
    for node in nodes:
        inputs = tuple(known[renamed.get(v.name, v.name)] for v in node.inputs)
        output = Value(node.output.name, node.op.infer(*(v.type for v in inputs)))
        rebuilt.append(replace(node, inputs=inputs, output=output))
        known[output.name] = output
    outputs = tuple(known[renamed.get(v.name, v.name)] for v in graph.outputs)
    return replace(graph, nodes=tuple(rebuilt), outputs=outputs)
