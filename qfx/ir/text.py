"""A graph as text: one line per input, node and output, in an order one can read top to bottom."""

from __future__ import annotations

from qfx.ir.graph import Graph


def to_text(graph: Graph) -> str:
    """Write a table: name, op, operands, parameters, result type with its interval."""
    rows = [("input", i.name, "", i.cast.describe(), str(i.value.type)) for i in graph.inputs]
    for node in graph.nodes:
        operands = ", ".join(v.name for v in node.inputs)
        rows.append(
            (node.op.name, node.output.name, operands, node.op.describe(), str(node.output.type))
        )
    rows += [("output", v.name, "", "", str(v.type)) for v in graph.outputs]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([f"graph {graph.name}", *(f"  {line}" for line in lines)]) + "\n"
