"""Clipping to a range whose ends are on the grid."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import given_quantizer, require_number
from qfx.nn.layer import Layer
from qfx.nn.quantizer import Quantizer
from qfx.ops import Clip

_FINEST = 16  # fraction bits of an end


class Hardtanh(Layer):
    """y = min(max(x, min_val), max_val).

    Args:
        min_val, max_val: the ends, multiples of 2**-16.
        output: quantizer of the result; None keeps the grid of x, or the ends' where that is finer.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: ends that are no multiples of 2**-16, or not in order.
    """

    def __init__(
        self, min_val: float = -1.0, max_val: float = 1.0, output: Quantizer | None = None
    ) -> None:
        super().__init__()
        require_number("min_val", min_val)
        require_number("max_val", max_val)
        if not min_val < max_val:
            raise ArgumentError(
                f"min_val {min_val} must be below max_val {max_val}: give the lower end first"
            )
        self.min_val, self.max_val = min_val, max_val
        self.output = given_quantizer("output", output)
        self.fraction_bits = max(_fraction_bits(min_val), _fraction_bits(max_val))

    def forward(self, x: Tensor) -> Tensor:
        y = x.clamp(self.min_val, self.max_val)
        return self.output(y) if self.output else y

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        x = builder.refine(x, self.fraction_bits)
        scale = 2.0**x.type.fraction_bits
        y = builder.add(Clip(int(self.min_val * scale), int(self.max_val * scale)), x)
        return self.output.lower(builder, y) if self.output else y

    def config(self) -> dict[str, Any]:
        return {"min_val": self.min_val, "max_val": self.max_val, "output": self.output}


class ReLU6(Hardtanh):
    """y = min(max(x, 0), 6); output and shapes as for Hardtanh."""

    def __init__(self, output: Quantizer | None = None) -> None:
        super().__init__(0, 6, output)

    def config(self) -> dict[str, Any]:
        return {"output": self.output}


def _fraction_bits(end: float) -> int:
    """The fewest that hold it; negative for a multiple of 2.

    Raises:
        ArgumentError: more than _FINEST.
    """
    if end == 0:
        return -_FINEST
    numerator, denominator = float(end).as_integer_ratio()
    bits = denominator.bit_length() - 1 or 1 - (numerator & -numerator).bit_length()
    if bits > _FINEST:
        nearest = round(end * 2**_FINEST) / 2**_FINEST
        raise ArgumentError(
            f"the end {end} lies on no grid of {_FINEST} fraction bits or fewer: use {nearest}"
        )
    return bits
