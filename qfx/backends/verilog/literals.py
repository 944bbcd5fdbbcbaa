"""Constants as Verilog writes them."""

from __future__ import annotations

from qfx.backends.netlist import Bits, Value


def hex_literal(value: int, bits: int, signed: bool = False) -> str:
    """`value` modulo 2**bits, as a sized literal."""
    return f"{bits}'{'s' if signed else ''}h{value & ((1 << bits) - 1):x}"


def of_parameter(value: Value) -> str:
    """The value of a parameter."""
    if isinstance(value, bool):
        return f"1'b{int(value)}"
    if isinstance(value, Bits):
        return hex_literal(value.value, value.width)
    return f'"{value}"' if isinstance(value, str) else str(value)


def appended(name: str, zeros: int) -> str:
    """What a name stands for, with so many zeros behind it."""
    return f"{{{name}, {zeros}'b0}}" if zeros > 0 else name


def zero_extended(expression: str) -> str:
    """A number without a sign as one that has a sign."""
    return f"{{1'b0, {expression}}}"
