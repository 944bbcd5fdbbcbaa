"""Types, products and constants as C++ with AMD's ap_ headers writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qfx.fixedpoint import FixedPointType, Overflow, Rounding
from qfx.hardware import Multiplier
from qfx.hardware.multipliers import in_dsp
from qfx.hardware.shift_add import Terms


def cpp_type(
    dtype: FixedPointType, rounding: Rounding = Rounding.TRN, overflow: Overflow = Overflow.WRAP
) -> str:
    """ap_fixed's spelling of a type; the modes are those of what is assigned to it."""
    modes = (
        ""
        if (rounding, overflow) == (Rounding.TRN, Overflow.WRAP)
        else f", AP_{rounding.name}, AP_{overflow.name}"
    )
    return f"ap_{'' if dtype.signed else 'u'}fixed<{dtype.wordlength}, {dtype.integer_bits}{modes}>"


def bits_type(dtype: FixedPointType) -> str:
    """The smallest plain C type for the stored integers."""
    types = {8: "signed char", 16: "short", 32: "int", 64: "long long"}
    bits = dtype.wordlength + (not dtype.signed)
    return types[min(size for size in types if size >= bits)]


def from_bits(dtype: FixedPointType, integer: int) -> str:
    """The number of that type whose stored integer it is."""
    return f"qfx::from_bits<{cpp_type(dtype)}>({integer})"


def multiply(dtype: FixedPointType, multiplier: Multiplier) -> str:
    """Products by stored integers of that type."""
    return f"qfx::Multiply<{cpp_type(dtype)}, {boolean(in_dsp(multiplier))}>"


def shift_add(dtype: FixedPointType, terms: Terms) -> str:
    """Products by terms so coded, of numbers of that type."""
    signs, gaps = boolean(terms.has_signs), boolean(terms.has_gaps)
    return f"qfx::ShiftAdd<{cpp_type(dtype)}, {terms.shift_bits}, {signs}, {gaps}>"


def boolean(value: bool) -> str:
    """As C++ writes it."""
    return str(value).lower()


def braced(items: Iterable[object]) -> str:
    """As C++ writes the rows of an array."""
    return "{" + ", ".join(map(str, items)) + "}"


def nested(integers: Any) -> str:
    """As C++ writes an array of arrays."""
    return braced(map(nested, integers)) if isinstance(integers, list) else str(integers)


def sizes(shape: Iterable[int]) -> str:
    """As C++ writes the sizes of an array."""
    return "".join(f"[{size}]" for size in shape)
