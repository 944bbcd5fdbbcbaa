"""The parts of a QONNX model as they are written: nodes, constants behind Quant nodes, casts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from qfx.errors import QfxError
from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval
from qfx.ir import Node, Value
from qfx.onnx_modes import ADDS_HALF_LSB, QONNX_NARROW, QONNX_ROUNDING
from qfx.ops import Cast

FLOAT32_BITS = 24
DOMAIN = "qonnx.custom_op.general"


class QonnxError(QfxError):
    """A graph that QONNX cannot express exactly; the sentence names the node and the reason."""


class Writer:
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

    def quant(
        self,
        cast: Cast,
        operand: Interval,
        x: str,
        y: Value,
        where: str,
        *,
        raised: bool = False,
    ) -> None:
        """A cast of values within `operand`; `raised` if they have half an LSB added already."""
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
        adds = cast.rounding in ADDS_HALF_LSB and (cast.shift > 0 or outside)
        if adds and not raised:
            half = self.constant(f"{y.name}_half_lsb", np.float32(cast.dtype.lsb / 2))
            self.add("Add", [x, half], f"{y.name}_raised")
            self.values.append(info(f"{y.name}_raised", y.type.shape))
            x = f"{y.name}_raised"
        self.quant_node(x, y.name, cast.dtype, rounding, bool(narrow) and cast.dtype.signed)

    def cut_off(self, node: Node, rounding: str) -> None:
        """The node's result from its exact value, by a Quant that drops what is below its LSB."""
        y = node.output
        self.values.append(info(f"{y.name}_exact", y.type.shape))
        self.quant_node(f"{y.name}_exact", y.name, _two_bits(y.dtype), rounding, narrow=False)

    def quantized_constant(self, name: str, array: FixedPointArray) -> str:
        """A constant behind a Quant node of its own, so that a reader learns its type."""
        require_bits(array.dtype.interval, name)
        raw = self.constant(f"{name}_values", array.to_float().astype(np.float32))
        self.values.append(tensor_info(name, array.shape))
        self.quant_node(raw, name, _two_bits(array.dtype), "ROUND", narrow=False)
        return name


def _two_bits(dtype: FixedPointType) -> FixedPointType:
    """At least, where signed: qonnx executes one signed bit as -1 and 1."""
    return replace(dtype, wordlength=max(1 + dtype.signed, dtype.wordlength))


def bits_of(interval: Interval) -> int:
    """Of the smallest number that holds the interval, wider than any type if need be."""
    low, high = interval.low, interval.high
    return max(max(high, 0).bit_length(), (-low - 1).bit_length() if low < 0 else 0) + (low < 0)


def require_bits(interval: Interval, where: str) -> None:
    """Raises QonnxError where float32 does not hold all integers of the interval."""
    bits = bits_of(interval)
    if bits > FLOAT32_BITS:
        raise QonnxError(
            f"{where} needs {bits} bits, and qonnx computes in float32,"
            f" exact up to {FLOAT32_BITS}:"
            " add a Quantizer before it or narrow the weights"
        )


def info(name: str, shape: tuple[int, ...]) -> Any:
    return tensor_info(name, (1, *shape))


def tensor_info(name: str, shape: tuple[int, ...]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
