"""QONNX of the ops that look constants up: Gather on quantized tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onnx import TensorProto, helper

from qfx.ir import Node
from qfx.ops import Embedding, Shape

if TYPE_CHECKING:
    from qfx.backends.qonnx import _Writer


def embedding(writer: _Writer, node: Node, op: Embedding) -> None:
    name, x = node.output.name, node.inputs[0]
    table = writer.quantized_constant(f"{name}_table", op.table)
    rows = _step(writer, "Cast", [x.name], f"{name}_rows", x.type.shape, TensorProto.INT64)
    writer.add("Gather", [table, rows], name, axis=0)


def _step(
    writer: _Writer,
    op: str,
    inputs: list[str],
    output: str,
    shape: Shape,
    number: int = TensorProto.FLOAT,
    **attributes: Any,
) -> str:
    """One more ONNX node between the values of the graph; the name of what it makes."""
    if op == "Cast":
        attributes["to"] = number
    writer.add(op, inputs, output, **attributes)
    writer.values.append(helper.make_tensor_value_info(output, number, (1, *shape)))
    return output
