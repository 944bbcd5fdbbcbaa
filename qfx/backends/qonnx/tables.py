"""QONNX of the ops that look constants up: Gather on quantized tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto, helper

from qfx.backends.qonnx.writer import Writer
from qfx.ir import Node
from qfx.ops import Embedding, Lookup, Shape, Softmax


def embedding(writer: Writer, node: Node, op: Embedding) -> None:
    name, x = node.output.name, node.inputs[0]
    table = writer.quantized_constant(f"{name}_table", op.table)
    rows = _step(writer, "Cast", [x.name], f"{name}_rows", x.type.shape, number=TensorProto.INT64)
    writer.add("Gather", [table, rows], name, axis=0)


def lookup(writer: Writer, node: Node, op: Lookup) -> None:
    """Scaled to its integer, from the first entry on, the operand says which entry to gather."""
    name, x = node.output.name, node.inputs[0]
    shape = x.type.shape
    scale = writer.constant(f"{name}_scale", np.float32(2.0**x.type.fraction_bits))
    first = writer.constant(f"{name}_first", np.float32(op.first))
    integer = _step(writer, "Mul", [x.name, scale], f"{name}_integer", shape)
    place = _step(writer, "Sub", [integer, first], f"{name}_place", shape)
    entry = _step(writer, "Cast", [place], f"{name}_entry", shape, number=TensorProto.INT64)
    table = writer.quantized_constant(f"{name}_table", op.table)
    writer.add("Gather", [table, entry], name, axis=0)


def softmax(writer: Writer, node: Node, op: Softmax) -> None:
    """The op's own arithmetic on real values, each a number of float32 that is not rounded."""
    name, x = node.output.name, node.inputs[0]
    shape, one = x.type.shape, (1,)
    octaves = shape[0].bit_length()
    limits, shares = np.exp2(np.arange(1, octaves))[None], np.exp2(-np.arange(octaves))
    above, axis = (octaves - 1,), writer.constant(f"{name}_axis", np.array([1], np.int64))
    exponentials = writer.quantized_constant(f"{name}_exponentials", op.exponentials)
    reciprocals = writer.quantized_constant(f"{name}_reciprocals", op.reciprocals)

    def number(short: str, value: Any) -> str:
        return writer.constant(f"{name}_{short}", np.asarray(value, np.float32))

    def step(kind: str, inputs: list[str], short: str, shape: Shape, **rest: Any) -> str:
        return _step(writer, kind, inputs, f"{name}_{short}", shape, **rest)

    lsbs, steps = number("lsbs", 2.0**x.type.fraction_bits), number("steps", 2**op.index_bits)
    grid = number("grid", 2.0**op.reciprocals.dtype.fraction_bits)
    largest = step("ReduceMax", [x.name], "largest", one, axes=[1], keepdims=1)
    below = step("Sub", [largest, x.name], "below", shape)
    distance = step("Mul", [below, lsbs], "distance", shape)
    places = step("Cast", [distance], "places", shape, number=TensorProto.INT64)
    each = step("Gather", [exponentials, places], "each", shape, axis=0)
    total = step("ReduceSum", [each, axis], "total", one, keepdims=1)
    inputs = [total, number("limits", limits)]
    reached = step("GreaterOrEqual", inputs, "reached", above, number=TensorProto.BOOL)
    counted = step("Cast", [reached], "counted", above)
    octave = step("ReduceSum", [counted, axis], "octave", one, keepdims=1)
    shift = step("Cast", [octave], "shift", one, number=TensorProto.INT64)
    share = step("Gather", [number("shares", shares), shift], "share", one, axis=0)
    mantissa = step("Mul", [total, share], "mantissa", one)  # from 1 to 2
    scaled = step("Mul", [mantissa, steps], "scaled", one)
    whole = step("Floor", [scaled], "whole", one)
    place = step("Sub", [whole, steps], "place", one)
    index = step("Cast", [place], "index", one, number=TensorProto.INT64)
    reciprocal = step("Gather", [reciprocals, index], "reciprocal", one, axis=0)
    shifted = step("Mul", [reciprocal, share], "shifted", one)
    raised = step("Mul", [shifted, grid], "raised", one)
    floored = step("Floor", [raised], "floored", one)
    factor = step("Div", [floored, grid], "factor", one)
    writer.add("Mul", [each, factor], name)


def _step(
    writer: Writer,
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
