"""Fixed-point numbers that stand for a value of the integer graph: arithmetic adds ops to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from qfx.fixed.number import Arithmetic, Number, TypeOrQuantizer
from qfx.fixed.tensor import Tensor, constant_array
from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.ir import GraphBuilder, Value
from qfx.nn import LoweringError, Quantizer
from qfx.ops import DivideConstant, Matmul, MultiplyConstant, Relu, Sqrt

_STREAMED_MATMUL = (
    "matmul is streamed as x @ weight with a constant weight of shape (inputs, outputs)"
)
_MINUS_ONE = FixedPointArray(np.array(-1), FixedPointType(2, 0))


class Symbol(Number):
    """A value of the graph in the making.

    Args:
        builder: of the graph.
        value: its type may be narrower than `dtype`, since the graph knows the exact interval.
        dtype: as for a `Tensor`.
    """

    def __init__(self, builder: GraphBuilder, value: Value, dtype: FixedPointType) -> None:
        self.builder, self.value, self._dtype = builder, value, dtype

    @property
    def dtype(self) -> FixedPointType:
        return self._dtype

    def arithmetic(self, other: Number | None = None) -> type[Arithmetic]:
        return SymbolArithmetic

    def made(self, value: Value, dtype: FixedPointType) -> Symbol:
        """Return what another value of the same graph is."""
        return Symbol(self.builder, value, dtype)

    def __getattr__(self, name: str) -> Any:
        if name in ("values", "integers", "shape"):
            raise LoweringError(
                f"{_where(self)} reads .{name}, which only a fixed.Tensor has: while a layer is"
                " lowered no numbers flow, so compute with the functions of qfx.fixed alone"
            )
        raise AttributeError(name)


class SymbolArithmetic(Arithmetic):
    """By ops of the graph: one operand is a Symbol, the other a constant."""

    @staticmethod
    def add(a: Number, b: Number, dtype: FixedPointType) -> Symbol:
        x, constant = _split("add", a, b)
        return x.made(x.builder.add_constant(x.value, _array(constant)), dtype)

    @staticmethod
    def sub(a: Number, b: Number, dtype: FixedPointType) -> Symbol:
        x, constant = _split("sub", a, b)
        array = _array(constant)
        if x is a:
            wider = FixedPointType(array.dtype.wordlength + 1, array.dtype.fraction_bits)
            negative = FixedPointArray(-array.integers, wider)
            return x.made(x.builder.add_constant(x.value, negative), dtype)
        minus = x.builder.add(MultiplyConstant(_MINUS_ONE), x.value)
        return x.made(x.builder.add_constant(minus, array), dtype)

    @staticmethod
    def mul(a: Number, b: Number, dtype: FixedPointType) -> Symbol:
        x, constant = _split("mul", a, b)
        return x.made(x.builder.add(MultiplyConstant(_array(constant)), x.value), dtype)

    @staticmethod
    def div(a: Number, b: Number, dtype: FixedPointType) -> Symbol:
        x, constant = _split("div", a, b)
        if x is not a:
            raise LoweringError(
                f"{_where(x)} divides a constant by a streamed value: only division by constants"
                " is in hardware; compute the reciprocal with a Lookup layer and multiply by it"
            )
        return x.made(x.builder.add(DivideConstant(_array(constant)), x.value), dtype)

    @staticmethod
    def matmul(a: Number, b: Number, dtype: FixedPointType) -> Symbol:
        x, constant = _split("matmul", a, b)
        if len(constant.shape) != 2:
            raise LoweringError(f"{_where(x)}: {_STREAMED_MATMUL}")
        return x.made(x.builder.add(Matmul(_array(constant)), x.value), dtype)

    @staticmethod
    def sqrt(a: Symbol, dtype: FixedPointType) -> Symbol:
        shift = 2 * dtype.fraction_bits - a.dtype.fraction_bits
        return a.made(a.builder.add(Sqrt(shift), a.value), dtype)

    @staticmethod
    def relu(a: Symbol) -> Symbol:
        return a.made(a.builder.add(Relu(), a.value), a.dtype)

    @staticmethod
    def cast(a: Symbol, grid: TypeOrQuantizer, rounding: Rounding, overflow: Overflow) -> Symbol:
        if isinstance(grid, Quantizer):
            return a.made(grid.lower(a.builder, a.value), grid.dtype)
        return a.made(a.builder.cast(a.value, grid, rounding, overflow), grid)

    @staticmethod
    def terms(b: Symbol) -> int:
        raise LoweringError(f"{_where(b)}: {_STREAMED_MATMUL}")


def _split(op: str, a: Number, b: Number) -> tuple[Symbol, Tensor]:
    """The streamed operand and the constant one."""
    if isinstance(a, Symbol) and isinstance(b, Tensor):
        return a, b
    if isinstance(b, Symbol) and isinstance(a, Tensor):
        return b, a
    raise LoweringError(
        f"{_where(a)}: {op} of two streamed values needs two branches of one stream, and branches"
        " are not streamed yet: make one of them a constant (a fixed.Parameter), or compute a"
        " function of a single value with a Lookup layer"
    )


def _where(x: Number) -> str:
    path = x.builder.path if isinstance(x, Symbol) else ""
    return f"layer {path}" if path else "the layer"


def _array(constant: Tensor) -> FixedPointArray:
    return FixedPointArray(constant_array(constant), constant.dtype)
