"""Where memories go, block RAM or LUTs: the one decision, and what they take there.

Line buffers, queues and ROMs are built as `memory_of` says, and estimated so.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint.array import Integers
from qfx.hardware.fabric import ULTRASCALE, Fabric

Style = Literal["distributed", "block"]  # as Verilog's ram_style and rom_style spell it

LUTS_PER_BRAM = 100  # that a RAMB18 has to save; parts have 160 to 410 LUTs for each they have
# Block RAM with one port to write and one to read, as words x bits and the RAMB18 it takes (UG573,
# "Block RAM Data Widths").
_BLOCKS = (
    *((512 << n, bits, 1) for n, bits in enumerate((36, 18, 9, 4, 2, 1))),
    *((512 << n, bits, 2) for n, bits in enumerate((72, 36, 18, 9, 4, 2, 1))),
)
_BYTE = 9  # bits written together
_LUT_WORDS = 64  # that a LUT looks up


def memory_of(depth: int, bits: int) -> Style:
    """Say where a memory of so many words of so many bits goes."""
    if depth <= _LUT_WORDS:  # about a LUT a bit
        return "distributed"
    saved, taken = _in_luts(depth, bits, ULTRASCALE).luts, _in_blocks(depth, bits).bram_18k
    return "block" if saved > LUTS_PER_BRAM * taken else "distributed"


def ram(
    depth: int, bits: int, style: Style | None = None, fabric: Fabric = ULTRASCALE
) -> Resources:
    """Estimate what a memory takes that is written and read once a cycle.

    Args:
        depth: words.
        bits: of a word.
        style: where it goes, if not where `memory_of` says.
        fabric: of the part.
    """
    in_blocks = (style or memory_of(depth, bits)) == "block"
    return _in_blocks(depth, bits) if in_blocks else _in_luts(depth, bits, fabric)


def rom(depth: int, bits: int, varying: int, style: Style | None = None) -> Resources:
    """Estimate what a ROM takes whose words are read into a register.

    Args:
        depth: words.
        bits: of a word; they say where it goes.
        varying: bits that are not the same in all words, and so the only ones that are built.
        style: where it goes, if not where `memory_of` says.
    """
    if depth == 1 or not varying:
        return Resources()
    if (style or memory_of(depth, bits)) == "block":
        return _in_blocks(depth, varying, written=False)
    if depth <= 4:  # of a word or two of an address there are few functions
        return Resources(luts=varying // 4 * (depth > 2), flip_flops=varying // 2 * (depth > 2))
    banks = -(-depth // _LUT_WORDS)  # within 25 % of what Yosys builds for words without a pattern
    luts = varying if banks == 1 else varying * banks * 3 // 2
    return Resources(luts=luts, flip_flops=varying)


def varying_bits(words: Integers, bits: int) -> int:
    """Count the bits that are not the same in all words.

    Args:
        words: (words, fields of a word).
        bits: of a field.
    """
    changing = np.bitwise_or.reduce(words ^ words[0], axis=0) & ((1 << bits) - 1)
    return int(np.bitwise_count(changing).sum())


def _in_blocks(depth: int, bits: int, written: bool = True) -> Resources:
    """Estimate the shape that takes the least, as Yosys does exactly; words beyond a shape's stand
    beside each other in it, in whole bytes where they are written, and are told apart by LUTs.
    """

    def taken(shape: tuple[int, int, int]) -> tuple[int, int]:
        words, width, halves = shape
        byte = min(_BYTE, width) if written else 1
        banks = -(-depth // words)
        return halves * -(-(banks * -(-bits // byte) * byte) // width), banks

    brams, banks = min(map(taken, _BLOCKS))
    return Resources(luts=_choice(banks, bits), flip_flops=(banks - 1).bit_length(), bram_18k=brams)


def _in_luts(depth: int, bits: int, fabric: Fabric) -> Resources:
    def taken(shape: tuple[int, int]) -> tuple[int, int]:
        banks = -(-depth // shape[0])
        return fabric.ram_luts * banks * -(-bits // shape[1]), banks

    luts, banks = min(map(taken, fabric.rams))
    return Resources(luts=luts + _choice(banks, bits))


def _choice(banks: int, bits: int) -> int:
    """Count the LUTs that choose one of so many banks to read, four to one each, and to write."""
    return 0 if banks == 1 else bits * -(-(banks - 1) // 3) + banks
