"""The functions and operators of fixed-point numbers; what they compute with is each kind's own.

A `Tensor` computes with torch. A `Symbol` stands for a value of the integer graph while a layer is
lowered, and adds ops to it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from qfx.errors import ArgumentError, ArgumentTypeError
from qfx.fixed.types import (
    difference_type,
    product_type,
    quotient_type,
    require_exact,
    root_type,
    sum_type,
)
from qfx.fixedpoint import FixedPointType, Overflow, Rounding
from qfx.nn import Quantizer

TypeOrQuantizer = FixedPointType | Quantizer
Mode = Rounding | str | None
Fit = Overflow | str | None


class Number(ABC):
    """Base of what the functions take: it has operators, and knows its type."""

    @property
    @abstractmethod
    def dtype(self) -> FixedPointType:
        """The type of all elements."""

    @property
    def in_float(self) -> bool:
        """Whether the model computes in float now, as before calibration: types mean nothing."""
        return False

    def operand(self) -> Number:
        """Return what takes part in arithmetic for this."""
        return self

    @abstractmethod
    def arithmetic(self, other: Number | None = None) -> type[Arithmetic]:
        """Return what computes with this and `other`."""

    def __add__(self, other: Number) -> Number:
        return add(self, other)

    def __sub__(self, other: Number) -> Number:
        return sub(self, other)

    def __mul__(self, other: Number) -> Number:
        return mul(self, other)

    def __truediv__(self, other: Number) -> Number:
        return div(self, other)

    def __matmul__(self, other: Number) -> Number:
        return matmul(self, other)

    # Reached with an operand that is no Number, which the functions refuse with a sentence.
    def __radd__(self, other: Any) -> Number:
        return add(other, self)

    def __rsub__(self, other: Any) -> Number:
        return sub(other, self)

    def __rmul__(self, other: Any) -> Number:
        return mul(other, self)

    def __rtruediv__(self, other: Any) -> Number:
        return div(other, self)


class Arithmetic(ABC):
    """What a kind of number computes with: exact results of the types given."""

    @staticmethod
    @abstractmethod
    def add(a: Any, b: Any, dtype: FixedPointType) -> Number: ...

    @staticmethod
    @abstractmethod
    def sub(a: Any, b: Any, dtype: FixedPointType) -> Number: ...

    @staticmethod
    @abstractmethod
    def mul(a: Any, b: Any, dtype: FixedPointType) -> Number: ...

    @staticmethod
    @abstractmethod
    def div(a: Any, b: Any, dtype: FixedPointType) -> Number: ...

    @staticmethod
    @abstractmethod
    def matmul(a: Any, b: Any, dtype: FixedPointType) -> Number: ...

    @staticmethod
    @abstractmethod
    def sqrt(a: Any, dtype: FixedPointType) -> Number: ...

    @staticmethod
    @abstractmethod
    def relu(a: Any) -> Number: ...

    @staticmethod
    @abstractmethod
    def cast(a: Any, grid: TypeOrQuantizer, rounding: Rounding, overflow: Overflow) -> Number: ...

    @staticmethod
    @abstractmethod
    def terms(b: Any) -> int:
        """Count the products that each element of x @ b sums."""


def cast(x: Number, dtype: TypeOrQuantizer, rounding: Mode = None, overflow: Fit = None) -> Number:
    """Return `x` in another type: rounding, then overflow, as an assignment of ap_fixed's.

    Args:
        x: of any shape.
        dtype: a type, or a Quantizer of the layer, which then says rounding and overflow, and whose
            binary point is calibrated and learned.
        rounding, overflow: RND and SAT by default, as activations of qfx.nn, since a cast that
            wraps has no useful gradient; ap_fixed's defaults are TRN and WRAP.
    """
    x = _operand("cast", x)
    if isinstance(dtype, Quantizer):
        if rounding is not None or overflow is not None:
            raise ArgumentError(
                "a Quantizer says rounding and overflow itself: leave them out here"
            )
        return x.arithmetic().cast(x, dtype, dtype.active_rounding, dtype.overflow)
    if not isinstance(dtype, FixedPointType):
        raise ArgumentTypeError(f"a cast is to a FixedPointType or a Quantizer, not to {dtype!r}")
    modes = Rounding(rounding or Rounding.RND), Overflow(overflow or Overflow.SAT)
    return x.arithmetic().cast(x, dtype, *modes)


def add(
    a: Number,
    b: Number,
    dtype: TypeOrQuantizer | None = None,
    rounding: Mode = None,
    overflow: Fit = None,
) -> Number:
    """Return a + b exactly; with `dtype`, then one cast to it (the arguments as for `cast`)."""
    return _cast(_binary("add", a, b, sum_type), dtype, rounding, overflow)


def sub(
    a: Number,
    b: Number,
    dtype: TypeOrQuantizer | None = None,
    rounding: Mode = None,
    overflow: Fit = None,
) -> Number:
    """Return a - b exactly; with `dtype`, then one cast to it (the arguments as for `cast`)."""
    return _cast(_binary("sub", a, b, difference_type), dtype, rounding, overflow)


def mul(
    a: Number,
    b: Number,
    dtype: TypeOrQuantizer | None = None,
    rounding: Mode = None,
    overflow: Fit = None,
) -> Number:
    """Multiply exactly; with `dtype`, then one cast to it (the arguments as for `cast`)."""
    return _cast(_binary("mul", a, b, product_type), dtype, rounding, overflow)


def div(
    a: Number,
    b: Number,
    dtype: TypeOrQuantizer | None = None,
    rounding: Mode = None,
    overflow: Fit = None,
) -> Number:
    """Return a / b truncated toward zero on its type's grid; with `dtype`, then one cast to it.

    The grid is that of a, unless b's is coarser than 1: for more fraction bits cast a to more
    first.

    Raises:
        FixedPointError: b holds a 0; hardware has no answer that would be more right than another.
    """
    return _cast(_binary("div", a, b, quotient_type), dtype, rounding, overflow)


def matmul(
    a: Number,
    b: Number,
    dtype: TypeOrQuantizer | None = None,
    rounding: Mode = None,
    overflow: Fit = None,
) -> Number:
    """Return a @ b, the sums of products exact; with `dtype`, then one cast to it.

    Shapes:
        (..., inputs), (inputs, outputs) -> (..., outputs).
    """

    def of_terms(x: FixedPointType, w: FixedPointType) -> FixedPointType:
        return product_type(x, w, y.arithmetic().terms(y))

    y = _operand("matmul", b)
    return _cast(_binary("matmul", a, y, of_terms), dtype, rounding, overflow)


def sqrt(
    x: Number,
    dtype: TypeOrQuantizer | None = None,
    rounding: Mode = None,
    overflow: Fit = None,
    *,
    fraction_bits: int | None = None,
) -> Number:
    """Return the root of x, cut off below its LSB, and 0 for a negative x; with `dtype`, then one
    cast.

    Args:
        x: of any shape.
        dtype, rounding, overflow: as for `cast`.
        fraction_bits: of the root before the cast; by default one more than those of `dtype`, so
            that RND rounds the true root, or those of x, and at least half those of x.
    """
    x = _operand("sqrt", x)
    if fraction_bits is None:
        wanted = x.dtype.fraction_bits
        if dtype is not None:
            wanted = 1 + (dtype.dtype if isinstance(dtype, Quantizer) else dtype).fraction_bits
        fraction_bits = max(wanted, -(-x.dtype.fraction_bits // 2))
    result = x.dtype if x.in_float else root_type(x.dtype, fraction_bits)
    return _cast(x.arithmetic().sqrt(x, result), dtype, rounding, overflow)


def relu(x: Number) -> Number:
    """Return max(x, 0), of the type of x."""
    x = _operand("relu", x)
    return x.arithmetic().relu(x)


def _binary(
    op: str,
    a: Number,
    b: Number,
    result_type: Callable[[FixedPointType, FixedPointType], FixedPointType],
) -> Number:
    a, b = _operand(op, a), _operand(op, b)
    result = result_type(a.dtype, b.dtype)
    if not (a.in_float or b.in_float):
        require_exact(op, result, a.dtype, b.dtype)
    y: Number = getattr(a.arithmetic(b), op)(a, b, result)
    return y


def _cast(y: Number, dtype: TypeOrQuantizer | None, rounding: Mode, overflow: Fit) -> Number:
    if dtype is not None:
        return cast(y, dtype, rounding, overflow)
    if rounding is not None or overflow is not None:
        raise ArgumentError("rounding and overflow are those of a cast: say dtype= too")
    return y


def _operand(op: str, x: Any) -> Number:
    if isinstance(x, Number):
        return x.operand()
    raise ArgumentTypeError(
        f"{op} takes fixed-point numbers, not {type(x).__name__}: give it a type with"
        " fixed.tensor(x, FixedPointType(...)), or declare a fixed.Parameter"
    )
