"""The type of a fixed-point number: how many bits, and where the binary point is."""

from __future__ import annotations

from dataclasses import dataclass

from qfx.errors import QfxError
from qfx.fixedpoint.interval import Interval

MAX_WORDLENGTH = 63  # so that every stored integer, signed or not, fits int64
MAX_FRACTION_BITS = 1000  # so that 2**-fraction_bits is a normal float64


class FixedPointError(QfxError):
    """A format, a value or a result that fixed-point arithmetic here refuses."""


@dataclass(frozen=True)
class FixedPointType:
    """A number is `integer * 2**-fraction_bits`, its integer held in `wordlength` bits (two's
    complement if signed).

    Args:
        wordlength: all bits, the sign included; 1 to 63.
        fraction_bits: bits right of the binary point; may be negative or exceed the wordlength.
        signed: whether the highest bit is a sign.

    Raises:
        FixedPointError: the wordlength or the fraction bits are out of range.
    """

    wordlength: int
    fraction_bits: int
    signed: bool = True

    def __post_init__(self) -> None:
        for name in ("wordlength", "fraction_bits"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int):
                raise FixedPointError(f"{name} must be an int, not {value!r}")
        if not isinstance(self.signed, bool):
            raise FixedPointError(f"signed must be True or False, not {self.signed!r}")
        if not 1 <= self.wordlength <= MAX_WORDLENGTH:
            raise FixedPointError(
                f"wordlength must be 1 to {MAX_WORDLENGTH} bits, not {self.wordlength}"
                " (a pruned weight is a constant 0, not a 0-bit number)"
            )
        if abs(self.fraction_bits) > MAX_FRACTION_BITS:
            raise FixedPointError(
                f"fraction_bits must be within +-{MAX_FRACTION_BITS}, not {self.fraction_bits}"
            )

    @property
    def integer_bits(self) -> int:
        """Bits left of the binary point, the sign included: the I of ap_fixed<W,I>."""
        return self.wordlength - self.fraction_bits

    @property
    def lsb(self) -> float:
        """The value of the lowest bit."""
        return 2.0**-self.fraction_bits

    @property
    def min_int(self) -> int:
        """The smallest stored integer."""
        return -(1 << (self.wordlength - 1)) if self.signed else 0

    @property
    def max_int(self) -> int:
        """The largest stored integer."""
        return (1 << (self.wordlength - self.signed)) - 1

    @property
    def symmetric_min_int(self) -> int:
        """The smallest integer under SAT_SYM; a signed bit alone keeps its -1, as in ap_fixed."""
        return min(-self.max_int, -1) if self.signed else 0

    @property
    def interval(self) -> Interval:
        """All stored integers."""
        return Interval(self.min_int, self.max_int)

    @classmethod
    def holding(cls, interval: Interval, fraction_bits: int) -> FixedPointType:
        """The smallest type for the interval's integers; unsigned when none is negative.

        Raises:
            FixedPointError: it would need more than 63 bits.
        """
        signed = interval.low < 0
        positive = max(interval.high, 0).bit_length()
        bits = max(positive, (-interval.low - 1).bit_length() if signed else 0)
        wordlength = max(1, bits + signed)
        if wordlength > MAX_WORDLENGTH:
            raise FixedPointError(
                f"a result needs {wordlength} bits to hold {interval}, more than {MAX_WORDLENGTH}:"
                " narrow an operand or cast before this point"
            )
        return cls(wordlength, fraction_bits, signed)

    def __str__(self) -> str:
        return f"{'' if self.signed else 'u'}fixed<{self.wordlength},{self.integer_bits}>"
