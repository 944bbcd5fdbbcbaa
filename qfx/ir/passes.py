"""Rewrites that make a graph smaller and leave every output integer as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval
from qfx.ir.graph import Graph
from qfx.ir.names import can_name
from qfx.ir.value import Node, Value
from qfx.ops import AddConstant, Cast, Clip, Op, Pad, Relu, Reshape, Transpose, Upsample

Pass = Callable[[Graph], Graph]


def merge_neighbours(graph: Graph) -> Graph:
    """x + a + b becomes x + (a + b), and two reshapes or two transposes become one, where nothing
    else reads what stands between them.
    """
    readers = _count_readers(graph)
    made_by: dict[str, Node] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        before = made_by.get(node.inputs[0].name)
        if before is not None and readers[before.output.name] == 1:
            op = _merged(before.op, node.op)
            if op is not None:
                nodes.remove(before)
                node = replace(node, op=op, inputs=before.inputs)
        nodes.append(node)
        made_by[node.output.name] = node
    return _rebuild(graph, nodes, {})


def remove_identities(graph: Graph) -> Graph:
    """Remove nodes that return their operand unchanged: a cast that fits, relu of no negative, + 0,
    a reshape or a transpose to itself, no zeros around an image.
    """
    nodes, renamed = [], dict[str, str]()
    for node in graph.nodes:
        if _is_identity(node):
            renamed[node.output.name] = renamed.get(node.inputs[0].name, node.inputs[0].name)
        else:
            nodes.append(node)
    return _rebuild(graph, nodes, renamed)


def remove_dead_nodes(graph: Graph) -> Graph:
    """Remove what no output depends on."""
    alive = {v.name for v in graph.outputs}
    nodes: list[Node] = []
    for node in reversed(graph.nodes):
        if node.output.name in alive:
            alive |= {v.name for v in node.inputs}
            nodes.insert(0, node)
    return _rebuild(graph, nodes, {})


def append(graph: Graph, op: Op) -> Graph:
    """Return the graph of one output with `op` behind it.

    Raises:
        OpError: the op is not defined for the output.
    """
    (last,) = graph.outputs
    output = Value(op.name, op.infer(last.type))
    node = Node(op, (last,), output, op.name)
    return replace(graph, nodes=(*graph.nodes, node), outputs=(output,))


def renamed(graph: Graph, names: Mapping[str, str]) -> Graph:
    """Return the graph with other names for what nodes make, as far as they are free and hardware
    can have them.
    """
    made = {node.output.name for node in graph.nodes}
    taken = made | {i.name for i in graph.inputs}
    kept: dict[str, str] = {}
    for old, new in names.items():
        if old in made and new not in taken and can_name(new):
            kept[old] = new
            taken.add(new)

    def of(value: Value) -> Value:
        return replace(value, name=kept.get(value.name, value.name))

    nodes = (
        replace(node, inputs=tuple(map(of, node.inputs)), output=of(node.output))
        for node in graph.nodes
    )
    return replace(graph, nodes=tuple(nodes), outputs=tuple(map(of, graph.outputs)))


PIPELINE: tuple[Pass, ...] = (merge_neighbours, remove_identities, remove_dead_nodes)


def simplify(graph: Graph) -> Graph:
    """Run every pass of the pipeline, once."""
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
        case Transpose(axes=axes):
            return axes == tuple(range(len(axes)))
        case Pad(rows=rows, columns=columns):
            return not any((*rows, *columns))
        case Upsample(factor=factor):
            return factor == (1, 1)
    return False


def _merged(first: Op, second: Op) -> Op | None:
    """The one op that does both; None where there is none."""
    match first, second:
        case AddConstant(constant=a), AddConstant(constant=b):
            return AddConstant(_sum(a, b))
        case Reshape(), Reshape():
            return second
        case Transpose(axes=before), Transpose(axes=after):
            return Transpose(tuple(before[axis] for axis in after))
    return None


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
