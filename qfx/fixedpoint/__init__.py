"""Numbers: fixed-point types, the one cast, intervals and signed digits, all on plain integers."""

from qfx.fixedpoint.array import FixedPointArray, cast, quantize
from qfx.fixedpoint.interval import Interval
from qfx.fixedpoint.modes import Overflow, Rounding
from qfx.fixedpoint.signed_digits import count_digits, from_signed_digits, to_signed_digits
from qfx.fixedpoint.types import MAX_WORDLENGTH, FixedPointError, FixedPointType

__all__ = [
    "MAX_WORDLENGTH",
    "FixedPointArray",
    "FixedPointError",
    "FixedPointType",
    "Interval",
    "Overflow",
    "Rounding",
    "cast",
    "count_digits",
    "from_signed_digits",
    "quantize",
    "to_signed_digits",
]
