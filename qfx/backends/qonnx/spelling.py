"""How QONNX spells each op: one function each, in the table SPELLING."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from onnx import TensorProto, helper

from qfx.backends.qonnx import tables
from qfx.backends.qonnx.writer import Writer, info, require_bits
from qfx.fixedpoint import FixedPointArray, Interval
from qfx.ir import Node
from qfx.ops import (
    Add,
    AddConstant,
    ArgMax,
    Cast,
    Clip,
    Concat,
    Conv2d,
    DivideConstant,
    Embedding,
    GlobalMax,
    Lookup,
    Matmul,
    Maximum,
    MaxPool2d,
    Minimum,
    Multiply,
    MultiplyConstant,
    Op,
    Pad,
    PRelu,
    Relu,
    Reshape,
    Softmax,
    Sqrt,
    Subtract,
    Transpose,
    Upsample,
)


def _cast(writer: Writer, node: Node, op: Cast) -> None:
    writer.quant(
        op, node.inputs[0].type.interval, node.inputs[0].name, node.output, node.output.name
    )


def _add(writer: Writer, node: Node, op: AddConstant) -> None:
    constant = writer.quantized_constant(f"{node.output.name}_constant", op.constant)
    writer.add("Add", [node.inputs[0].name, constant], node.output.name)


def _multiply(writer: Writer, node: Node, op: MultiplyConstant) -> None:
    constant = writer.quantized_constant(f"{node.output.name}_constant", op.constant)
    writer.add("Mul", [node.inputs[0].name, constant], node.output.name)


def _pair(operation: str) -> Callable[[Writer, Node, Any], None]:
    """Of two tensors, as ONNX calls it."""

    def spell(writer: Writer, node: Node, op: Op) -> None:
        writer.add(operation, [value.name for value in node.inputs], node.output.name)

    return spell


def _concat(writer: Writer, node: Node, op: Concat) -> None:
    writer.add("Concat", [value.name for value in node.inputs], node.output.name, axis=1)


def _divide(writer: Writer, node: Node, op: DivideConstant) -> None:
    """Float32's quotient n / d of integers, then truncated, is the truncated quotient if |n| <
    2**24: where |n / d| = k - r / |d| lies below an integer k, k |d| = |n| + r <= r 2**24, so that
    it lies at least k 2**-24 below, which is more than half the distance from k to the next lower
    float: it is never rounded up to k. Binary points scale by powers of two, which is exact.
    """
    name, x = node.output.name, node.inputs[0]
    require_bits(x.type.interval << op.shift, f"{name}, its dividend")
    divisor = writer.quantized_constant(f"{name}_constant", op.constant)
    writer.add("Div", [x.name, divisor], f"{name}_exact")
    writer.cut_off(node, "DOWN")


def _sqrt(writer: Writer, node: Node, op: Sqrt) -> None:
    """Float32's root of an integer n < 2**24, cut off, is the integer root: for n < k**2 the root
    lies below k by more than 1 / (2 k), which for k <= 2**12 is not less than half the distance
    from k to the next lower float, so that it is never rounded up to k. The binary point of n is
    even, so it scales the root by a power of two.
    """
    name, x = node.output.name, node.inputs[0]
    require_bits(Interval(0, op.radicand(x.type.interval.high)), f"{name}, its radicand")
    writer.add("Relu", [x.name], f"{name}_radicand")
    writer.values.append(info(f"{name}_radicand", node.output.type.shape))
    writer.add("Sqrt", [f"{name}_radicand"], f"{name}_exact")
    writer.cut_off(node, "FLOOR")


def _clip(writer: Writer, node: Node, op: Clip) -> None:
    name, lsb = node.output.name, 2.0**-node.output.type.fraction_bits
    ends = [
        writer.constant(f"{name}_{end}", np.float32(value * lsb))
        for end, value in (("low", op.low), ("high", op.high))
    ]
    writer.add("Clip", [node.inputs[0].name, *ends], name)


def _prelu(writer: Writer, node: Node, op: PRelu) -> None:
    slope = writer.quantized_constant(f"{node.output.name}_slope", op.constant)
    writer.add("PRelu", [node.inputs[0].name, slope], node.output.name)


def _matmul(writer: Writer, node: Node, op: Matmul) -> None:
    weight = writer.quantized_constant(f"{node.output.name}_weight", op.weight)
    writer.add("MatMul", [node.inputs[0].name, weight], node.output.name)


def conv2d(
    writer: Writer,
    node: Node,
    op: Conv2d,
    output: str | None = None,
    *,
    weight: FixedPointArray | None = None,
    bias: FixedPointArray | None = None,
) -> None:
    """The Conv of a node; or one of `output`, by another weight or with a (channels,) bias."""
    taps = op.weight if weight is None else weight
    name = writer.quantized_constant(f"{node.output.name}_weight", taps)
    inputs = [node.inputs[0].name, name]
    if bias is not None:
        inputs.append(writer.quantized_constant(f"{output}_constant", bias))
    writer.add(
        "Conv", inputs, output or node.output.name,
        kernel_shape=list(op.kernel), strides=list(op.stride), dilations=list(op.dilation),
        pads=[*op.padding, *op.padding], group=op.groups,
    )  # fmt: skip


def _maxpool2d(writer: Writer, node: Node, op: MaxPool2d) -> None:
    writer.add(
        "MaxPool", [node.inputs[0].name], node.output.name,
        kernel_shape=list(op.kernel), strides=list(op.stride), pads=[*op.padding, *op.padding],
    )  # fmt: skip


def _global_max(writer: Writer, node: Node, op: GlobalMax) -> None:
    writer.add("GlobalMaxPool", [node.inputs[0].name], node.output.name)


def _argmax(writer: Writer, node: Node, op: ArgMax) -> None:
    name = node.output.name
    writer.add("ArgMax", [node.inputs[0].name], f"{name}_index", axis=1, keepdims=1)
    index = helper.make_tensor_value_info(f"{name}_index", TensorProto.INT64, (1, 1))
    writer.values.append(index)
    writer.add("Cast", [f"{name}_index"], name, to=TensorProto.FLOAT)


def _relu(writer: Writer, node: Node, op: Relu) -> None:
    writer.add("Relu", [node.inputs[0].name], node.output.name)


def _reshape(writer: Writer, node: Node, op: Reshape) -> None:
    shape = writer.constant(f"{node.output.name}_shape", np.array([-1, *op.shape], np.int64))
    writer.add("Reshape", [node.inputs[0].name, shape], node.output.name)


def _transpose(writer: Writer, node: Node, op: Transpose) -> None:
    axes = [0, *(axis + 1 for axis in op.axes)]
    writer.add("Transpose", [node.inputs[0].name], node.output.name, perm=axes)


def _pad(writer: Writer, node: Node, op: Pad) -> None:
    (above, below), (left, right) = op.rows, op.columns
    zeros = np.array([0, 0, above, left, 0, 0, below, right], np.int64)
    pads = writer.constant(f"{node.output.name}_pads", zeros)
    writer.add("Pad", [node.inputs[0].name, pads], node.output.name, mode="constant")


def _upsample(writer: Writer, node: Node, op: Upsample) -> None:
    name = node.output.name
    region = writer.constant(f"{name}_region", np.zeros(0, np.float32))  # none: all of it
    scales = writer.constant(f"{name}_scales", np.array([1, 1, *op.factor], np.float32))
    writer.add(
        "Resize", [node.inputs[0].name, region, scales], name,
        mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric",
    )  # fmt: skip


SPELLING: dict[type[Op], Callable[[Writer, Node, Any], None]] = {
    Add: _pair("Add"),
    AddConstant: _add,
    ArgMax: _argmax,
    Cast: _cast,
    Clip: _clip,
    Concat: _concat,
    Conv2d: conv2d,
    DivideConstant: _divide,
    Embedding: tables.embedding,
    GlobalMax: _global_max,
    Lookup: tables.lookup,
    Matmul: _matmul,
    MaxPool2d: _maxpool2d,
    Multiply: _pair("Mul"),
    Maximum: _pair("Max"),
    Minimum: _pair("Min"),
    MultiplyConstant: _multiply,
    Subtract: _pair("Sub"),
    PRelu: _prelu,
    Pad: _pad,
    Relu: _relu,
    Reshape: _reshape,
    Softmax: tables.softmax,
    Sqrt: _sqrt,
    Transpose: _transpose,
    Upsample: _upsample,
}
