"""The nouns of the integer graph: what flows (Value), what computes it (Node), where it comes from
(Input).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy.typing as npt

from qfx.data import DataError, numbers
from qfx.errors import QfxError
from qfx.fixedpoint import FixedPointArray, FixedPointError, FixedPointType, quantize
from qfx.ops import Cast, Op, Shape, TensorType


class GraphError(QfxError):
    """A graph that is not well formed, or data that does not fit it."""


@dataclass(frozen=True)
class Value:
    """A named edge of the graph."""

    name: str
    type: TensorType

    @property
    def dtype(self) -> FixedPointType:
        return self.type.dtype


@dataclass(frozen=True)
class Node:
    """One op and what it reads and makes; `source` names the layer it came from."""

    op: Op
    inputs: tuple[Value, ...]
    output: Value
    source: str = ""


@dataclass(frozen=True)
class Input:
    """Where data enters: floats are quantized as `cast` says, integers must be of `cast.dtype`
    already.
    """

    name: str
    shape: Shape
    cast: Cast

    @property
    def value(self) -> Value:
        return Value(self.name, TensorType.of(self.shape, self.cast.dtype))

    def read(self, x: FixedPointArray | npt.ArrayLike) -> FixedPointArray:
        """Return a batch as fixed-point numbers.

        Args:
            x: (samples, *shape), any numbers that `qfx.data.numbers` takes, or a FixedPointArray.

        Raises:
            GraphError: the wrong shape, dtype or a value that is not finite.
        """
        if not isinstance(x, FixedPointArray):
            try:
                x = numbers(x, f"input {self.name}")
            except DataError as error:
                raise GraphError(str(error)) from None
        if x.shape[1:] != self.shape or len(x.shape) != len(self.shape) + 1:
            wanted = ", ".join(["samples", *map(str, self.shape)])
            raise GraphError(f"input {self.name} takes an array of shape ({wanted}), not {x.shape}")
        if isinstance(x, FixedPointArray):
            if x.dtype != self.cast.dtype:
                raise GraphError(
                    f"input {self.name} is {self.cast.dtype}, the data is {x.dtype}: cast it first"
                )
            return x
        try:
            return quantize(x, self.cast.dtype, self.cast.rounding, self.cast.overflow)
        except FixedPointError as error:
            raise GraphError(f"input {self.name}: {error}") from None
