"""Integers as Verilog writes them."""

from __future__ import annotations

from collections.abc import Iterable


def hex_literal(value: int, bits: int, signed: bool = False) -> str:
    """`value` modulo 2**bits, as a sized literal."""
    return f"{bits}'{'s' if signed else ''}h{value & ((1 << bits) - 1):x}"


def pack(integers: Iterable[int], bits: int) -> int:
    """Integers side by side, `bits` each, the first in the least significant bits."""
    word = 0
    for place, integer in enumerate(integers):
        word |= (int(integer) & ((1 << bits) - 1)) << (place * bits)
    return word
