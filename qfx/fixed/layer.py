"""Layers that users write with fixed-point arithmetic: one `compute`, run by torch and lowered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor as Values
from torch import nn

from qfx.errors import ArgumentTypeError
from qfx.fixed.number import Arithmetic, Number
from qfx.fixed.symbol import Symbol
from qfx.fixed.tensor import Tensor, exact_number, tensor
from qfx.fixedpoint import FixedPointType, Overflow, Rounding
from qfx.ir import GraphBuilder, Value
from qfx.nn import Layer as BaseLayer
from qfx.nn import LoweringError, Quantizer
from qfx.nn.cast import power_of_two
from qfx.nn.grids import FixedGrid
from qfx.nn.layer import require_frozen


class Grid(FixedGrid):
    """A type that neither calibration nor training moves.

    Args:
        wordlength, fraction_bits, signed: as for FixedPointType.
        rounding, overflow: as for Quantizer.
    """

    def __init__(
        self,
        wordlength: int,
        fraction_bits: int,
        signed: bool = True,
        rounding: Rounding | str | None = None,
        overflow: Overflow | str = Overflow.SAT,
    ) -> None:
        super().__init__(
            wordlength,
            fraction_bits,
            signed=signed,
            rounding=rounding,
            overflow=overflow,
            learned=False,
        )

    def config(self) -> dict[str, Any]:
        names = ("wordlength", "fraction_bits", "signed", "rounding", "overflow")
        return {name: entry for name, entry in super().config().items() if name in names}


def _quantizer(given: Quantizer | FixedPointType | None) -> Quantizer:
    if isinstance(given, FixedPointType):
        return Grid(given.wordlength, given.fraction_bits, given.signed)
    return given or Quantizer(8)


class Parameter(BaseLayer, Number):
    """Numbers that are trained, on a grid: an operand of arithmetic, frozen to integers.

    Args:
        values: where they start; their shape broadcasts to that of what they meet, which has the
            batch axis in front: (), (features,), or for images (channels, 1, 1).
        dtype: a Quantizer, whose binary point is calibrated and learned; a FixedPointType, which
            stays; None for a Quantizer of 8 bits.
        learned: whether training moves the values.
    """

    integers: Values  # int64, as values: written by freeze

    def __init__(
        self,
        values: Values | float,
        dtype: Quantizer | FixedPointType | None = None,
        *,
        learned: bool = True,
    ) -> None:
        super().__init__()
        start = torch.as_tensor(values).detach().clone().float()
        self.learned = learned
        self.values = nn.Parameter(start, requires_grad=learned)
        self.quantizer = _quantizer(dtype).for_parameter(tuple(start.shape))
        self.register_buffer("integers", torch.zeros(start.shape, dtype=torch.int64))

    @property
    def dtype(self) -> FixedPointType:
        """The type of all its elements: per channel, the finest channel's, wide enough for the
        coarsest.
        """
        finest = self.quantizer.dtype
        spread = finest.fraction_bits - int(self._points().min())
        return FixedPointType(finest.wordlength + spread, finest.fraction_bits, finest.signed)

    def _points(self) -> Values:
        q = self.quantizer
        return q.fraction_bits if q.frozen else torch.round(q.binary_point.detach())

    def operand(self) -> Tensor:
        """Return the numbers: the frozen integers, or the parameter on its grid as it stands."""
        if not self.quantizer.fitted:
            self.quantizer.fit(self.values)
        dtype = self.dtype
        if self.is_exact:
            exact = self.integers * power_of_two(-self.quantizer.fraction_bits, torch.float64)
            return tensor(exact, dtype)
        if self.quantizer.bypassed:
            return Tensor.trusted(self.quantizer(self.values), dtype, True)
        return Tensor.trusted(self.quantizer(self.values.to(exact_number(dtype))), dtype)

    def arithmetic(self, other: Number | None = None) -> type[Arithmetic]:
        return self.operand().arithmetic(other)

    @torch.no_grad()
    def freeze_parameters(self) -> None:
        self.integers.copy_(self.quantizer.integers(self.values))

    def config(self) -> dict[str, Any]:
        return {"dtype": self.quantizer, "learned": self.learned}


class Layer(BaseLayer, ABC):
    """Base of layers written with the functions of qfx.fixed. A subclass writes `compute`.

    `forward` runs `compute` on the values of a batch, `lower` on a symbol that adds ops to the
    integer graph, so that both say the same. Parameters are `fixed.Parameter`s, and casts to be
    calibrated and learned are `Quantizer`s, made in `__init__`. To be saved, a subclass gives its
    constructor's arguments in `config`.

    Args:
        input: the grid on which x is computed with: a Quantizer, whose binary point is calibrated
            and learned, a FixedPointType, which stays, or None for a Quantizer of 8 bits. Where the
            layer before has the same grid, the cast to it costs nothing.

    Shapes:
        whatever `compute` takes and gives, with a batch axis in front.
    """

    def __init__(self, input: Quantizer | FixedPointType | None = None) -> None:
        super().__init__()
        self.input = _quantizer(input)

    @abstractmethod
    def compute(self, x: Number) -> Number:
        """Return the result of x: a fixed-point number with a batch axis in front."""

    def forward(self, x: Values) -> Values:
        for module in self.modules():
            if isinstance(module, Quantizer):
                module.real_step = False  # these numbers have types, in training too
        y = self._computed(tensor(x, self.input))
        if not isinstance(y, Tensor):
            raise ArgumentTypeError(self._no_number(y))
        return y.values if self.is_exact else y.values.to(x.dtype)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        if self.training:
            raise LoweringError(
                f"{type(self).__name__} at {builder.path or 'the top'} is in training mode, where"
                " its numbers are floats: call model.eval() first"
            )
        entered = Symbol(builder, self.input.lower(builder, x), self.input.dtype)
        y = self._computed(entered)
        if not isinstance(y, Symbol):
            raise LoweringError(self._no_number(y))
        return y.value

    def _computed(self, x: Number) -> Any:
        y = self.compute(x)
        return y.operand() if isinstance(y, Number) else y

    def _no_number(self, y: Any) -> str:
        found = "a constant" if isinstance(y, Tensor) else type(y).__name__
        return (
            f"{type(self).__name__}.compute gives {found}: it has to return a fixed-point number"
            " that depends on x"
        )

    def config(self) -> dict[str, Any]:
        return {"input": self.input}
