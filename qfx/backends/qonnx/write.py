"""The QONNX model of a graph, and its file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import onnx
from onnx import helper

from qfx.backends.qonnx.conv import followers, write_together
from qfx.backends.qonnx.spelling import SPELLING
from qfx.backends.qonnx.writer import DOMAIN, Writer, info, require_bits
from qfx.fixedpoint import Interval
from qfx.ir import Graph, Node
from qfx.onnx_modes import ADDS_HALF_LSB
from qfx.ops import Cast, Conv2d, Matmul, Softmax

OPSET, IR_VERSION = 13, 8  # what qonnx 1.0, onnxruntime 1.31 and hls4ml 1.3 all read


def write(graph: Graph, path: Path) -> None:
    """Write `graph` as a QONNX model for batches of one.

    Raises:
        QonnxError: a mode QONNX lacks, a value wider than 24 bits, or a signed 1-bit cast.
    """
    path.write_bytes(model(graph).SerializeToString(deterministic=True))


def model(graph: Graph) -> onnx.ModelProto:
    """`graph` as a QONNX model; raises as `write` does."""
    writer = Writer()
    for entry in graph.inputs:
        raw = f"{entry.name}_raw"
        writer.inputs.append(info(raw, entry.shape))
        writer.values.append(info(entry.name, entry.shape))
        fits_all = Interval(-(1 << 61), 1 << 61)  # a float from outside may be anything
        cast = replace(entry.cast, from_fraction_bits=entry.cast.dtype.fraction_bits)  # of floats
        writer.quant(cast, fits_all, raw, entry.value, entry.name)
    fused = followers(graph)
    inside = {id(node) for each in fused.values() for node in each.taken}
    for node in graph.nodes:
        _require_float32(node)
        if node.output.name in fused:
            node = write_together(writer, node, fused[node.output.name])
        elif id(node) in inside:
            continue
        else:
            SPELLING[type(node.op)](writer, node, node.op)
        writer.values.append(info(node.output.name, node.output.type.shape))
    outputs = [info(value.name, value.type.shape) for value in graph.outputs]
    names = {value.name for value in graph.outputs}
    values = [info for info in writer.values if info.name not in names]
    body = helper.make_graph(
        writer.nodes, graph.name, writer.inputs, outputs, writer.constants, value_info=values
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(DOMAIN, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION, producer_name="qfx")


def _require_float32(node: Node) -> None:
    """Raises QonnxError where float32 could round: in a result, a partial sum, or a value raised by
    half an LSB.
    """
    interval, op = node.output.type.interval, node.op
    if isinstance(op, (Matmul, Conv2d)):
        magnitude = op.magnitude(node.inputs[0].type.interval.magnitude)
        interval = interval.union(Interval(-magnitude, magnitude))
    if isinstance(op, Softmax):
        interval = interval.union(Interval(0, node.output.type.shape[0] << op.unit_bits))
    if isinstance(op, Cast) and op.rounding in ADDS_HALF_LSB and op.shift > 0:
        half = 1 << (op.shift - 1)
        raised = node.inputs[0].type.interval + Interval(half, half)
        require_bits(raised, f"{node.output.name}, half an LSB added")
    require_bits(interval, node.output.name)
