"""Fixed-point numbers computed with torch: floats that lie on the grid of their type.

Results of at most 24 bits are computed in float32, wider ones in float64, which are exact there:

- sums and products are integers below 2**24 or 2**53, scaled by a power of two;
- a quotient n / d of such integers lies below the next integer k by at least k 2**-24 (2**-53),
  more than half the distance from k to the float below, so that it never rounds up to k, and
  cutting it off is right; the same for negative ones;
- a root, which torch does not round correctly on every machine, is cut off and then corrected by
  its square, an integer that is exact too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from qfx.fixed.number import Arithmetic, Number, TypeOrQuantizer
from qfx.fixed.number import cast as cast_number
from qfx.fixedpoint import FixedPointError, FixedPointType, Overflow, Rounding
from qfx.nn import Quantizer
from qfx.nn.cast import fake_cast, truncate

_FLOAT32_BITS = 24
_FLOAT32_EXPONENTS = 50  # fraction bits up to which no product or quotient leaves its range


class Tensor(Number):
    """A torch tensor whose values lie on the grid of `dtype`.

    Args:
        values: floats, of any shape; gradients pass through.
        dtype: their type.

    Raises:
        FixedPointError: a value that is not of the type: `fixed.tensor` casts it.
    """

    def __init__(self, values: torch.Tensor, dtype: FixedPointType) -> None:
        self._values, self._dtype, self._in_float = values, dtype, False
        scaled = values.detach().double() * 2.0**dtype.fraction_bits
        bad = (scaled != scaled.round()) | (scaled < dtype.min_int) | (scaled > dtype.max_int)
        if bad.any():
            index = tuple(int(i) for i in bad.nonzero()[0])
            raise FixedPointError(
                f"{float(values[index])} at index {index} is no {dtype}: cast it with"
                " fixed.tensor(values, dtype)"
            )

    @classmethod
    def trusted(cls, values: torch.Tensor, dtype: FixedPointType, in_float: bool = False) -> Tensor:
        """Make it of values that are known to be on the grid, or that need not be, `in_float`."""
        made = cls.__new__(cls)
        made._values, made._dtype, made._in_float = values, dtype, in_float
        return made

    @property
    def dtype(self) -> FixedPointType:
        return self._dtype

    @property
    def in_float(self) -> bool:
        return self._in_float

    @property
    def values(self) -> torch.Tensor:
        """Floats: on the grid, unless the model computes in float now."""
        return self._values

    @property
    def integers(self) -> torch.Tensor:
        """The stored integers, int64.

        Raises:
            FixedPointError: the model computes in float now, before calibration.
        """
        if self.in_float:
            raise FixedPointError(
                "there are no integers while the model computes in float, before its calibration"
            )
        return (self._values.detach().double() * 2.0**self._dtype.fraction_bits).to(torch.int64)

    @property
    def shape(self) -> torch.Size:
        return self._values.shape

    def arithmetic(self, other: Number | None = None) -> type[Arithmetic]:
        if other is not None and not isinstance(other, Tensor):
            return other.arithmetic()  # a Symbol's: a Tensor is a constant to it
        return TensorArithmetic

    def __repr__(self) -> str:
        return f"fixed.Tensor({tuple(self.shape)}, {self.dtype})"


def tensor(
    x: Any,
    dtype: TypeOrQuantizer,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
) -> Tensor:
    """Floats, or what torch makes a tensor of, as fixed-point numbers; arguments as for `cast`."""
    values = x if isinstance(x, torch.Tensor) else torch.tensor(x, dtype=torch.float64)
    if values.dtype != torch.float32:
        values = values.double()
    # Any float: a type that only says in which of the two it has to be cast.
    carrier = FixedPointType(24 if values.dtype == torch.float32 else 53, 0)
    y = cast_number(Tensor.trusted(values, carrier), dtype, rounding, overflow)
    assert isinstance(y, Tensor)
    return y


class TensorArithmetic(Arithmetic):
    """By torch, in a float that is exact for the operands and the result."""

    @staticmethod
    def add(a: Tensor, b: Tensor, dtype: FixedPointType) -> Tensor:
        x, y, in_float = _values(a, b, dtype)
        return Tensor.trusted(x + y, dtype, in_float)

    @staticmethod
    def sub(a: Tensor, b: Tensor, dtype: FixedPointType) -> Tensor:
        x, y, in_float = _values(a, b, dtype)
        return Tensor.trusted(x - y, dtype, in_float)

    @staticmethod
    def mul(a: Tensor, b: Tensor, dtype: FixedPointType) -> Tensor:
        x, y, in_float = _values(a, b, dtype)
        return Tensor.trusted(x * y, dtype, in_float)

    @staticmethod
    def matmul(a: Tensor, b: Tensor, dtype: FixedPointType) -> Tensor:
        x, y, in_float = _values(a, b, dtype)
        return Tensor.trusted(x @ y, dtype, in_float)

    @staticmethod
    def div(a: Tensor, b: Tensor, dtype: FixedPointType) -> Tensor:
        x, y, in_float = _values(a, b, dtype)
        if in_float:
            return Tensor.trusted(x / y, dtype, in_float)
        zeros = (y == 0).nonzero()
        if len(zeros):
            raise FixedPointError(
                f"div: the divisor is 0 at index {tuple(zeros[0].tolist())}, and no quotient"
                " exists: a finer grid or a larger value keeps it from 0"
            )
        y = y + torch.zeros_like(x)  # a GPU multiplies by the reciprocal of a scalar
        return Tensor.trusted(truncate(x / y, dtype.fraction_bits), dtype)

    @staticmethod
    def sqrt(a: Tensor, dtype: FixedPointType) -> Tensor:
        zeros = 2 * dtype.fraction_bits - a.dtype.fraction_bits
        bits = a.dtype.wordlength + zeros
        x = a.values if a.in_float or bits <= _FLOAT32_BITS else a.values.double()
        positive = torch.relu(x)  # which keeps the root's infinite slope at 0 to itself
        root = torch.sqrt(positive)
        if a.in_float:
            return Tensor.trusted(root, dtype, True)
        with torch.no_grad():
            radicand = positive * 4.0**dtype.fraction_bits
            whole = torch.floor(root * 2.0**dtype.fraction_bits)
            whole = whole - (whole.square() > radicand).to(x.dtype)
            whole = whole + ((whole + 1).square() <= radicand).to(x.dtype)
            exact = whole * 2.0**-dtype.fraction_bits
        return Tensor.trusted(_narrowed(_replaced(root, exact), dtype), dtype)

    @staticmethod
    def relu(a: Tensor) -> Tensor:
        return Tensor.trusted(torch.relu(a.values), a.dtype, a.in_float)

    @staticmethod
    def cast(a: Tensor, grid: TypeOrQuantizer, rounding: Rounding, overflow: Overflow) -> Tensor:
        if isinstance(grid, Quantizer) and not (grid.fitted or a.in_float):
            grid.fit(a.values)
        dtype = grid.dtype if isinstance(grid, Quantizer) else grid
        if isinstance(grid, Quantizer) and grid.bypassed:
            return Tensor.trusted(grid(a.values), dtype, True)
        if a.in_float:
            return Tensor.trusted(a.values, dtype, True)
        x = a.values.to(exact_number(a.dtype, dtype))
        if isinstance(grid, Quantizer):
            return Tensor.trusted(_narrowed(grid(x), dtype), dtype)
        points = torch.tensor(float(dtype.fraction_bits), device=x.device)
        y = fake_cast(x, points, dtype.wordlength, dtype.signed, rounding, overflow)
        return Tensor.trusted(_narrowed(y, dtype), dtype)

    @staticmethod
    def terms(b: Tensor) -> int:
        return b.shape[-2] if b.values.ndim > 1 else b.shape[0]


class _Replaced(torch.autograd.Function):
    """The second operand, with the gradient of the first."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, exact: torch.Tensor) -> torch.Tensor:
        return exact.clone()

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> tuple[torch.Tensor, None]:
        return grad_outputs[0], None


_replaced: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = _Replaced.apply


def exact_number(*dtypes: FixedPointType) -> torch.dtype:
    """Return the float in which numbers of these types are exact."""
    small = all(
        t.wordlength <= _FLOAT32_BITS and abs(t.fraction_bits) <= _FLOAT32_EXPONENTS for t in dtypes
    )
    return torch.float32 if small else torch.float64


def _narrowed(x: torch.Tensor, dtype: FixedPointType) -> torch.Tensor:
    return x.to(exact_number(dtype))


def _values(
    a: Tensor, b: Tensor, result: FixedPointType
) -> tuple[torch.Tensor, torch.Tensor, bool]:
    """Both operands in the float to compute in, and whether the model computes in float now."""
    if a.in_float or b.in_float:
        number = (a if a.in_float else b).values.dtype
        return a.values.to(number), b.values.to(number), True
    number = exact_number(a.dtype, b.dtype, result)
    return a.values.to(number), b.values.to(number), False


def constant_array(x: Tensor) -> np.ndarray[Any, Any]:
    """Return the stored integers in numpy's hands."""
    integers: np.ndarray[Any, Any] = x.integers.cpu().numpy()
    return integers
