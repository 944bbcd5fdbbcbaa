"""A learned binary point: floats onto a fixed-point grid whose position is trained."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from qfx.fixedpoint import FixedPointType, Overflow, Rounding
from qfx.ir import GraphBuilder, Value
from qfx.nn.cast import fake_cast, power_of_two, to_integers
from qfx.nn.layer import Layer, require_frozen

EMULATED_BITS = 53  # float64's significand: the widest word the torch layers can emulate exactly
_OBSERVED_PER_BATCH = 1 << 16


class Quantizer(Layer):
    """Casts to `wordlength` bits with a binary point that is a trained parameter.

    Args:
        wordlength: all bits, the sign included; 1 to 53.
        fraction_bits: where the binary point starts; calibration moves it to the least mean squared
            error.
        signed: whether there is a sign bit.
        rounding: None takes the default of the place it is used in: RND_CONV for a parameter, RND
            for an activation.
        overflow: SAT by default; WRAP has no useful gradient beyond the range.
        learned: whether training moves the binary point after calibration.

    Shapes:
        any -> the same.

    Raises:
        FixedPointError: the wordlength is out of range.
    """

    fraction_bits: Tensor  # int64, (): written by freeze

    def __init__(
        self,
        wordlength: int,
        fraction_bits: int = 0,
        *,
        signed: bool = True,
        rounding: Rounding | str | None = None,
        overflow: Overflow | str = Overflow.SAT,
        learned: bool = True,
    ) -> None:
        super().__init__()
        FixedPointType(wordlength, fraction_bits, signed)
        if wordlength > EMULATED_BITS:
            raise ValueError(
                f"a Quantizer has at most {EMULATED_BITS} bits, which float64 holds,"
                f" not {wordlength}"
            )
        self.wordlength, self.signed, self.learned = wordlength, signed, learned
        self.rounding = Rounding(rounding) if isinstance(rounding, str) else rounding
        self.overflow = Overflow(overflow)
        self.binary_point = nn.Parameter(torch.tensor(float(fraction_bits)), requires_grad=learned)
        self.register_buffer("fraction_bits", torch.tensor(fraction_bits))
        self.observed: list[Tensor] | None = None  # a list while calibration looks at what passes
        self.bypassed = False  # True while the model trains in float

    @property
    def dtype(self) -> FixedPointType:
        """The type of the grid: frozen, or as the binary point stands now."""
        fraction_bits = (
            self.fraction_bits if self.frozen else torch.round(self.binary_point.detach())
        )
        return FixedPointType(self.wordlength, int(fraction_bits), self.signed)

    @property
    def active_rounding(self) -> Rounding:
        return self.rounding or Rounding.RND

    def for_parameter(self) -> Quantizer:
        """This quantizer as a parameter's: round half to even unless told otherwise."""
        self.rounding = self.rounding or Rounding.RND_CONV
        return self

    def forward(self, x: Tensor) -> Tensor:
        if self.is_exact:
            exact = self.integers(x) * power_of_two(-self.fraction_bits, torch.float64)
            return exact.to(torch.float32) if self.wordlength <= 24 else exact
        if self.observed is not None:
            self.observed.append(_sample(x.detach()))
        if self.bypassed:
            return x
        return fake_cast(
            x, self.binary_point, self.wordlength, self.signed, self.active_rounding, self.overflow
        )

    def integers(self, x: Tensor) -> Tensor:
        """The stored integers of `x`, as float64."""
        point = self.fraction_bits if self.frozen else torch.round(self.binary_point.detach())
        return to_integers(
            x.detach().double(),
            point,
            self.wordlength,
            self.signed,
            self.active_rounding,
            self.overflow,
        )

    @torch.no_grad()
    def calibrate(self, x: Tensor) -> None:
        """Put the binary point where the mean squared error over `x` is least (METHODS: no range is
        given up for free).

        Args:
            x: a sample of the values to be cast; all zero leaves the binary point where it is.
        """
        x = x.detach().double().flatten()
        largest = float(x.abs().max()) if x.numel() else 0.0
        if largest == 0.0:
            return
        lossless = self.wordlength - self.signed - int(torch.frexp(torch.tensor(largest)).exponent)
        candidates = [lossless + extra for extra in range(-1, self.wordlength + 2)]
        errors = []
        for candidate in candidates:
            self.binary_point.fill_(float(candidate))
            y = self.integers(x) * power_of_two(-self.binary_point, torch.float64)
            errors.append(float((x - y).square().mean()))
        self.binary_point.fill_(float(candidates[errors.index(min(errors))]))

    def freeze_parameters(self) -> None:
        self.fraction_bits.copy_(torch.round(self.binary_point.detach()))

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        return builder.cast(x, self.dtype, self.active_rounding, self.overflow)

    def config(self) -> dict[str, Any]:
        return {
            "wordlength": self.wordlength,
            "fraction_bits": int(torch.round(self.binary_point.detach())),
            "signed": self.signed,
            "rounding": self.rounding.name if self.rounding else None,
            "overflow": self.overflow.name,
            "learned": self.learned,
        }


def _sample(x: Tensor) -> Tensor:
    flat = x.flatten()
    return flat[:: max(1, flat.numel() // _OBSERVED_PER_BATCH)].clone()
