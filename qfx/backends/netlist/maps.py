"""The module of a map: what each of its element-wise ops computes, lane by lane, in signed integers
as wide as their intervals ask for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from qfx.backends.netlist.words import pack, signed_bits
from qfx.fixedpoint import Interval, Overflow
from qfx.hardware import Map, Multiplier, Step
from qfx.hardware.memory import Style
from qfx.hardware.stages.map_pipeline import Rows, divisor_bits, rom_fed, terms_a_cycle
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
    TensorType,
)


@dataclass(frozen=True)
class Constants:
    """The constants of a step, signed numbers or coded terms: wires, or a ROM read beat by beat.

    Args:
        name: of them.
        words: one for each beat of a period, its lanes side by side; one word where all beats have
            the same.
        lanes: of a word.
        lane_bits: of one constant.
        style: where they go, if they are a ROM.
        cycle: in which they are there, behind the beat they belong to.
        waits: cycles that a ROM takes.
    """

    name: str
    words: tuple[int, ...]
    lanes: int
    lane_bits: int
    style: Style
    cycle: int
    waits: int

    @property
    def asked(self) -> int:
        """The cycle in which a ROM has its address."""
        return self.cycle - self.waits

    @property
    def bits(self) -> int:
        """Of a word."""
        return self.lanes * self.lane_bits

    @property
    def depth(self) -> int:
        """Words."""
        return len(self.words)


@dataclass(frozen=True)
class Ends:
    """Comparisons that hold a value between two ends.

    Args:
        low, high: beyond which it is replaced, None where it never is.
        below, above: by what.
    """

    low: int | None
    high: int | None
    below: int
    above: int

    @classmethod
    def of(cls, met: Interval, kept: Interval, to_zero: bool = False) -> Ends:
        """Of a value that may be anything of `met`; `to_zero` where one outside becomes 0."""
        return cls(
            low=kept.low if met.low < kept.low else None,
            high=kept.high if met.high > kept.high else None,
            below=0 if to_zero else kept.low,
            above=0 if to_zero else kept.high,
        )


@dataclass(frozen=True)
class Addition:
    """The sum with a constant."""

    constants: Constants


@dataclass(frozen=True)
class Term:
    """A term of a product by shifts: where in a constant's word its fields stand.

    Args:
        shift: the first bit of how far the operand is shifted; None where none is.
        shift_bits: how many there are.
        sign: the bit that says that it is subtracted; None where none is.
        present: the bit that says that there is such a term; None where all are.
    """

    shift: int | None
    shift_bits: int
    sign: int | None
    present: int | None


@dataclass(frozen=True)
class Word:
    """How the terms of a constant are coded.

    Args:
        shift_bits: of a term's shift.
        signs, gaps: whether a term has a bit that subtracts it, and one without which it is absent.
    """

    shift_bits: int
    signs: bool
    gaps: bool


@dataclass(frozen=True)
class Multiplication:
    """The product with a constant, of a multiplier or of terms.

    Args:
        constants: of it.
        terms: what it is built of; empty where it is a multiplier.
        in_dsp: whether that is a DSP slice.
        terms_a_cycle: how many are summed between two registers.
        word: how a term is coded, of a product that a ROM feeds; None of one by wires.
        rom_fed: whether it is a module with registers, which takes the operand a cycle before.
        kept_shift: how far the operand is shifted where it is not multiplied, as PRelu keeps the
            positive ones.
    """

    constants: Constants
    terms: tuple[Term, ...]
    in_dsp: bool
    terms_a_cycle: int = 1
    word: Word | None = None
    rom_fed: bool = False
    kept_shift: int = 0


@dataclass(frozen=True)
class Division:
    """The quotient by a constant, cut off towards zero.

    Args:
        constants: of it.
        zeros: that are appended to the operand.
        divisor_bits: of the size of any of them.
        rows: of which it is built.
    """

    constants: Constants
    zeros: int
    divisor_bits: int
    rows: Rows


@dataclass(frozen=True)
class SquareRoot:
    """The square root, rounded down; 0 of a negative operand.

    Args:
        zeros: that are appended to the operand.
        rows: of which it is built.
    """

    zeros: int
    rows: Rows


@dataclass(frozen=True)
class TableLookup:
    """The entry of a table.

    Args:
        rom: the words of a ROM in block RAM, found by the bits of the operand; empty where it is a
            function of the operand.
        entries: of that function, pairs of an operand and its entry; else empty.
    """

    rom: tuple[int, ...]
    entries: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Clamp:
    """The operand between two ends, or the only value that is left of it."""

    ends: Ends
    only: int | None


@dataclass(frozen=True)
class Conversion:
    """A cast; what the operand's interval proves needless is left out.

    Args:
        drop: bits that go.
        zeros: bits that are appended, where none go.
        rounding: the mode's name in ap_fixed.
        wide_bits: of the operand before.
        rounded_bits: of what is rounded.
        wraps: whether it may wrap around, else `ends` hold it.
        width, signed: of the type.
        ends: of the type.
    """

    drop: int
    zeros: int
    rounding: str
    wide_bits: int
    rounded_bits: int
    wraps: bool
    width: int
    signed: bool
    ends: Ends


Operation = Addition | Multiplication | Division | SquareRoot | TableLookup | Clamp | Conversion


@dataclass(frozen=True)
class MapStep:
    """One op of a map.

    Args:
        op: its name, by which a language finds its expression.
        comment: what it is.
        x, y: the names of operand and result.
        before: the name of the operand before it was held.
        held: how often it was.
        inside: registers in the op.
        x_bits, y_bits: of them, as signed numbers.
        operation: how it is computed; None for a ReLU, which needs no more.
    """

    op: str
    comment: str
    x: str
    y: str
    before: str
    held: int
    inside: int
    x_bits: int
    y_bits: int
    operation: Operation | None


@dataclass(frozen=True)
class MapModule:
    """The module of a map: a beat in, the ops on every lane, a beat out.

    Args:
        module: its name.
        title: what it computes.
        multiplier: what its products are built of.
        lanes: elements a beat.
        in_bits, out_bits: of a beat.
        lane_bits, signed: of an element that enters.
        x_bits: of it, as a signed number.
        y_lane_bits: of an element that leaves.
        beats: after which constants repeat.
        constants: of all steps.
        steps: in order.
        registers: from in to out.
    """

    module: str
    title: str
    multiplier: Multiplier | None
    lanes: int
    in_bits: int
    out_bits: int
    lane_bits: int
    signed: bool
    x_bits: int
    y_lane_bits: int
    beats: int
    constants: tuple[Constants, ...]
    steps: tuple[MapStep, ...]
    registers: int

    @property
    def late_beats(self) -> range:
        """The cycles in which a ROM has its address, but for the first."""
        asked = [constants.asked for constants in self.constants if constants.depth > 1]
        return range(1, max(asked, default=0) + 1)

    @property
    def y(self) -> str:
        """The result of the last step."""
        return self.steps[-1].y

    @property
    def beat_bits(self) -> int:
        """Of a counter of the beats."""
        return max(1, (self.beats - 1).bit_length())

    @property
    def counts(self) -> bool:
        """Whether there is such a counter."""
        return any(constants.depth > 1 for constants in self.constants)

    @property
    def tables(self) -> tuple[tuple[MapStep, TableLookup], ...]:
        """The steps whose table is a function of the operand."""
        pairs = ((step, step.operation) for step in self.steps)
        return tuple(
            (step, found)
            for step, found in pairs
            if isinstance(found, TableLookup) and not found.rom
        )


def map_module(stage: Map, module: str) -> MapModule:
    """The module of a map, under that name."""
    steps: list[MapStep] = []
    constants: list[Constants] = []
    for index, (step, timing) in enumerate(zip(stage.steps, stage.timings, strict=True)):
        operation = _OPERATIONS[type(step.op)](stage, step, f"c{index}")
        if isinstance(operation, (Addition, Multiplication, Division)):
            constants.append(operation.constants)
        before = steps[-1].y if steps else "x"
        steps.append(
            MapStep(
                op=step.op.name,
                comment=_comment(step),
                x=f"{before}_at_{timing.begins}" if timing.held else before,
                y=f"y{index}",
                before=before,
                held=timing.held,
                inside=timing.inside,
                x_bits=signed_bits(step.operand.interval),
                y_bits=signed_bits(step.result.type.interval),
                operation=operation,
            )
        )
    return MapModule(
        module=module,
        title=f"{stage.source or stage.name}, " + ", ".join(step.op.name for step in stage.steps),
        multiplier=stage.multiplier,
        lanes=stage.input.lanes,
        in_bits=stage.input.bits,
        out_bits=stage.output.bits,
        lane_bits=stage.input.dtype.wordlength,
        signed=stage.input.dtype.signed,
        x_bits=signed_bits(stage.steps[0].operand.interval),
        y_lane_bits=stage.output.dtype.wordlength,
        beats=stage.period,
        constants=tuple(constants),
        steps=tuple(steps),
        registers=stage.delay,
    )


def _comment(step: Step) -> str:
    ends = f"{_range(step.operand)} -> {_range(step.result.type)}"
    return f"{step.op.name} {step.op.describe()}: {ends}"


def _range(type_: TensorType) -> str:
    return f"{type_.dtype} {type_.interval}"


def _constants(stage: Map, step: Step, name: str) -> Constants:
    rows: list[list[int]] = stage.constants(step).tolist()
    if step.multiplies and stage.multiplier == "shift_add":
        words, lanes = stage.terms(step).words(), stage.input.lanes
        rows = [words[start : start + lanes] for start in range(0, len(words), lanes)]
    bits = stage.kept_bits(step)
    packed = tuple(pack(row, bits) for row in rows)
    timed = stage.timed(step)
    timing = next(t for t, s in zip(stage.timings, stage.steps, strict=True) if s is step)
    return Constants(
        name, packed, stage.input.lanes, bits, timed.style, timing.constant, timed.waits
    )


def _add(stage: Map, step: Step, name: str) -> Addition:
    return Addition(_constants(stage, step, name))


def _multiply(stage: Map, step: Step, name: str) -> Multiplication:
    constants = _constants(stage, step, name)
    fed = rom_fed(stage.timed(step), stage.multiplier)
    if stage.multiplier != "shift_add":
        return Multiplication(constants, (), stage.multiplier == "dsp", rom_fed=fed)
    terms = stage.terms(step)
    found = []
    for start in (index * terms.term_bits for index in range(terms.count)):
        sign = start + terms.shift_bits
        found.append(
            Term(
                shift=start if terms.shift_bits else None,
                shift_bits=terms.shift_bits,
                sign=sign if terms.has_signs else None,
                present=sign + terms.has_signs if terms.has_gaps else None,
            )
        )
    word = Word(terms.shift_bits, terms.has_signs, terms.has_gaps)
    a_cycle = terms_a_cycle(step.result.type.interval)
    return Multiplication(constants, tuple(found), False, a_cycle, word, fed)


def _prelu(stage: Map, step: Step, name: str) -> Multiplication:
    assert isinstance(step.op, PRelu)
    product = _multiply(stage, step, name)
    shift = step.op.constant.dtype.fraction_bits
    return replace(product, kept_shift=shift)


def _divide(stage: Map, step: Step, name: str) -> Division:
    assert isinstance(step.op, DivideConstant)
    constants = _constants(stage, step, name)
    return Division(constants, step.op.shift, divisor_bits(step.op), step.rows)


def _sqrt(stage: Map, step: Step, name: str) -> SquareRoot:
    assert isinstance(step.op, Sqrt)
    return SquareRoot(step.op.shift, step.rows)


def _lookup(stage: Map, step: Step, name: str) -> TableLookup:
    assert isinstance(step.op, Lookup)
    if stage.table_style(step) == "block":
        return TableLookup(tuple(step.table_words()), ())
    met, op = step.operand.interval, step.op
    entries = ((x, int(op.table.integers[x - op.first])) for x in range(met.low, met.high + 1))
    return TableLookup((), tuple(entries))


def _clip(stage: Map, step: Step, name: str) -> Clamp:
    """Compared in the operand's width, which holds the ends that it meets."""
    assert isinstance(step.op, Clip)
    x, y = step.operand.interval, step.result.type.interval
    low, high = step.op.ends_met(x)
    if low is high is None and y.low == y.high:
        return Clamp(Ends.of(y, y), y.low)
    kept = Interval(x.low if low is None else low, x.high if high is None else high)
    return Clamp(Ends.of(x, kept), None)


def _cast(stage: Map, step: Step, name: str) -> Conversion:
    assert isinstance(step.op, Cast)
    op, drop = step.op, max(step.op.shift, 0)
    rounded = op.rounded(step.operand.interval)
    return Conversion(
        drop=drop,
        zeros=-op.shift,
        rounding=op.rounding.name,
        wide_bits=max(signed_bits(step.operand.interval), drop + 1),
        rounded_bits=signed_bits(rounded),
        wraps=op.overflow is Overflow.WRAP and rounded not in op.fitting,
        width=op.dtype.wordlength,
        signed=op.dtype.signed,
        ends=Ends.of(rounded, op.fitting, op.overflow is Overflow.SAT_ZERO),
    )


# How each element-wise op is computed, given the name of its constants.
_OPERATIONS: dict[type[Op], Callable[[Map, Step, str], Operation | None]] = {
    AddConstant: _add,
    Cast: _cast,
    Clip: _clip,
    DivideConstant: _divide,
    Lookup: _lookup,
    MultiplyConstant: _multiply,
    PRelu: _prelu,
    Relu: lambda stage, step, name: None,
    Sqrt: _sqrt,
}
