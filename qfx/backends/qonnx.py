"""QONNX of a Graph: real values in float32, Quant nodes wherever the graph casts.

Quant is specified at https://github.com/fastmachinelearning/qonnx, docs/qonnx-custom-ops; its
executor computes
in float32, so a value wider than 24 bits is refused rather than rounded in silence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from qfx.backends import qonnx_tables
from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval
from qfx.ir import Graph, Node, Value
from qfx.onnx_modes import ADDS_HALF_LSB, QONNX_NARROW, QONNX_ROUNDING
from qfx.ops import (
    AddConstant,
    ArgMax,
    Cast,
    Clip,
    Conv2d,
    DivideConstant,
    Embedding,
    Lookup,
    Matmul,
    MaxPool2d,
    MultiplyConstant,
    Op,
    Pad,
    PRelu,
    Relu,
    Reshape,
    Softmax,
    Sqrt,
    Transpose,
    Upsample,
)

FLOAT32_BITS = 24
DOMAIN = "qonnx.custom_op.general"
OPSET, IR_VERSION = 13, 8  # what qonnx 1.0, onnxruntime 1.31 and hls4ml 1.3 all read


class QonnxError(ValueError):
    """A graph that QONNX cannot express exactly; the sentence names the node and the reason."""


def write(graph: Graph, path: Path) -> None:
    """Write `graph` as a QONNX model for batches of one.

    Raises:
        QonnxError: a mode QONNX lacks, a value wider than 24 bits, or a signed 1-bit cast.
    """
    path.write_bytes(model(graph).SerializeToString(deterministic=True))


def model(graph: Graph) -> onnx.ModelProto:
    """`graph` as a QONNX model; raises as `write` does."""
    writer = _Writer()
    for entry in graph.inputs:
        raw = f"{entry.name}_raw"
        writer.inputs.append(_info(raw, entry.shape))
        writer.values.append(_info(entry.name, entry.shape))
        fits_all = Interval(-(1 << 61), 1 << 61)  # a float from outside may be anything
        cast = replace(entry.cast, from_fraction_bits=entry.cast.dtype.fraction_bits)  # of floats
        writer.quant(cast, fits_all, raw, entry.value, entry.name)
    for node in graph.nodes:
        _require_float32(node)
        _SPELLING[type(node.op)](writer, node, node.op)
        writer.values.append(_info(node.output.name, node.output.type.shape))
    outputs = [_info(value.name, value.type.shape) for value in graph.outputs]
    names = {value.name for value in graph.outputs}
    values = [info for info in writer.values if info.name not in names]
    body = helper.make_graph(
        writer.nodes, graph.name, writer.inputs, outputs, writer.constants, value_info=values
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(DOMAIN, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION, producer_name="qfx")


class _Writer:
    """The parts of the model so far."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.inputs: list[Any] = []
        self.constants: list[Any] = []
        self.values: list[Any] = []

    def add(self, op: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self.nodes.append(
            helper.make_node(op, inputs, [output], name=f"{op}_{output}", **attributes)
        )

    def constant(self, name: str, array: Any) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def quant_node(
        self, x: str, y: str, dtype: FixedPointType, rounding: str, narrow: bool
    ) -> None:
        # 0-d parameters: hls4ml 1.3 stumbles over shape (1,)
        parameters = [
            self.constant(f"{y}_scale", np.float32(dtype.lsb)),
            self.constant(f"{y}_zeropt", np.float32(0)),
            self.constant(f"{y}_bitwidth", np.float32(dtype.wordlength)),
        ]
        self.add(
            "Quant", [x, *parameters], y,
            domain=DOMAIN, signed=int(dtype.signed), narrow=int(narrow), rounding_mode=rounding,
        )  # fmt: skip

    def quant(self, cast: Cast, operand: Interval, x: str, y: Value, where: str) -> None:
        """A cast of values within `operand`."""
        fits = cast.rounded(operand) in cast.fitting
        rounding, narrow = QONNX_ROUNDING[cast.rounding], QONNX_NARROW[cast.overflow]
        outside = operand.magnitude >= 1 << 61  # floats that may lie between the integers
        if cast.shift <= 0 and not outside and rounding is None:
            rounding = "FLOOR"  # nothing is dropped, so every mode is the same
        if rounding is None:
            raise QonnxError(
                f"{where}: QONNX has no rounding mode {cast.rounding.name}: use RND or RND_CONV"
            )
        if narrow is None and not fits:
            raise QonnxError(
                f"{where}: QONNX always saturates, so it cannot express"
                f" {cast.overflow.name}: use SAT"
            )
        if cast.dtype.signed and cast.dtype.wordlength == 1:
            raise QonnxError(
                f"{where}: qonnx executes a signed 1-bit Quant as -1 and 1, not as -1"
                " and 0: use 2 bits"
            )
        if cast.rounding in ADDS_HALF_LSB and (cast.shift > 0 or outside):
            half = self.constant(f"{y.name}_half_lsb", np.float32(cast.dtype.lsb / 2))
            self.add("Add", [x, half], f"{y.name}_raised")
            self.values.append(_info(f"{y.name}_raised", y.type.shape))
            x = f"{y.name}_raised"
        self.quant_node(x, y.name, cast.dtype, rounding, bool(narrow) and cast.dtype.signed)

    def cut_off(self, node: Node, rounding: str) -> None:
        """The node's result from its exact value, by a Quant that drops what is below its LSB."""
        y = node.output
        self.values.append(_info(f"{y.name}_exact", y.type.shape))
        self.quant_node(f"{y.name}_exact", y.name, _two_bits(y.dtype), rounding, narrow=False)

    def quantized_constant(self, name: str, array: FixedPointArray) -> str:
        """A constant behind a Quant node of its own, so that a reader learns its type."""
        _require_bits(array.dtype, name)
        raw = self.constant(f"{name}_values", array.to_float().astype(np.float32))
        self.values.append(_tensor(name, array.shape))
        self.quant_node(raw, name, _two_bits(array.dtype), "ROUND", narrow=False)
        return name


def _cast(writer: _Writer, node: Node, op: Cast) -> None:
    writer.quant(
        op, node.inputs[0].type.interval, node.inputs[0].name, node.output, node.output.name
    )


def _add(writer: _Writer, node: Node, op: AddConstant) -> None:
    constant = writer.quantized_constant(f"{node.output.name}_constant", op.constant)
    writer.add("Add", [node.inputs[0].name, constant], node.output.name)


def _multiply(writer: _Writer, node: Node, op: MultiplyConstant) -> None:
    constant = writer.quantized_constant(f"{node.output.name}_constant", op.constant)
    writer.add("Mul", [node.inputs[0].name, constant], node.output.name)


def _divide(writer: _Writer, node: Node, op: DivideConstant) -> None:
    """Float32's quotient n / d of integers, then truncated, is the truncated quotient if |n| <
    2**24: where |n / d| = k - r / |d| lies below an integer k, k |d| = |n| + r <= r 2**24, so that
    it lies at least k 2**-24 below, which is more than half the distance from k to the next lower
    float: it is never rounded up to k. Binary points scale by powers of two, which is exact.
    """
    name, x = node.output.name, node.inputs[0]
    _require_bits(_held(x.type.interval << op.shift), f"{name}, its dividend")
    divisor = writer.quantized_constant(f"{name}_constant", op.constant)
    writer.add("Div", [x.name, divisor], f"{name}_exact")
    writer.cut_off(node, "DOWN")


def _sqrt(writer: _Writer, node: Node, op: Sqrt) -> None:
    """Float32's root of an integer n < 2**24, cut off, is the integer root: for n < k**2 the root
    lies below k by more than 1 / (2 k), which for k <= 2**12 is not less than half the distance
    from k to the next lower float, so that it is never rounded up to k. The binary point of n is
    even, so it scales the root by a power of two.
    """
    name, x = node.output.name, node.inputs[0]
    _require_bits(_held(Interval(0, op.radicand(x.type.interval.high))), f"{name}, its radicand")
    writer.add("Relu", [x.name], f"{name}_radicand")
    writer.values.append(_info(f"{name}_radicand", node.output.type.shape))
    writer.add("Sqrt", [f"{name}_radicand"], f"{name}_exact")
    writer.cut_off(node, "FLOOR")


def _clip(writer: _Writer, node: Node, op: Clip) -> None:
    name, lsb = node.output.name, 2.0**-node.output.type.fraction_bits
    ends = [
        writer.constant(f"{name}_{end}", np.float32(value * lsb))
        for end, value in (("low", op.low), ("high", op.high))
    ]
    writer.add("Clip", [node.inputs[0].name, *ends], name)


def _prelu(writer: _Writer, node: Node, op: PRelu) -> None:
    slope = writer.quantized_constant(f"{node.output.name}_slope", op.constant)
    writer.add("PRelu", [node.inputs[0].name, slope], node.output.name)


def _lookup(writer: _Writer, node: Node, op: Lookup) -> None:
    """Scaled to its integer, from the first entry on, the operand says which entry to gather."""
    name, x = node.output.name, node.inputs[0]
    scale = writer.constant(f"{name}_scale", np.float32(2.0**x.type.fraction_bits))
    first = writer.constant(f"{name}_first", np.float32(op.first))
    writer.add("Mul", [x.name, scale], f"{name}_integer")
    writer.add("Sub", [f"{name}_integer", first], f"{name}_place")
    writer.add("Cast", [f"{name}_place"], f"{name}_entry", to=TensorProto.INT64)
    writer.values += [_info(f"{name}_{part}", x.type.shape) for part in ("integer", "place")]
    shape = (1, *x.type.shape)
    writer.values.append(helper.make_tensor_value_info(f"{name}_entry", TensorProto.INT64, shape))
    table = writer.quantized_constant(f"{name}_table", op.table)
    writer.add("Gather", [table, f"{name}_entry"], name, axis=0)


def _matmul(writer: _Writer, node: Node, op: Matmul) -> None:
    weight = writer.quantized_constant(f"{node.output.name}_weight", op.weight)
    writer.add("MatMul", [node.inputs[0].name, weight], node.output.name)


def _conv2d(writer: _Writer, node: Node, op: Conv2d) -> None:
    weight = writer.quantized_constant(f"{node.output.name}_weight", op.weight)
    writer.add(
        "Conv", [node.inputs[0].name, weight], node.output.name,
        kernel_shape=list(op.kernel), strides=list(op.stride), dilations=list(op.dilation),
        pads=[*op.padding, *op.padding], group=op.groups,
    )  # fmt: skip


def _maxpool2d(writer: _Writer, node: Node, op: MaxPool2d) -> None:
    writer.add(
        "MaxPool", [node.inputs[0].name], node.output.name,
        kernel_shape=list(op.kernel), strides=list(op.stride), pads=[*op.padding, *op.padding],
    )  # fmt: skip


def _argmax(writer: _Writer, node: Node, op: ArgMax) -> None:
    name = node.output.name
    writer.add("ArgMax", [node.inputs[0].name], f"{name}_index", axis=1, keepdims=1)
    index = helper.make_tensor_value_info(f"{name}_index", TensorProto.INT64, (1, 1))
    writer.values.append(index)
    writer.add("Cast", [f"{name}_index"], name, to=TensorProto.FLOAT)


def _relu(writer: _Writer, node: Node, op: Relu) -> None:
    writer.add("Relu", [node.inputs[0].name], node.output.name)


def _reshape(writer: _Writer, node: Node, op: Reshape) -> None:
    shape = writer.constant(f"{node.output.name}_shape", np.array([-1, *op.shape], np.int64))
    writer.add("Reshape", [node.inputs[0].name, shape], node.output.name)


def _transpose(writer: _Writer, node: Node, op: Transpose) -> None:
    axes = [0, *(axis + 1 for axis in op.axes)]
    writer.add("Transpose", [node.inputs[0].name], node.output.name, perm=axes)


def _pad(writer: _Writer, node: Node, op: Pad) -> None:
    (above, below), (left, right) = op.rows, op.columns
    zeros = np.array([0, 0, above, left, 0, 0, below, right], np.int64)
    pads = writer.constant(f"{node.output.name}_pads", zeros)
    writer.add("Pad", [node.inputs[0].name, pads], node.output.name, mode="constant")


def _upsample(writer: _Writer, node: Node, op: Upsample) -> None:
    name = node.output.name
    region = writer.constant(f"{name}_region", np.zeros(0, np.float32))  # none: all of it
    scales = writer.constant(f"{name}_scales", np.array([1, 1, *op.factor], np.float32))
    writer.add(
        "Resize", [node.inputs[0].name, region, scales], name,
        mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric",
    )  # fmt: skip


_SPELLING: dict[type[Op], Callable[[_Writer, Node, Any], None]] = {
    AddConstant: _add,
    ArgMax: _argmax,
    Cast: _cast,
    Clip: _clip,
    Conv2d: _conv2d,
    Lookup: _lookup,
    Embedding: qonnx_tables.embedding,
    DivideConstant: _divide,
    Matmul: _matmul,
    MaxPool2d: _maxpool2d,
    MultiplyConstant: _multiply,
    PRelu: _prelu,
    Relu: _relu,
    Reshape: _reshape,
    Transpose: _transpose,
    Sqrt: _sqrt,
    Pad: _pad,
    Upsample: _upsample,
    Softmax: qonnx_tables.softmax,
}
SPELLED: frozenset[type[Op]] = frozenset(_SPELLING)


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
        _require_bits(FixedPointType.holding(raised, 0), f"{node.output.name}, half an LSB added")
    _require_bits(FixedPointType.holding(interval, 0), node.output.name)


def _two_bits(dtype: FixedPointType) -> FixedPointType:
    """At least, where signed: qonnx executes one signed bit as -1 and 1."""
    return replace(dtype, wordlength=max(1 + dtype.signed, dtype.wordlength))


def _held(interval: Interval) -> FixedPointType:
    return FixedPointType.holding(interval, 0)


def _require_bits(dtype: FixedPointType, where: str) -> None:
    if dtype.wordlength > FLOAT32_BITS:
        raise QonnxError(
            f"{where} needs {dtype.wordlength} bits, and qonnx computes in float32,"
            f" exact up to {FLOAT32_BITS}:"
            " add a Quantizer before it or narrow the weights"
        )


def _info(name: str, shape: tuple[int, ...]) -> Any:
    return _tensor(name, (1, *shape))


def _tensor(name: str, shape: tuple[int, ...]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
