"""The type of each operator's full-precision result, as AMD's ap_fixed_base.h gives it.

A type <W, F, S> has W bits, F of them right of the binary point, and a sign if S.
"""

from __future__ import annotations

from qfx.fixedpoint import MAX_WORDLENGTH, FixedPointError, FixedPointType
from qfx.ops.sqrt import RADICAND_BITS

EXACT_BITS = 53  # of float64's significand, in which wide results are computed


def sum_type(a: FixedPointType, b: FixedPointType) -> FixedPointType:
    """Return the type of a + b: one integer bit more than the larger operand, the finer binary
    point.
    """
    return _aligned(a, b, a.signed or b.signed)


def difference_type(a: FixedPointType, b: FixedPointType) -> FixedPointType:
    """Return the type of a - b: as the sum's, and always signed."""
    return _aligned(a, b, True)


def _aligned(a: FixedPointType, b: FixedPointType, signed: bool) -> FixedPointType:
    a_bits = a.integer_bits + (b.signed and not a.signed)
    b_bits = b.integer_bits + (a.signed and not b.signed)
    fraction_bits = max(a.fraction_bits, b.fraction_bits)
    return _type(max(a_bits, b_bits) + 1 + fraction_bits, fraction_bits, signed)


def product_type(a: FixedPointType, b: FixedPointType, terms: int = 1) -> FixedPointType:
    """Return the type of a b, or of a sum of so many such products: ceil(log2(terms)) integer bits
    more.
    """
    wordlength = a.wordlength + b.wordlength + (terms - 1).bit_length()
    return _type(wordlength, a.fraction_bits + b.fraction_bits, a.signed or b.signed)


def quotient_type(a: FixedPointType, b: FixedPointType) -> FixedPointType:
    """Return the type of a / b: the binary point of a, or a finer one where that of b is coarser
    than 1.
    """
    wordlength = b.signed + a.wordlength + max(b.fraction_bits, 0)
    return _type(wordlength, a.fraction_bits - min(b.fraction_bits, 0), a.signed or b.signed)


def root_type(a: FixedPointType, fraction_bits: int) -> FixedPointType:
    """Return the type of the root of a, cut off to so many fraction bits: unsigned, half as many
    bits.

    Raises:
        FixedPointError: fewer fraction bits than half those of a, or a radicand too wide.
    """
    zeros = 2 * fraction_bits - a.fraction_bits
    if zeros < 0:
        raise FixedPointError(
            f"sqrt of {a} has at least {-(-a.fraction_bits // 2)} fraction bits, not"
            f" {fraction_bits}: cast the root to fewer"
        )
    bits = a.wordlength - a.signed + zeros
    if bits > RADICAND_BITS:
        raise FixedPointError(
            f"sqrt of {a} to {fraction_bits} fraction bits takes the root of {bits} bits, and"
            f" float64 does so exactly up to {RADICAND_BITS}: cast the operand to fewer bits, or"
            " ask for fewer fraction bits"
        )
    return _type(max(1, -(-bits // 2)), fraction_bits, False)


def require_exact(op: str, result: FixedPointType, *operands: FixedPointType) -> None:
    """Raise FixedPointError where float64 could round the full-precision result."""
    if result.wordlength > EXACT_BITS:
        more = " or more" if result.wordlength == MAX_WORDLENGTH else ""
        raise FixedPointError(
            f"{op} of {' and '.join(map(str, operands))} has a full-precision result of"
            f" {result.wordlength} bits{more}, and float64 is exact up to {EXACT_BITS}: cast an"
            " operand to fewer bits first"
        )


def _type(wordlength: int, fraction_bits: int, signed: bool) -> FixedPointType:
    """The type; beyond 63 bits, 63, which `require_exact` refuses as well."""
    return FixedPointType(min(wordlength, MAX_WORDLENGTH), fraction_bits, signed)
