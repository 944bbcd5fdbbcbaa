"""The parts of a graph that have nothing to do with one another."""

from __future__ import annotations

from qfx.ir.graph import Graph


def parts(graph: Graph) -> tuple[list[int], list[int]]:
    """Return the part that each input belongs to, and each output: what happens in one is never
    felt in another, since no node reads of both.
    """
    part = {entry.name: number for number, entry in enumerate(graph.inputs)}
    for node in graph.nodes:
        own, *others = (part[value.name] for value in node.inputs)
        part[node.output.name] = own
        if met := set(others) - {own}:
            part = {name: own if number in met else number for name, number in part.items()}
    return [part[entry.name] for entry in graph.inputs], [part[v.name] for v in graph.outputs]
