"""Resources of products and of contractions, by formula.

The coefficients are fitted to single stages built by Yosys 0.23 with what `qfx synth` tells it;
benchmarks/estimates.py says how far off whole designs are. Vivado was not run.
"""

from __future__ import annotations

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint import count_digits
from qfx.hardware import memory
from qfx.hardware.fabric import Fabric
from qfx.hardware.shift_add import Terms
from qfx.hardware.stages import Contract


def lut_product(x: int, w: int) -> int:
    """LUTs of a multiplier for operands of so many bits."""
    return 2 * x * w - 5 * (x + w) // 4


def shift_add_product(x: int, w: int, terms: Terms) -> int:
    """LUTs of as many selections between x and its negative and shifters as there are terms, and of
    their sum: two share the LUTs of their sum, the others take more; `w` as for a multiplier.
    """
    bits, count = x + w, terms.count
    return (7 * count + 8 * max(0, count - 2) + 2 * terms.has_gaps) * bits // 4


def dsp_slices(x: int, w: int, fabric: Fabric) -> int:
    """DSP slices of a product of signed operands of so many bits, exactly as Yosys takes them: what
    is too wide is cut into parts of 17 bits and a last one.
    """
    wider, narrower = max(x, w), min(x, w)
    parts = 1 + -(-max(0, wider - fabric.dsp_bits) // 17)
    return parts * (1 + -(-max(0, narrower - 18) // 17))


def of_constants(stage: Contract) -> float:
    """LUTs of products and sums where all weights are read in every cycle, and so are wires: an
    adder for each signed digit of a weight but the first, whatever products are built of; and sums
    as wide as the whole one, for Yosys learns too late that they could be narrower.
    """
    digits = count_digits(stage.mantissa.integers)
    adders = int(np.maximum(digits - 1, 0).sum())
    x, total = stage.input.dtype.wordlength, stage.output.dtype.wordlength
    return 1.6 * x * adders + 1.34 * stage.pe * _rows(stage.simd) * total


def _rows(simd: int) -> float:
    """Of adders that sum so many products, as LUTs of one count."""
    return 0 if simd == 1 else 1 if simd == 2 else simd - 1.75


def contract(stage: Contract, fabric: Fabric) -> Resources:
    """The weights, the buffer of two vectors, products, their sum, accumulators, counters."""
    x, w = stage.input.dtype.wordlength, stage.mantissa.dtype.wordlength
    pe, simd, total, product = stage.pe, stage.simd, stage.output.dtype.wordlength, x + w
    products, counters = pe * simd, _counter_bits(stage)
    word = products * stage.weight_bits
    in_order = memory.rom(stage.words, word, stage.varying_bits, stage.weight_memory)
    vectors = memory.ram(2 * stage.steps, stage.input.bits, stage.buffer_style, fabric)
    sums = 1.7 * _rows(simd) * product + (1.85 if stage.steps > 1 else 0) * total
    sums += total * int(stage.row_shifts.max()).bit_length() / 4
    operands = simd * x if stage.buffer_style == "distributed" else 0
    signs, slices = 0, 0
    luts = 0
    if stage.multiplier == "dsp":
        wide = x + (not stage.input.dtype.signed), w + (not stage.mantissa.dtype.signed)
        slices = dsp_slices(*wide, fabric=fabric)
    elif stage.multiplier == "lut":
        luts = lut_product(x, w)
    else:
        luts = shift_add_product(x, w, stage.terms)
        signs = simd * (x + 1) * stage.terms.has_signs  # all outputs share the negatives
    spare = 0 if stage.input.dtype.signed else 0 if simd == 1 else pe if simd == 2 else products
    logic = products * luts + pe * sums + signs + 1.5 * counters
    if stage.words == 1 and stage.multiplier != "dsp":
        logic = of_constants(stage)
    return (
        in_order
        + vectors
        + Resources(
            luts=int(logic),
            flip_flops=operands + signs + products * product + spare + 2 * pe * total + counters,
            dsps=products * slices,
        )
    )


def _counter_bits(stage: Contract) -> int:
    """Of the registers that say where the contraction is."""

    def bits(count: int) -> int:
        return max(1, (count - 1).bit_length())

    turns = sum(bits(n) for n in (stage.steps, stage.folds, stage.groups) if n > 1)
    rows = bits(stage.groups * stage.folds) if stage.row_shifts.any() else 0
    places = 2 * bits(2 * stage.steps) + (2 * stage.steps).bit_length()
    return turns + places + bits(stage.words) + rows
