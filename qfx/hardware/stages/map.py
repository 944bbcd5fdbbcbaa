"""The stage of element-wise ops, and what its products by constants are built of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval, Overflow, Rounding
from qfx.fixedpoint.array import Integers
from qfx.hardware import memory
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.formulas import (
    adder_tree,
    dsp_slices,
    lut_product,
    product_registers,
    shared_multiples,
)
from qfx.hardware.memory import Style, memory_of
from qfx.hardware.multipliers import Multiplier, Multipliers, of_maps
from qfx.hardware.paths import Path
from qfx.hardware.product_cost import ProductCost, ProductParts
from qfx.hardware.shift_add import Terms
from qfx.hardware.stage import Stage
from qfx.hardware.stages.map_pipeline import (
    SHORT,
    Rows,
    Timing,
    rom_fed,
    rows_of,
    terms_a_cycle,
    timings,
)
from qfx.hardware.stages.map_pipeline import Constants as TimedConstants
from qfx.hardware.stream import Order, Stream
from qfx.ir import Node, Value
from qfx.ops import (
    ELEMENTWISE,
    AddConstant,
    Cast,
    Clip,
    ConstantOp,
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
class Step:
    """One element-wise op of a map; its constants are one period, in the order of the stream."""

    op: Op
    operand: TensorType
    result: Value

    @property
    def multiplies(self) -> bool:
        """Whether it is a product by constants."""
        return isinstance(self.op, (MultiplyConstant, PRelu))

    @property
    def operand_bits(self) -> int:
        """Of the operand as a signed number."""
        held = FixedPointType.holding(self.operand.interval, 0)
        return held.wordlength + (not held.signed)

    @property
    def rows(self) -> Rows:
        """Those of a quotient or a root."""
        assert isinstance(self.op, (DivideConstant, Sqrt))
        return rows_of(self.op, self.operand.interval, self.result.type.interval)

    def table_words(self) -> list[int]:
        """Return the table of a lookup by the bits of the operand; zero where none is met."""
        assert isinstance(self.op, Lookup)
        words = [0] * (1 << self.operand_bits)
        met = self.operand.interval
        for x in range(met.low, met.high + 1):  # a negative one counts from the end
            words[x] = int(self.op.table.integers[x - self.op.first])
        return words


@dataclass(frozen=True)
class Map(Stage):
    """A chain of element-wise ops on every lane.

    Args:
        steps: in order.
        period: beats after which per-element constants repeat.
        multiplier: what the products are asked to be built of; None where there are none.
    """

    kind: ClassVar[str] = "map"
    computes: ClassVar[tuple[type[Op], ...]] = ELEMENTWISE
    holds: ClassVar[str] = "tables"
    advice: ClassVar[str] = (
        "fold its scale into the layer before it, as BatchNorm2d(fold=True) does"
    )
    steps: tuple[Step, ...]
    period: int
    multiplier: Multiplier | None

    @classmethod
    def order(cls, node: Node, orders: list[Order]) -> Order:
        return orders[0]

    @property
    def value(self) -> str:
        return self.steps[-1].result.name

    @property
    def chosen(self) -> dict[str, int | str]:
        return {"multiplier": self.multiplier} if self.multiplier else {}

    @cached_property
    def timings(self) -> list[Timing]:
        """When each step computes, in SystemVerilog."""
        told = []
        for step in self.steps:
            constants = self.timed(step) if isinstance(step.op, ConstantOp) else None
            told.append((step.op, step.operand.interval, step.result.type.interval, constants))
        return timings(told, self.multiplier)

    def timed(self, step: Step) -> TimedConstants:
        """Tell what the registers of a step depend on of its constants."""
        terms = self.multiplier == "shift_add" and step.multiplies
        return TimedConstants(
            words=len(self.constants(step)),
            style=self.constants_style(step),
            bits=self.kept_bits(step),
            terms=self.terms(step).count if terms else 1,
        )

    @property
    def delay(self) -> int:
        return self.timings[-1].ends + 1  # and the register at the end

    @property
    def products(self) -> list[Step]:
        """The steps that are products."""
        return [step for step in self.steps if step.multiplies]

    def constants(self, step: Step) -> Integers:
        """Return (beats, lanes): the constants of a step for one period; one beat where all are the
        same, which are wires then, else a ROM. Lanes beyond the frame's last element have some too.
        """
        assert isinstance(step.op, ConstantOp)
        rows = np.resize(step.op.constant.integers, (self.period, self.input.lanes))
        return rows[:1] if (rows == rows[0]).all() else rows

    def constant_bits(self, step: Step) -> int:
        """Count the bits of the integers of a step's constants."""
        return self._held(step).wordlength

    def kept_bits(self, step: Step) -> int:
        """Count the bits of one constant of a step as the Verilog keeps it: its terms, or a signed
        number.
        """
        if step.multiplies and self.multiplier == "shift_add":
            return self.terms(step).word_bits
        held = self._held(step)
        return held.wordlength + (not held.signed)

    def constants_style(self, step: Step) -> Style:
        """Say where the constants of a step go that differ from beat to beat."""
        return memory_of(len(self.constants(step)), self.input.lanes * self.kept_bits(step))

    def table_style(self, step: Step) -> Style:
        """Say where the table of a lookup goes; only before the stage's own register it may be in
        block RAM.
        """
        if step is not self.steps[-1]:
            return "distributed"
        return memory_of(1 << step.operand_bits, self.output.dtype.wordlength)

    def terms(self, step: Step) -> Terms:
        """(beats, lanes, terms): the constants of a step as sums of shifts. From a ROM each has as
        many terms as any; of wires, what is absent costs nothing.
        """
        rows = self.constants(step)
        return Terms.of(rows, filled=len(rows) > 1)

    def _held(self, step: Step) -> FixedPointType:
        """Return the narrowest type of the integers of a step's constants."""
        rows = self.constants(step)
        return FixedPointType.holding(Interval(int(rows.min()), int(rows.max())), 0)

    @property
    def paths(self) -> tuple[Path, ...]:
        found, way = [], Path()
        for step, timing in zip(self.steps, self.timings, strict=True):
            if timing.held:
                found.append(way)
                way = Path()
            *cut, last = self._ways(step, timing)
            for part in cut:
                found.append(way.then(part))
                way = Path()
            way = way.then(last)
        found.append(way)
        rows = [step for step in self.steps if self._in_rom(step)]
        if any(self.constants_style(step) == "block" for step in rows):
            found.append(Path(from_block=True))
        final = self.steps[-1]
        if isinstance(final.op, Lookup) and self.table_style(final) == "block":
            found.append(Path(from_block=True))  # which its table ends
        return tuple(found)

    def _ways(self, step: Step, timing: Timing) -> tuple[Path, ...]:
        """Through a step, from register to register in it."""
        if not timing.inside:
            return (self._way(step),)
        if isinstance(step.op, Cast):
            whole = self._cast_way(step.op, step)
            return replace(whole, levels=0), Path(levels=whole.levels)
        if isinstance(step.op, (DivideConstant, Sqrt)):
            rows = step.rows
            row = Path(chains=rows.a_cycle, carries=rows.a_cycle * rows.wide)
            if not rows.signs:
                return row, Path()
            size, sign = (Path(chains=1, carries=b) for b in (step.operand_bits, rows.bits))
            return size, row, sign
        chosen = Path(levels=step.op.name == PRelu.name)
        bits = step.result.dtype.wordlength
        if rom_fed(self.timed(step), self.multiplier):
            operand = Path(chains=1, carries=step.operand_bits + 2)
            return operand, Path(levels=2, chains=1, carries=bits), chosen
        a_cycle = terms_a_cycle(step.result.type.interval)
        sums = Path(chains=a_cycle, carries=bits + a_cycle)
        return sums, sums.then(chosen)

    def _in_rom(self, step: Step) -> bool:
        return isinstance(step.op, ConstantOp) and len(self.constants(step)) > 1

    def _way(self, step: Step) -> Path:
        """Through a step that has no register inside."""
        op, bits = step.op, step.result.dtype.wordlength
        wide = step.operand.dtype.wordlength
        if step.multiplies:
            if self.multiplier == "dsp":
                return Path(products=1)
            by_terms = self.multiplier == "shift_add" or not self._in_rom(step)
            summed = self.terms(step).count if by_terms else self.constant_bits(step)
            chosen = by_terms and self._in_rom(step)  # shifts and signs, by the ROM
            shifts, chains = 2 * chosen, max(0, summed - (not chosen)).bit_length()
            return Path(levels=shifts, chains=chains, carries=chains * bits)
        if isinstance(op, Cast):
            return self._cast_way(op, step)
        if isinstance(op, Lookup):
            inside = self.table_style(step) == "distributed"
            return Path(levels=max(1, step.operand_bits - 3) if inside else 0)
        if isinstance(op, Clip):
            return Path(levels=2, chains=1, carries=wide)
        return Path(chains=1, carries=bits) if isinstance(op, AddConstant) else Path()

    def _cast_way(self, op: Cast, step: Step) -> Path:
        """A carry where it rounds, a comparison and a choice where it saturates."""
        dropped = step.operand.dtype.fraction_bits > op.dtype.fraction_bits
        chained = dropped and op.rounding not in (Rounding.TRN, Rounding.TRN_ZERO)
        rounded, kept = op.rounded(step.operand.interval), op.fitting
        beyond = rounded.low < kept.low or rounded.high > kept.high
        saturates = beyond and op.overflow is not Overflow.WRAP
        wide = step.operand.dtype.wordlength
        return Path(levels=2 * saturates, chains=chained, carries=wide * chained)

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        """Estimate the steps on every lane, the constants that differ by beat, the beat."""
        steps, lanes = self.steps, self.input.lanes
        constant = [step for step in steps if isinstance(step.op, ConstantOp)]
        beat = (max((len(self.constants(step)) for step in constant), default=1) - 1).bit_length()
        late = max((self._asked(step) for step in constant), default=0)
        registers = self.delay + beat * (1 + late) + lanes * self._registers()
        taken = Resources(luts=2 + (beat + 2 if beat else 0), flip_flops=registers)
        taken += self._outputs()
        luts = sum(
            self._luts(step, following)
            for step, following in zip(steps, (*steps[1:], None), strict=True)
        )
        taken += Resources(luts=int(lanes * luts))
        for step in constant:
            taken += self._roms(step)
            if step.multiplies:
                taken += self._multipliers(step, fabric)
        return taken

    def _asked(self, step: Step) -> int:
        """Say in which cycle a ROM of constants has its address; 0 of what is wires."""
        if len(self.constants(step)) == 1:
            return 0
        return self._timing(step).constant - self.timed(step).waits

    def _timing(self, step: Step) -> Timing:
        return next(t for t, s in zip(self.timings, self.steps, strict=True) if s is step)

    def _registers(self) -> int:
        """Count the flip-flops between ops and in them, on one lane."""
        count = 0
        for step, timing in zip(self.steps, self.timings, strict=True):
            count += timing.held * step.operand_bits
            if not timing.inside:
                continue
            if isinstance(step.op, Cast):
                rounded = FixedPointType.holding(step.op.rounded(step.operand.interval), 0)
                count += rounded.wordlength + (not rounded.signed)
                continue
            if isinstance(step.op, (DivideConstant, Sqrt)):
                count += self._row_registers(step)
                continue
            x, w = step.operand_bits, self.kept_bits(step)
            product = step.result.dtype.wordlength
            if isinstance(step.op, PRelu):
                count += timing.inside * x
            if not rom_fed(self.timed(step), self.multiplier):
                count += timing.inside * (x + product) // 2  # by wires, many bits are the same
            elif self.multiplier == "lut":
                count += product_registers(x, w) + shared_multiples(x, w, True).flip_flops
            else:
                terms = self.terms(step)
                count += terms.count * (x + 2 + terms.shift_bits) + 2 * x
                count += adder_tree(terms.count, product, product).flip_flops
        return count

    def _row_registers(self, step: Step) -> int:
        """Count the flip-flops of a quotient or a root; bits that wait are in shift registers."""
        rows = step.rows
        cuts = range(rows.a_cycle, rows.bits, rows.a_cycle)
        if isinstance(step.op, Sqrt):
            return sum(2 * row + 2 for row in cuts) + rows.bits + 6  # rest, root so far
        divisor = 0 if len(self.constants(step)) == 1 else rows.wide - 2
        rest = rows.signs + divisor + rows.wide - 1
        sizes = rows.signs * (1 + step.operand_bits + divisor)
        return sizes + len(cuts) * rest + rows.signs + rows.bits // 2

    def _outputs(self) -> Resources:
        """Estimate the register at the end, or the block RAMs of a table that is read there."""
        last, bits = self.steps[-1], self.output.dtype.wordlength
        if not isinstance(last.op, Lookup) or self.table_style(last) == "distributed":
            return Resources(flip_flops=self.output.bits)
        words = np.array(last.table_words())[:, None]
        table = memory.rom(len(words), bits, memory.varying_bits(words, bits))
        return Resources(bram_18k=self.input.lanes * table.bram_18k)

    def _luts(self, step: Step, following: Step | None) -> float:
        """Count the LUTs of a step on one lane, but for products by constants."""
        op, bits = step.op, step.result.dtype.wordlength
        if isinstance(op, Cast):
            return _cast(op, step.operand.interval)
        if isinstance(op, Relu):  # a cast behind it has fewer bits to choose
            cast = following is not None and isinstance(following.op, Cast)
            return min(bits, following.result.dtype.wordlength + 2) if cast and following else bits
        if isinstance(op, Lookup):
            return 0 if self.table_style(step) == "block" else _table(step, bits)
        if isinstance(op, Clip):
            return 13 * bits / 8  # two comparisons, a choice
        if isinstance(op, Sqrt):  # each row is a bit wider than the one before
            rows = step.rows
            return max(rows.bits, rows.bits * (rows.bits + 5) / 2 - 8 * (rows.a_cycle - 1))
        wires = isinstance(op, ConstantOp) and len(self.constants(step)) == 1
        if isinstance(op, DivideConstant):  # rows, shift registers of bits that wait, signs
            rows, signs = step.rows, step.operand_bits + bits
            waiting = 2 * max(0, -(-rows.bits // rows.a_cycle) - 2)
            if wires:
                return rows.bits * (rows.wide - 2) + waiting + rows.signs * signs
            signs += 3 * op.constant.dtype.wordlength
            return rows.bits * rows.wide + waiting + rows.signs * signs
        if isinstance(op, AddConstant):
            return 0 if wires else bits  # by wires, a carry chain and nothing else
        return bits if isinstance(op, PRelu) else 0  # a choice

    def _roms(self, step: Step) -> Resources:
        """Estimate the ROMs of the constants that differ from beat to beat."""
        rows = self.constants(step)
        by_terms = step.multiplies and self.multiplier == "shift_add"
        words = self.terms(step).codes().reshape(len(rows), -1) if by_terms else rows
        bits = self.terms(step).term_bits if by_terms else self.kept_bits(step)
        varying = memory.varying_bits(words, bits)
        kept = memory.rom(len(rows), self.input.lanes * self.kept_bits(step), varying)
        if len(rows) > SHORT or (step.multiplies and self.multiplier == "dsp"):
            block = self.constants_style(step) == "block"
            return kept + Resources(flip_flops=varying if block else 0)
        return Resources(flip_flops=kept.flip_flops)

    def _multipliers(self, step: Step, fabric: Fabric) -> Resources:
        """Estimate products by constants that are wires, or that a ROM feeds."""
        rows, lanes, terms = self.constants(step), self.input.lanes, self.terms(step)
        x, w = step.operand.dtype.wordlength, self.constant_bits(step)
        if self.multiplier == "dsp":
            slices = dsp_slices(step.operand_bits, self.kept_bits(step), fabric)
            if len(rows) > 1:
                return Resources(dsps=lanes * slices)
            size = np.abs(rows[0])  # a power of two is a shift, whatever was asked for
            return Resources(dsps=slices * int(np.count_nonzero(size & (size - 1))))
        by_shifts = self.multiplier == "shift_add"
        if len(rows) > 1:
            by_terms = 27 * terms.count * (x + w) // 10  # each is added or subtracted
            if not by_shifts:
                kept = self.kept_bits(step)
                by_terms = lut_product(x, kept) + shared_multiples(x, kept, True).luts
            return Resources(luts=lanes * by_terms)
        adders = terms.present[0, :, 1:].sum(-1) + terms.negative[0, :, 0]  # of each lane
        sums = float((adders * (5 + adders) / 6).sum())  # of many, carries go between its adders
        each = (3 * x + step.result.dtype.wordlength) / 5  # below the shifts nothing is added
        return Resources(luts=int(sums * each * (1 if by_shifts else 1.4)))

    def product_cost(self) -> ProductCost | None:
        """Count an adder between the terms of a constant, and one where the first is subtracted: of
        each constant that is wires, and of each lane that a ROM feeds.
        """
        if self.multiplier is None:
            return None
        adders = shifters = rom_bits = integer_rom_bits = 0
        for step in self.products:
            rows, terms = self.constants(step), self.terms(step)
            if len(rows) == 1:
                adders += terms.adders
            else:
                adders += self.input.lanes * (terms.count - 1 + bool(terms.negative[..., 0].any()))
                shifters += self.input.lanes * terms.count if terms.shift_bits else 0
                rom_bits += rows.size * terms.word_bits
                integer_rom_bits += rows.size * self.constant_bits(step)
        return ProductCost.of(
            self.multiplier,
            [self.constants(step) for step in self.products],
            ProductParts(adders, shifters, rom_bits, integer_rom_bits),
            lut_luts=replace(self, multiplier="lut").estimate().luts,
            dsps=replace(self, multiplier="dsp").estimate().dsps,
        )


def map_of(
    name: str, source: str, reads: Stream, steps: tuple[Step, ...], multipliers: Multipliers
) -> Map:
    """Make the map of element-wise ops; of constants that repeat, pixel after pixel, one period is
    kept.

    Args:
        name, source: of the stage.
        reads: its input.
        steps: with all constants of a frame, in the order of the stream.
        multipliers: what products may be built of; what takes the fewest LUTs is chosen.
    """
    constants = [step.op.constant.integers for step in steps if isinstance(step.op, ConstantOp)]
    period = _period(constants, reads)
    kept = period * reads.lanes
    periodic = tuple(
        replace(step, op=replace(step.op, constant=_first(step.op.constant, kept)))
        if isinstance(step.op, ConstantOp)
        else step
        for step in steps
    )
    output = Stream(f"{name}_out", steps[-1].result.dtype, reads.elements, reads.lanes)
    stage = Map(name, source, reads, output, periodic, period, None)
    if not stage.products:
        return stage
    kinds = [replace(stage, multiplier=kind) for kind in of_maps(multipliers)]
    return min(kinds, key=lambda kind: kind.estimate().luts)


def _period(constants: list[Integers], reads: Stream) -> int:
    """Return the fewest beats after which all constants repeat."""
    if reads.elements % reads.lanes or not constants:
        return reads.beats if constants else 1
    rows = [integers.reshape(reads.beats, reads.lanes) for integers in constants]
    for period in range(1, reads.beats):
        if reads.beats % period == 0 and all(_repeats(r, period) for r in rows):
            return period
    return reads.beats


def _repeats(rows: Integers, period: int) -> bool:
    return bool((rows.reshape(-1, period, rows.shape[1]) == rows[:period]).all())


def _first(constant: FixedPointArray, count: int) -> FixedPointArray:
    return FixedPointArray(constant.integers[:count], constant.dtype)


def _table(step: Step, bits: int) -> float:
    """Count the LUTs of a table of a smooth function: of many banks some are alike."""
    banks = max(1, (1 << step.operand_bits) // 64)
    return bits * (1 if banks == 1 else 1.5 * banks if banks <= 4 else banks + 2)


def _cast(op: Cast, operand: Interval) -> float:
    """Count the LUTs: of a comparison and a choice for either end that is exceeded; rounding is a
    carry chain.
    """
    rounded, kept, bits = op.rounded(operand), op.fitting, op.dtype.wordlength
    ends = (rounded.low < kept.low) + (rounded.high > kept.high)
    if ends == 0 or op.overflow is Overflow.WRAP:
        return 0
    beyond = FixedPointType.holding(rounded, 0).wordlength - bits
    if op.overflow is Overflow.SAT_ZERO:
        return 3 * bits / 2
    return 2 * bits + 1.3 * beyond if ends == 2 else bits + beyond / 2
