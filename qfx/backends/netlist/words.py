"""Integers as hardware holds them: side by side in a word, and in two's complement."""

from __future__ import annotations

from collections.abc import Iterable

from qfx.fixedpoint import FixedPointType, Interval


def pack(integers: Iterable[int], bits: int) -> int:
    """Integers side by side, `bits` each, the first in the least significant bits."""
    word = 0
    for index, integer in enumerate(integers):
        word |= (int(integer) & ((1 << bits) - 1)) << (index * bits)
    return word


def signed_bits(interval: Interval) -> int:
    """Bits of the smallest two's-complement number that holds the interval."""
    dtype = FixedPointType.holding(interval, 0)
    return dtype.wordlength + (not dtype.signed)
