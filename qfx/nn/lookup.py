"""Functions as tables: the operand is cast to few bits, and each of its integers has an entry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor

from qfx.errors import ArgumentError
from qfx.fixedpoint import FixedPointArray
from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import given_quantizer
from qfx.nn.cast import integer_range, power_of_two
from qfx.nn.layer import Layer, LoweringError, require_frozen
from qfx.nn.quantizer import Quantizer
from qfx.ops import LOOKUP_BITS
from qfx.ops import Lookup as LookupOp


class Lookup(Layer, ABC):
    """Base of the functions of one variable. A subclass writes `function`, and `signed` where no
    result is negative.

    Training computes the function itself, between two casts; `freeze` writes its table, which from
    then on is its definition: evaluation and hardware read the entries and compute nothing.

    Args:
        input: quantizer of the operand, 8 bits by default; every bit doubles the table.
        output: quantizer of the entries, 8 bits by default.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: an operand of more than 12 bits.
    """

    signed: ClassVar[bool] = True  # whether a result can be negative
    table_integers: Tensor  # int64, (2**input.wordlength,): written by freeze

    def __init__(self, input: Quantizer | None = None, output: Quantizer | None = None) -> None:
        super().__init__()
        self.input = given_quantizer("input", input) or Quantizer(8)
        self.output = given_quantizer("output", output) or Quantizer(8, signed=self.signed)
        bits = self.input.wordlength
        if bits > LOOKUP_BITS:
            raise ArgumentError(
                f"{type(self).__name__} would need a table of 2**{bits} entries: give it an input"
                f" quantizer of {LOOKUP_BITS} bits or fewer"
            )
        self.register_buffer("table_integers", torch.zeros(2**bits, dtype=torch.int64))

    @abstractmethod
    def function(self, x: Tensor) -> Tensor:
        """Return what the table holds, element by element."""

    def forward(self, x: Tensor) -> Tensor:
        if self.is_exact:
            entries = self.table_integers[(self.input.integers(x) - self._first).long()]
            return entries * power_of_two(-self.output.fraction_bits, torch.float64)
        y: Tensor = self.output(self.function(self.input(x)))
        return y

    @property
    def said(self) -> str:
        """What it is called in a sentence."""
        return f"{type(self).__name__}.function"

    @property
    def _first(self) -> int:
        return int(integer_range(self.input.wordlength, self.input.signed)[0])

    @torch.no_grad()
    def freeze_parameters(self) -> None:
        integers = torch.arange(len(self.table_integers)) + self._first
        x = integers * power_of_two(-self.input.fraction_bits, torch.float64)
        y = self.function(x)
        if torch.isnan(y).any():
            raise LoweringError(
                f"{self.said} gives no number for {float(x[torch.isnan(y)][0])}: a table has an"
                " entry for each operand"
            )
        self.table_integers.copy_(self.output.integers(y))

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        table = FixedPointArray(self.table_integers.cpu().numpy(), self.output.dtype)
        return builder.add(LookupOp(table, self._first), self.input.lower(builder, x))

    def config(self) -> dict[str, Any]:
        return {"input": self.input, "output": self.output}
