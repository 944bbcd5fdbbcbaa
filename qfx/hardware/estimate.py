"""Resources by formula, before any tool has run; every number from here is labelled "estimate"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qfx.boards import Resources
from qfx.fixedpoint import FixedPointArray
from qfx.hardware import memory
from qfx.hardware.branch_stages import Concatenate, Fork, Merge
from qfx.hardware.shift_add import Terms
from qfx.hardware.stage import Stage
from qfx.hardware.stages import Argmax, Contract, Fifo, Map, Pool, Repeat, Resize, Step, Window
from qfx.hardware.table_stages import Embed, SoftmaxStage
from qfx.ops import AddConstant, Cast, DivideConstant, Lookup, PRelu, Sqrt

_LUT_WORDS = 64  # that a LUT looks up


def estimate(stage: Stage) -> Resources:
    """What the stage takes."""
    return _FORMULAS[type(stage)](stage)


def _contract(stage: Contract) -> Resources:
    x, w, acc = (
        stage.input.dtype.wordlength,
        stage.mantissa.dtype.wordlength,
        stage.output.dtype.wordlength,
    )
    products = stage.pe * stage.simd
    adder_luts = products * (x + w) + stage.pe * acc
    bits = products * stage.weight_bits
    weights = memory.rom(stage.words, bits, stage.varying_bits, stage.weight_memory)
    buffer = memory.ram(2 * stage.steps, stage.input.bits, stage.buffer_style)
    shift_luts = stage.pe * acc * int(stage.row_shifts.max()).bit_length()  # a mux a position
    return (
        weights
        + buffer
        + Resources(
            luts=_product_luts(stage, x, w) + adder_luts + shift_luts + 40,
            flip_flops=products * (x + x + w) + 2 * stage.pe * acc + 40,
            dsps=products if stage.multiplier == "dsp" else 0,
        )
    )


def _product_luts(stage: Contract, x: int, w: int) -> int:
    if stage.multiplier == "dsp":
        return 0
    if stage.multiplier == "lut":
        return stage.pe * stage.simd * lut_product(x, w)
    negatives = stage.simd * (x + 1) * stage.terms.has_signs  # all outputs share them
    return negatives + stage.pe * stage.simd * shift_add_product(x, w, stage.terms)


# LUTs of a product alone, fitted to Yosys 0.23 (synth_xilinx -family xcup -nodsp -noiopad
# -nowidelut): off by up to 19 %, or by 11 LUTs below 50, for operands of 4 to 12 bits, weights of 3
# to 8 and 1 to 5 terms.  Without -nowidelut Yosys builds trees of wide multiplexers of up to twice
# as many LUTs, here and there more of them for narrower products.  Vivado was not run.
def lut_product(x: int, w: int) -> int:
    """Of a multiplier for operands of so many bits."""
    return 3 * x * w // 2


def shift_add_product(x: int, w: int, terms: Terms) -> int:
    """Of as many selections between x and its negative and shifters as there are terms, of which a
    LUT does two levels, and of their sum; `w` as for a multiplier.
    """
    levels = max(-(-(terms.shift_bits + terms.has_signs) // 2), terms.has_gaps)
    sums = terms.count * (terms.count - 1) // 2  # two terms share LUTs with their sum
    return terms.count * (levels * x + 3 * terms.shift_bits) + sums * (x + w) // 2


def _embed(stage: Embed) -> Resources:
    beats = stage.table.integers.reshape(stage.words, stage.pe)
    varying = memory.varying_bits(beats, stage.table.dtype.wordlength)
    ones = stage.row_beats.bit_count()  # a row number times their sum, and the beat
    adders = 0 if ones == 1 else ones * (stage.words - 1).bit_length()
    others = Resources(luts=adders + 6, flip_flops=4)
    return memory.rom(stage.words, stage.output.bits, varying) + others


def _table(table: FixedPointArray) -> Resources:
    """A ROM of one integer a word."""
    bits = table.dtype.wordlength
    return memory.rom(len(table.integers), bits, memory.varying_bits(table.integers[:, None], bits))


def _softmax(stage: SoftmaxStage) -> Resources:
    exp, reciprocal = stage.exponentials, stage.reciprocals
    e, r = exp.dtype.wordlength, reciprocal.dtype.wordlength
    total, x = stage.sum_type.wordlength, stage.input.dtype.wordlength
    shifters = (total - e).bit_length() * (total + r)
    product = lut_product(e, r) if stage.multiplier == "lut" else 0
    others = Resources(
        luts=shifters + product + total + 4 * x + 20,
        flip_flops=3 * x + 2 * r + total + stage.output.bits,
        dsps=int(stage.multiplier == "dsp"),
    )
    buffer = memory.ram(2 * stage.count, x, "distributed")
    return _table(exp) + _table(reciprocal) + buffer + others


def _map(stage: Map) -> Resources:
    luts = 0
    for step in stage.steps:
        bits = step.result.dtype.wordlength
        if isinstance(step.op, AddConstant):
            luts += bits + (bits if stage.period > 1 else 0)
        elif step.multiplies:
            luts += bits * isinstance(step.op, PRelu)  # and its product, below
        elif isinstance(step.op, Lookup):
            luts += bits * -(-step.op.table.shape[0] // _LUT_WORDS)
        elif isinstance(step.op, DivideConstant):  # a row of the dividend's width for each bit
            dividend = step.operand.dtype.wordlength + step.op.shift
            luts += 3 * (max(dividend, step.op.constant.dtype.wordlength) + 1) ** 2  # as Yosys does
        elif isinstance(step.op, Sqrt):  # a row of the root's width for each of its bits
            luts += 2 * bits * (bits + 2)
        elif isinstance(step.op, Cast):
            rounds, fits = (
                step.op.shift > 0,
                step.op.rounded(step.operand.interval) in step.op.fitting,
            )
            luts += bits * rounds + (0 if fits else step.operand.dtype.wordlength // 2 + bits)
        else:
            luts += bits
    others = Resources(luts=stage.input.lanes * luts + 8, flip_flops=stage.output.bits + 16)
    return sum((_map_product(stage, step) for step in stage.products), others)


def _map_product(stage: Map, step: Step) -> Resources:
    """Of a product by constants that are wires, or that a ROM feeds; fitted to Yosys as above, off
    by up to 30 % together with what counts the beats.
    """
    x, w = step.operand.dtype.wordlength, stage.constant_bits(step)
    rows, lanes, terms = stage.constants(step), stage.input.lanes, stage.terms(step)
    by_terms = stage.multiplier == "shift_add"
    rom_luts = 0 if len(rows) == 1 else lanes * (terms.word_bits if by_terms else w)
    rom_luts *= -(-len(rows) // _LUT_WORDS)  # never in block RAM: it is read without a register
    if stage.multiplier == "dsp":
        return Resources(luts=rom_luts, dsps=lanes)
    if len(rows) > 1:
        luts = lanes * (shift_add_product(x, w, terms) if by_terms else lut_product(x, w))
    else:  # an adder leaves alone what stands below the shift of its second operand
        luts = terms.adders * (3 * x + step.result.dtype.wordlength) // 4
        luts = luts if by_terms else luts * 3 // 2  # what Yosys leaves of a multiplier
    return Resources(luts=luts + rom_luts)


def _resize(stage: Resize) -> Resources:
    held = stage.limit + max(stage.input.lanes, stage.last_push)
    places = max(1, held // stage.grain)
    bits = held * stage.input.dtype.wordlength
    return Resources(luts=bits * -(-places // 4) + 16, flip_flops=bits + 16)


def _window(stage: Window) -> Resources:
    others = Resources(luts=300, flip_flops=stage.input.bits + 80)
    return memory.ram(stage.places, stage.input.bits) + others


def _repeat(stage: Repeat) -> Resources:
    others = Resources(luts=80, flip_flops=stage.input.bits + 50)
    return memory.ram(stage.places, stage.input.bits) + others


def _pool(stage: Pool) -> Resources:
    return Resources(luts=2 * stage.output.bits + 10, flip_flops=stage.output.bits + 10)


def _argmax(stage: Argmax) -> Resources:
    return Resources(luts=2 * stage.input.bits + 20, flip_flops=stage.input.dtype.wordlength + 40)


def _fifo(stage: Fifo) -> Resources:
    return memory.ram(stage.depth, stage.input.bits) + Resources(luts=16, flip_flops=16)


def _fork(stage: Fork) -> Resources:
    return Resources(luts=6, flip_flops=2)


def _merge(stage: Merge) -> Resources:
    lanes, out = stage.output.lanes, stage.output.dtype.wordlength
    if stage.operation == "add":
        return Resources(luts=lanes * out + 4, flip_flops=stage.output.bits + 1)
    left, right = (stream.dtype.wordlength for stream in stage.inputs)
    by_lut = stage.multiplier == "lut"
    luts = lanes * lut_product(left, right) if by_lut else 0
    return Resources(luts=luts + 4, flip_flops=stage.output.bits + 1, dsps=0 if by_lut else lanes)


def _concat(stage: Concatenate) -> Resources:
    beats = sum(stage.pixel_beats)
    return Resources(
        luts=stage.output.bits + beats.bit_length() + 6,
        flip_flops=stage.output.bits + beats.bit_length() + 1,
    )


_FORMULAS: dict[type[Stage], Callable[[Any], Resources]] = {
    Argmax: _argmax,
    Concatenate: _concat,
    Contract: _contract,
    Embed: _embed,
    Fifo: _fifo,
    Fork: _fork,
    Map: _map,
    Merge: _merge,
    Pool: _pool,
    Repeat: _repeat,
    Resize: _resize,
    SoftmaxStage: _softmax,
    Window: _window,
}
