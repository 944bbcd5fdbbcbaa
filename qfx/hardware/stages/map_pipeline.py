"""Where a map in SystemVerilog has registers: between its ops and inside long ones, so that between
two registers there are no more levels of logic than a few.

Levels are counted as Yosys maps them to AMD's parts: of an adder a LUT and a carry for every four
bits, of a choice a LUT.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qfx.fixedpoint import FixedPointType, Interval, Overflow, Rounding
from qfx.hardware.formulas import product_latency
from qfx.hardware.memory import Style
from qfx.hardware.multipliers import Multiplier
from qfx.ops import (
    AddConstant,
    Cast,
    Clip,
    DivideConstant,
    Lookup,
    MultiplyConstant,
    Op,
    PRelu,
    Sqrt,
)

LEVELS = 7  # between two registers, as far as ops can be cut
_DSP = 5  # levels that take as long as a multiplier
SHORT = 8  # words of constants up to which the logic they go to absorbs them


@dataclass(frozen=True)
class Constants:
    """The constants of an op, as far as its registers depend on them.

    Args:
        words: that differ from beat to beat; 1 where they are wires.
        style: where they go, if they are a ROM.
        bits: of an integer, as its product is told.
        terms: of a product that is built of those.
    """

    words: int
    style: Style
    bits: int
    terms: int

    @property
    def waits(self) -> int:
        """Cycles from the beat's number to the constant: what a block RAM reads has a register."""
        return 0 if self.words <= SHORT else 2 if self.style == "block" else 1


@dataclass(frozen=True)
class Timing:
    """When an op computes, in cycles behind the beat that enters the map.

    Args:
        held: registers before it.
        begins: the cycle in which it has its operand.
        inside: registers in it.
        constant: the cycle in which it has its constants.
    """

    held: int
    begins: int
    inside: int
    constant: int

    @property
    def ends(self) -> int:
        """The cycle in which its result is there."""
        return self.begins + self.inside


