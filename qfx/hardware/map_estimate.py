"""Resources of a map, by formula; the coefficients are fitted as those of products are."""

from __future__ import annotations

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint import FixedPointType, Interval, Overflow
from qfx.hardware import memory
from qfx.hardware.fabric import Fabric
from qfx.hardware.map_stage import Map, Step
from qfx.hardware.product_estimate import dsp_slices, lut_product
from qfx.ops import AddConstant, Cast, Clip, ConstantOp, DivideConstant, Lookup, PRelu, Relu, Sqrt

_SHORT = 8  # words of constants up to which the logic they go to absorbs them


def map_(stage: Map, fabric: Fabric) -> Resources:
    """The steps on every lane, the constants that differ from beat to beat, the beat."""
    steps, lanes = stage.steps, stage.input.lanes
    constant = [step for step in steps if isinstance(step.op, ConstantOp)]
    beat = (max((len(stage.constants(step)) for step in constant), default=1) - 1).bit_length()
    taken = Resources(luts=2 + (beat + 2 if beat else 0), flip_flops=1 + beat)
    taken += _outputs(stage)
    luts = sum(
        _step(stage, step, following)
        for step, following in zip(steps, (*steps[1:], None), strict=True)
    )
    taken += Resources(luts=int(lanes * luts))
    for step in constant:
        taken += _constants(stage, step)
        if step.multiplies:
            taken += _products(stage, step, fabric)
    return taken


def _outputs(stage: Map) -> Resources:
    """The register at the end, or the block RAMs of a table that is read there."""
    last, bits = stage.steps[-1], stage.output.dtype.wordlength
    if not isinstance(last.op, Lookup) or stage.table_style(last) == "distributed":
        return Resources(flip_flops=stage.output.bits)
    words = np.array(last.table_words())[:, None]
    table = memory.rom(len(words), bits, memory.varying_bits(words, bits))
    return Resources(bram_18k=stage.input.lanes * table.bram_18k)


def _step(stage: Map, step: Step, following: Step | None) -> float:
    """LUTs of a step on one lane, but for products by constants."""
    op, bits = step.op, step.result.dtype.wordlength
    if isinstance(op, Cast):
        return _cast(op, step.operand.interval)
    if isinstance(op, Relu):  # a cast behind it has fewer bits to choose
        cast = following is not None and isinstance(following.op, Cast)
        return min(bits, following.result.dtype.wordlength + 2) if cast and following else bits
    if isinstance(op, Lookup):
        return 0 if stage.table_style(step) == "block" else _table(step, bits)
    if isinstance(op, Clip):
        return 13 * bits / 8  # two comparisons, a choice
    if isinstance(op, Sqrt):  # a row of the root's width for each of its bits
        return 6 * bits * (bits + 2) / 5
    wires = isinstance(op, ConstantOp) and len(stage.constants(step)) == 1
    if isinstance(op, DivideConstant):  # a row of the dividend's width for each bit
        wide = max(step.operand.dtype.wordlength + op.shift, op.constant.dtype.wordlength) + 1
        return (1.2 if wires else 1.65) * wide**2
    if isinstance(op, AddConstant):
        return 0 if wires else bits  # by wires, a carry chain and nothing else
    return bits if isinstance(op, PRelu) else 0  # a choice


def _table(step: Step, bits: int) -> float:
    """LUTs of a table of a smooth function: of many banks some are alike."""
    banks = max(1, (1 << step.operand_bits) // 64)
    return bits * (1 if banks == 1 else 1.5 * banks if banks <= 4 else banks + 2)


def _cast(op: Cast, operand: Interval) -> float:
    """LUTs: of a comparison and a choice for either end that is exceeded; rounding is a carry
    chain.
    """
    rounded, kept, bits = op.rounded(operand), op.fitting, op.dtype.wordlength
    ends = (rounded.low < kept.low) + (rounded.high > kept.high)
    if ends == 0 or op.overflow is Overflow.WRAP:
        return 0
    beyond = FixedPointType.holding(rounded, 0).wordlength - bits
    if op.overflow is Overflow.SAT_ZERO:
        return 3 * bits / 2
    return 2 * bits + 1.3 * beyond if ends == 2 else bits + beyond / 2


def _constants(stage: Map, step: Step) -> Resources:
    """Those that differ from beat to beat, as a ROM."""
    rows = stage.constants(step)
    by_terms = step.multiplies and stage.multiplier == "shift_add"
    words = stage.terms(step).codes().reshape(len(rows), -1) if by_terms else rows
    bits = stage.terms(step).term_bits if by_terms else stage.kept_bits(step)
    varying = memory.varying_bits(words, bits)
    kept = memory.rom(len(rows), stage.input.lanes * stage.kept_bits(step), varying)
    if len(rows) > _SHORT or (step.multiplies and stage.multiplier == "dsp"):
        return kept
    return Resources(flip_flops=kept.flip_flops)


def _products(stage: Map, step: Step, fabric: Fabric) -> Resources:
    """By constants that are wires, or that a ROM feeds."""
    rows, lanes, terms = stage.constants(step), stage.input.lanes, stage.terms(step)
    x, w = step.operand.dtype.wordlength, stage.constant_bits(step)
    if stage.multiplier == "dsp":
        slices = dsp_slices(step.operand_bits, stage.kept_bits(step), fabric)
        if len(rows) > 1:
            return Resources(dsps=lanes * slices)
        size = np.abs(rows[0])  # a power of two is a shift, whatever was asked for
        return Resources(dsps=slices * int(np.count_nonzero(size & (size - 1))))
    if len(rows) > 1:
        by_terms = 27 * terms.count * (x + w) // 10  # each is added or subtracted
        return Resources(
            luts=lanes * (by_terms if stage.multiplier == "shift_add" else lut_product(x, w))
        )
    adders = terms.present[0, :, 1:].sum(-1) + terms.negative[0, :, 0]  # of each lane
    sums = float((adders * (5 + adders) / 6).sum())  # of many terms, carries go between its adders
    each = (3 * x + step.result.dtype.wordlength) / 5  # what stands below the shifts is left alone
    return Resources(luts=int(sums * each * (1 if stage.multiplier == "shift_add" else 1.4)))
