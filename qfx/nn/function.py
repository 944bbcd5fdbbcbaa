"""Any function of one variable, as a table."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from qfx.nn.arguments import given_quantizer
from qfx.nn.expression import Expression
from qfx.nn.lookup import Lookup
from qfx.nn.quantizer import Quantizer


class Function(Lookup):
    """y = f(x), f written as text: `Function("x * sigmoid(1.702 * x)")`.

    Args:
        function: in Python's syntax, of x, numbers, arithmetic, comparisons and functions of torch
            such as exp, erf, softplus, where, with torch's arguments: "elu(x, alpha=0.5)". One that
            cannot be written so is a subclass of qfx.nn.lookup.Lookup.
        input: quantizer of the operand, 8 bits by default; every bit doubles the table.
        output: quantizer of the entries, 8 bits by default, unsigned where no value is negative.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: a text that is no such function; an operand of more than 12 bits.
    """

    def __init__(
        self, function: str, input: Quantizer | None = None, output: Quantizer | None = None
    ) -> None:
        expression = Expression(function)
        if given_quantizer("output", output) is None:
            nonnegative = input is not None and not input.signed
            output = Quantizer(8, signed=not expression.is_nonnegative(nonnegative))
        super().__init__(input, output)
        self.expression = expression

    def function(self, x: Tensor) -> Tensor:
        return self.expression(x)

    @property
    def said(self) -> str:
        return str(self.expression)

    def config(self) -> dict[str, Any]:
        return {"function": self.expression.text, **super().config()}