@dataclass(frozen=True)
class Rows:
    """The rows of a quotient or a root: each an adder that gives a bit of it.

    Args:
        bits: that it has, without its sign; 1 at least.
        wide: bits of the longest row's adder.
        signs: whether sizes are taken before the first row, and a sign given behind the last.
    """

    bits: int
    wide: int
    signs: bool = False

    @property
    def a_cycle(self) -> int:
        """Rows from one register to the next."""
        return max(1, LEVELS // _adder(self.wide))

    @property
    def registers(self) -> int:
        """Behind every so many rows, and behind the sizes."""
        return -(-self.bits // self.a_cycle) + self.signs


@dataclass(frozen=True)
class _Cut:
    """An op as registers cut it.

    Args:
        first, last: levels before its first and behind its last register; of one without, equal.
        inside: registers in it.
        constant: cycles from its operand to its constants.
    """

    first: int
    last: int
    inside: int = 0
    constant: int = 0


def timings(
    steps: Sequence[tuple[Op, Interval, Interval, Constants | None]],
    multiplier: Multiplier | None,
) -> list[Timing]:
    """Say when each op of a map computes.

    Args:
        steps: of each op, what its operand and its result may be, and its constants.
        multiplier: what products are built of.
    """
    found: list[Timing] = []
    cycle = levels = 0
    for op, operand, result, constants in steps:
        cut = _CUTS.get(type(op), _choice)(op, operand, result, constants, multiplier)
        held = int(levels > 0 and levels + cut.first > LEVELS)
        if constants is not None:
            held = max(held, constants.waits - cycle - cut.constant)
        cycle += held
        found.append(Timing(held, cycle, cut.inside, cycle + cut.constant))
        cycle += cut.inside
        levels = cut.last + (0 if held or cut.inside else levels)
    return found


def rom_fed(constants: Constants, multiplier: Multiplier | None) -> bool:
    """Whether products by such constants are modules, which take the operand a cycle before."""
    return constants.words > 1 and multiplier != "dsp"


def terms_a_cycle(result: Interval) -> int:
    """Count the terms of a product by wires that are summed between two registers."""
    return 2 if _adder(_bits(result)) + 2 <= LEVELS else 1


def rows_of(op: DivideConstant | Sqrt, x: Interval, y: Interval) -> Rows:
    """Give the rows of a quotient or a root.

    Args:
        op: which it is.
        x, y: what its operand and its result may be.
    """
    bits = max(1, abs(y.low).bit_length(), abs(y.high).bit_length())
    if isinstance(op, Sqrt):
        return Rows(bits, bits + 2)
    signs = x.low < 0 or bool((op.constant.integers < 0).any())
    return Rows(bits, divisor_bits(op) + 2, signs)


def divisor_bits(op: DivideConstant) -> int:
    """Count those of the size of any divisor."""
    return int(abs(op.constant.integers).max()).bit_length()


def _adder(bits: int) -> int:
    return 1 + -(-bits // 4)


def _bits(interval: Interval) -> int:
    held = FixedPointType.holding(interval, 0)
    return held.wordlength + (not held.signed)


def _choice(op: Op, x: Interval, y: Interval, c: Constants | None, m: Multiplier | None) -> _Cut:
    return _Cut(1, 1)


def _add(op: Op, x: Interval, y: Interval, c: Constants | None, m: Multiplier | None) -> _Cut:
    return _Cut(_adder(_bits(y)), _adder(_bits(y)))


def _clip(op: Op, x: Interval, y: Interval, c: Constants | None, m: Multiplier | None) -> _Cut:
    return _Cut(3, 3)


def _lookup(op: Op, x: Interval, y: Interval, c: Constants | None, m: Multiplier | None) -> _Cut:
    """A LUT looks up six bits; of every two more one chooses."""
    levels = 1 + max(0, -(-(_bits(x) - 6) // 2))
    return _Cut(levels, levels)


def _cast(op: Op, x: Interval, y: Interval, c: Constants | None, m: Multiplier | None) -> _Cut:
    """An adder that rounds, a register where that is long, and a choice of the ends."""
    assert isinstance(op, Cast)
    rounded = op.rounded(x)
    adds = op.shift > 0 and op.rounding is not Rounding.TRN
    rounds = 1 + _adder(_bits(rounded)) if adds else 0
    chooses = 0 if op.overflow is Overflow.WRAP or rounded in op.fitting else 2
    if rounds and rounds + chooses > LEVELS:
        return _Cut(rounds, chooses, 1)
    return _Cut(rounds + chooses, rounds + chooses)


def _multiply(op: Op, x: Interval, y: Interval, c: Constants | None, m: Multiplier | None) -> _Cut:
    assert c is not None
    assert m is not None
    if rom_fed(c, m):
        return _Cut(_adder(_bits(x) + 2), 0, 1 + product_latency(m, c.bits, c.terms), 1)
    if m == "dsp":
        return _Cut(_DSP, _DSP)
    if m == "lut":
        return _Cut(LEVELS, LEVELS)
    return _Cut(LEVELS, LEVELS, (max(1, c.terms) - 1) // terms_a_cycle(y))


def _prelu(op: Op, x: Interval, y: Interval, c: Constants | None, m: Multiplier | None) -> _Cut:
    """A product and a choice behind it."""
    cut = _multiply(op, x, y, c, m)
    return _Cut(cut.first, cut.last + 1, cut.inside, cut.constant)


def _divide(op: Op, x: Interval, y: Interval, c: Constants | None, m: Multiplier | None) -> _Cut:
    """Sizes, rows with registers behind them, and a sign."""
    assert isinstance(op, DivideConstant)
    assert c is not None
    rows = rows_of(op, x, y)
    if rows.signs:
        return _Cut(_adder(max(_bits(x), c.bits)), _adder(_bits(y)), rows.registers)
    return _Cut(rows.a_cycle * _adder(rows.wide), 0, rows.registers)


def _root(op: Op, x: Interval, y: Interval, c: Constants | None, m: Multiplier | None) -> _Cut:
    assert isinstance(op, Sqrt)
    rows = rows_of(op, x, y)
    return _Cut(rows.a_cycle * _adder(rows.wide), 0, rows.registers)


_CUTS: dict[
    type[Op],
    Callable[[Op, Interval, Interval, Constants | None, Multiplier | None], _Cut],
] = {
    AddConstant: _add,
    Cast: _cast,
    Clip: _clip,
    DivideConstant: _divide,
    Lookup: _lookup,
    MultiplyConstant: _multiply,
    PRelu: _prelu,
    Sqrt: _root,
}
