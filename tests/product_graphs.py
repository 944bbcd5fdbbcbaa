"""Graphs of one map each, whose products have constants of every kind."""

import numpy as np

from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.ir import Graph, GraphBuilder, Value
from qfx.ops import (
    AddConstant,
    Cast,
    Clip,
    DivideConstant,
    Lookup,
    MultiplyConstant,
    Op,
    PRelu,
    Relu,
    Sqrt,
)

LANES = 8  # of a bus of 64 bits, for elements of up to 8 bits
WIDE = np.array([2047, -2048, 1365, -1366, 0, 1, -1, -683, 64, 1023, -7, 1366] * 2)  # 12 bits
SLOPES = np.array([3, -5, 0, 16, -16, 7, 1, -1, 11, -128, 127, 85] * 2)
POWERS = np.array([1, -2, 4, -8, 16, -32, 64, -1, 0, 2, -4, 8] * 2)
BY_LANE = np.tile([0, -5, 8, 11, 3, -1, 7, -16], 3)  # the same every beat: wires


class Chain:
    """A graph of one map in the making."""

    def __init__(self, name: str, elements: int, bits: int, signed: bool) -> None:
        self.builder = GraphBuilder(name)
        entry = Cast(2, FixedPointType(bits, 2, signed), Rounding.TRN, Overflow.WRAP)
        self.end: Value = self.builder.input((elements,), entry)

    def add(
        self,
        op: type[Op],
        integers: np.ndarray | int,
        bits: int,
        signed: bool = True,
        fraction_bits: int = 3,
    ) -> None:
        dtype = FixedPointType(bits, fraction_bits, signed)
        self.end = self.builder.add(op(FixedPointArray(np.array(integers), dtype)), self.end)

    def cast(self, bits: int, fraction_bits: int, signed: bool = True) -> None:
        dtype = FixedPointType(bits, fraction_bits, signed)
        self.end = self.builder.cast(self.end, dtype, Rounding.RND, Overflow.SAT)

    @property
    def graph(self) -> Graph:
        return self.builder.build(self.end)


def from_roms(name: str) -> Graph:
    """Constants that differ beat by beat, and in the same map some that do not."""
    chain = Chain(name, 24, 6, True)
    chain.add(MultiplyConstant, WIDE, 12)
    chain.cast(16, 3)
    chain.add(PRelu, SLOPES, 8)
    chain.cast(20, 2)
    chain.add(MultiplyConstant, BY_LANE, 5)
    chain.add(AddConstant, 288000, 20, fraction_bits=5)
    chain.cast(20, 0, signed=False)
    chain.add(MultiplyConstant, POWERS, 8)
    chain.add(MultiplyConstant, -5, 4)
    chain.cast(24, -2)
    chain.add(PRelu, -3, 4)
    return chain.graph


def of_wires(name: str) -> Graph:
    """Constants that are the same every beat, in frames whose last beat is not full."""
    chain = Chain(name, 10, 7, False)
    chain.add(MultiplyConstant, 1365, 12)
    chain.cast(15, 0)
    chain.add(AddConstant, -3000, 13, fraction_bits=0)
    chain.add(PRelu, -43, 7)
    chain.cast(12, -4)
    chain.add(MultiplyConstant, -16, 5)
    chain.cast(11, -6)
    chain.add(AddConstant, 250, 9, fraction_bits=-6)
    chain.add(PRelu, 0, 3)
    chain.cast(9, -7, signed=False)
    chain.add(MultiplyConstant, 27, 5, signed=False)
    return chain.graph


def unsigned(name: str) -> Graph:
    """Unsigned operands and constants, none of them zero, from a ROM."""
    chain = Chain(name, 16, 5, False)
    integers = np.array([1, 31, 16, 21, 3, 2, 27, 9, 1, 1, 5, 12, 30, 17, 23, 11])
    chain.add(MultiplyConstant, integers, 5, signed=False)
    return chain.graph


def plus_or_minus_powers(name: str) -> Graph:
    """One term a constant, none absent, from a ROM; then ones of either sign, without a shift."""
    chain = Chain(name, 16, 5, True)
    chain.add(MultiplyConstant, 2 ** np.arange(16) % 15 * np.resize([1, -1, 1], 16), 5)
    chain.add(PRelu, np.resize([1, -1, 1], 16), 2)
    chain.add(MultiplyConstant, np.resize([1, 0, 1], 16), 2)
    return chain.graph


def zeros(name: str) -> Graph:
    chain = Chain(name, 4, 5, True)
    chain.add(PRelu, np.array([0, 0, 0, 0]), 3)
    chain.add(MultiplyConstant, 0, 3)
    return chain.graph


def every_op(name: str) -> Graph:
    """All element-wise ops one after the other."""
    chain = Chain(name, 16, 7, True)
    chain.add(MultiplyConstant, np.resize([11, -5, 3], 16), 5)
    chain.cast(8, 2)
    chain.add(PRelu, np.resize([-3, 5, 7], 16), 4)
    chain.cast(9, 3)
    chain.add(AddConstant, np.resize([100, -77, 3], 16), 8)
    chain.end = chain.builder.add(Clip(-300, 290), chain.end)
    chain.add(DivideConstant, np.resize([5, -7, 3], 16), 4)
    chain.end = chain.builder.add(Sqrt(3), chain.builder.add(Relu(), chain.end))
    chain.cast(7, 3, signed=False)
    table = FixedPointArray(np.arange(128) * 5 % 128 - 64, FixedPointType(7, 3))
    chain.end = chain.builder.add(Lookup(table, 0), chain.end)
    return chain.graph


GRAPHS = (from_roms, of_wires, unsigned, plus_or_minus_powers, zeros, every_op)
