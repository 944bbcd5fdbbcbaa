"""Parameters of few powers of two, so that a product with one is a few shifts and adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from qfx.errors import ArgumentError
from qfx.fixedpoint import FixedPointArray, FixedPointType, Rounding
from qfx.ir import GraphBuilder, Value
from qfx.nn.codes import Codes
from qfx.nn.layer import LoweringError
from qfx.nn.quantizer import Quantizer

WIDEST = 24  # bits: float32's significand holds every integer


class KHot(Quantizer):
    """A parameter's quantizer whose integers have at most k non-zero digits: K-hot (Dai et al.,
    arXiv 2401.17544).

    A number is rounded to the grid of `wordlength` bits, and then to the nearest code. The digits
    are signed by default (7 = 8 - 1 has two), and 2**(wordlength - 1) is a code, though it takes
    one bit more; with `signed_digits=False` they are the ones of the magnitude in binary.

    Args:
        k: digits at most; or one number for each first index of the parameter.
        wordlength: bits of the grid, the sign included; 1 to 24.
        signed_digits: whether a digit may be negative.
        fraction_bits, signed, rounding, learned, per_channel: as for Quantizer; what is too large
            saturates.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: k or the wordlength is out of range, or it is used for an activation.
    """

    def __init__(
        self,
        k: int | Sequence[int] = 2,
        wordlength: int = 8,
        *,
        signed_digits: bool = True,
        fraction_bits: int | None = None,
        signed: bool = True,
        rounding: Rounding | str | None = None,
        learned: bool = True,
        per_channel: bool = False,
    ) -> None:
        counts = tuple(k) if isinstance(k, Sequence) and not isinstance(k, str) else (k,)
        if not isinstance(wordlength, int) or not 1 <= wordlength <= WIDEST:
            raise ArgumentError(f"KHot has 1 to {WIDEST} bits, not {wordlength!r}")
        for count in counts:
            whole = isinstance(count, int) and not isinstance(count, bool)
            if not whole or not 1 <= count <= wordlength:
                raise ArgumentError(
                    f"KHot(k) takes 1 to {wordlength} digits of {wordlength} bits, or a tuple of"
                    f" such numbers, one per channel, not {k!r}"
                )
        if not isinstance(signed_digits, bool):
            raise ArgumentError(f"signed_digits must be True or False, not {signed_digits!r}")
        if not counts:
            raise ArgumentError("KHot(()) has no number of digits: give one, or one per channel")
        super().__init__(
            wordlength, fraction_bits, signed=signed, rounding=rounding, learned=learned,
            per_channel=per_channel,
        )  # fmt: skip
        self.codes: Codes = Codes(counts if isinstance(k, Sequence) else k, signed_digits)
        self.kept = 0.0  # share of the distance to the codes that training still leaves

    @property
    def k(self) -> int | tuple[int, ...]:
        """Digits at most, or as many numbers as the parameter has first indices."""
        return self.codes.k

    @property
    def signed_digits(self) -> bool:
        """Whether a digit may be negative."""
        return self.codes.signed_digits

    def for_parameter(self, shape: tuple[int, ...]) -> Quantizer:
        if isinstance(self.k, tuple) and len(self.k) != (shape[0] if shape else 1):
            raise ArgumentError(
                f"KHot has {len(self.k)} numbers of digits for the {shape[0] if shape else 1}"
                f" channels of a parameter of shape {shape}: give as many, or one for all"
            )
        return super().for_parameter(shape)

    def forward(self, x: Tensor) -> Tensor:
        if not self.of_parameter:
            raise ArgumentError(_FOR_PARAMETERS)
        return super().forward(x)

    def _codes(self) -> Codes:
        return replace(self.codes, kept=self.kept) if self.kept and self.training else self.codes

    def array(self, integers: Tensor) -> FixedPointArray:
        """As Quantizer's, one bit wider where the power of two above the range is used."""
        stored = integers.cpu().numpy().astype(np.int64)
        dtype = self.dtype
        if self.per_channel or stored.max(initial=0) <= dtype.max_int:
            return super().array(integers)
        wider = FixedPointType(dtype.wordlength + 1, dtype.fraction_bits, dtype.signed)
        return FixedPointArray(stored, wider)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        raise LoweringError(_FOR_PARAMETERS)

    def config(self) -> dict[str, Any]:
        config = super().config()
        del config["overflow"]
        k = list(self.k) if isinstance(self.k, tuple) else self.k
        return {"k": k, "signed_digits": self.signed_digits, **config}


_FOR_PARAMETERS = (
    "KHot is for parameters, such as weight=KHot(2): an activation has whatever integer comes, so"
    " give it a Quantizer"
)
