"""Resources by formula, before any tool has run; every number from here is labelled "estimate".

Block RAMs and DSP slices are counted exactly as Yosys 0.23 takes them. LUTs and flip-flops are
fitted to what it builds of single stages, told what `qfx synth` tells it; how far whole designs are
off is measured by benchmarks/estimates.py. Vivado was not run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qfx.boards import Resources
from qfx.fixedpoint import FixedPointArray
from qfx.hardware import memory
from qfx.hardware.branch_stages import Concatenate, Fork, Merge
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.map_estimate import map_
from qfx.hardware.product_estimate import contract, dsp_slices, lut_product
from qfx.hardware.stage import Stage
from qfx.hardware.stages import Argmax, Contract, Fifo, Map, Pool, Repeat, Resize, Window
from qfx.hardware.table_stages import Embed, SoftmaxStage


def estimate(stage: Stage, fabric: Fabric = ULTRASCALE) -> Resources:
    """What the stage takes.

    Args:
        stage: of a design.
        fabric: of the part it is for.
    """
    return _FORMULAS[type(stage)](stage, fabric)


def _bits(count: int) -> int:
    """Of a register that counts so many."""
    return (count - 1).bit_length()


def _embed(stage: Embed, _: Fabric) -> Resources:
    beats = stage.table.integers.reshape(stage.words, stage.pe)
    varying = memory.varying_bits(beats, stage.table.dtype.wordlength)
    ones = stage.row_beats.bit_count()  # a row number times their sum, and the beat
    adders = 0 if ones == 1 else ones * _bits(stage.words)
    others = Resources(luts=adders + 6, flip_flops=1 + _bits(stage.row_beats))
    return memory.rom(stage.words, stage.output.bits, varying) + others


def _table(table: FixedPointArray) -> Resources:
    """A ROM of one integer a word."""
    bits = table.dtype.wordlength
    return memory.rom(len(table.integers), bits, memory.varying_bits(table.integers[:, None], bits))


def _softmax(stage: SoftmaxStage, fabric: Fabric) -> Resources:
    exp, reciprocal = stage.exponentials, stage.reciprocals
    e, r = exp.dtype.wordlength, reciprocal.dtype.wordlength
    total, x = stage.sum_type.wordlength, stage.input.dtype.wordlength
    shifters = (total - e).bit_length() * (total + r)
    in_dsp = stage.multiplier == "dsp"
    others = Resources(
        luts=shifters + (0 if in_dsp else lut_product(e, r)) + total + 4 * x + 20,
        flip_flops=3 * x + 2 * r + total + stage.output.bits + 3 * _bits(2 * stage.count) + 9,
        dsps=dsp_slices(e + 1, r + 1, fabric) if in_dsp else 0,
    )
    buffer = memory.ram(2 * stage.count, x, "distributed", fabric)
    return _table(exp) + _table(reciprocal) + buffer + others


def _resize(stage: Resize, _: Fabric) -> Resources:
    """Each unit held is chosen from those of a beat that may enter there and the one that moves up.
    What enters many places one by one needs no more than the registers' enables.
    """
    unit = stage.grain * stage.input.dtype.wordlength
    ins, outs = stage.input.lanes // stage.grain, stage.output.lanes // stage.grain
    limit = stage.limit // stage.grain
    held = limit + ins
    sources = [min(u + 1, ins, limit + 1, held - u) + (u + outs < held) for u in range(held)]
    alone = 0 if ins == 1 and outs > 2 else 1
    choices = sum(alone if n == 1 else 1 if n <= 3 else 0.57 * n for n in sources)
    level = (limit + max(ins, stage.last_push // stage.grain)).bit_length()
    beat = _bits(stage.input.beats) if stage.last_push != stage.input.lanes else 0
    return Resources(
        luts=int(unit * choices) + limit + 1 + 3 * level + beat,
        flip_flops=unit * held + level + beat,
    )


def _window(stage: Window, fabric: Fabric) -> Resources:
    """The line buffer, and the registers that move from beat to beat: two places, two counts of
    beats, a row and a column, and the turns of loops. Of places, low bits that are always zero
    cost nothing.
    """
    row, place = stage.shape[2] * stage.pixel_beats, _bits(stage.places)
    image = stage.shape[1] * row

    def above(patch: int) -> int:
        """Beats of the image above a row of patches."""
        return min(max(0, (patch * stage.stride[0] - stage.padding[0]) * row), image)

    given_up = max(image - above(stage.out_size[0] - 1) + above(0), stage.stride[0] * row)
    count = _bits(stage.places + given_up + 1) + 1
    sides = 0
    for side in range(2):
        last = (stage.out_size[side] - 1) * stage.stride[side] - stage.padding[side]
        farthest = max(last + stage.reach[side] - 1, stage.shape[1 + side])
        sides += _bits(farthest + max(0, stage.padding[side]) + 1) + 1
    part = stage.pixel_beats // stage.groups
    turns = [n for n in (part, *stage.kernel, stage.groups, *stage.out_size) if n > 1]
    even = (row & -row).bit_length() - 1
    output = stage.input.bits * (memory.memory_of(stage.places, stage.input.bits) == "distributed")
    others = Resources(
        luts=max(8, 6 * place + 4 * sides + 14 * len(turns) - 3 * even - 42) + output,
        flip_flops=2 * place + 2 * count + sides + sum(map(_bits, turns)) + len(turns) + 3 + output,
    )
    return memory.ram(stage.places, stage.input.bits, None, fabric) + others


def _repeat(stage: Repeat, fabric: Fabric) -> Resources:
    place = _bits(stage.places)
    in_luts = memory.memory_of(stage.places, stage.input.bits) == "distributed"
    others = Resources(luts=20 + 9 * place, flip_flops=4 * place + 12 + stage.input.bits * in_luts)
    return memory.ram(stage.places, stage.input.bits, None, fabric) + others


def _pool(stage: Pool, _: Fabric) -> Resources:
    bits, tap = stage.input.dtype.wordlength, _bits(stage.taps)
    comparison = max(1, (5 * bits - 12) // 4) if stage.taps > 1 else 0
    return Resources(
        luts=stage.input.lanes * comparison + 2 + tap, flip_flops=stage.output.bits + tap + 1
    )


def _argmax(stage: Argmax, _: Fabric) -> Resources:
    bits, index = stage.input.dtype.wordlength, stage.output.dtype.wordlength
    so_far = bits + 2 * index if stage.input.beats > 1 else 0
    each = (9 * bits + 2 * index - 12) // 4  # a comparison, the larger one, its place
    return Resources(luts=stage.input.lanes * each + 5, flip_flops=index + 1 + so_far)


def _fifo(stage: Fifo, fabric: Fabric) -> Resources:
    bits, place = stage.input.bits, _bits(stage.depth)
    in_blocks = memory.memory_of(stage.depth, bits) == "block"
    passed = bits if in_blocks else 0  # what goes past the block RAM
    counters = (2 if in_blocks else 3) * place + stage.depth.bit_length() + in_blocks
    others = Resources(luts=5 * place + 3 + passed, flip_flops=counters + passed)
    return memory.ram(stage.depth, bits, None, fabric) + others


def _fork(stage: Fork, _: Fabric) -> Resources:
    return Resources(luts=6, flip_flops=2)


def _merge(stage: Merge, fabric: Fabric) -> Resources:
    lanes, registers = stage.output.lanes, stage.output.bits + 1
    left, right = (stream.dtype for stream in stage.inputs)
    if stage.operation == "add":
        wider = max(left.wordlength, right.wordlength)
        return Resources(luts=lanes * wider + 4, flip_flops=registers)
    if stage.multiplier == "lut":
        luts = lanes * lut_product(left.wordlength, right.wordlength)
        return Resources(luts=luts + 4, flip_flops=registers)
    a, b = (dtype.wordlength + (not dtype.signed) for dtype in (left, right))
    return Resources(luts=4, flip_flops=registers, dsps=lanes * dsp_slices(a, b, fabric))


def _concat(stage: Concatenate, _: Fabric) -> Resources:
    beat = _bits(sum(stage.pixel_beats))
    return Resources(luts=stage.output.bits + 2 * beat + 2, flip_flops=stage.output.bits + beat + 1)


_FORMULAS: dict[type[Stage], Callable[[Any, Fabric], Resources]] = {
    Argmax: _argmax,
    Concatenate: _concat,
    Contract: contract,
    Embed: _embed,
    Fifo: _fifo,
    Fork: _fork,
    Map: map_,
    Merge: _merge,
    Pool: _pool,
    Repeat: _repeat,
    Resize: _resize,
    SoftmaxStage: _softmax,
    Window: _window,
}
