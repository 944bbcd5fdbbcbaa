"""Parts of estimates that several stages share.

The coefficients are fitted to single stages built by Yosys 0.23 with what `qfx synth` tells it;
benchmarks/estimates.py says how far off whole designs are. Vivado was not run.
"""

from __future__ import annotations

from qfx.boards import Resources
from qfx.fixedpoint import FixedPointArray
from qfx.hardware import memory
from qfx.hardware.fabric import Fabric


def counter_bits(count: int) -> int:
    """Count the bits of a register that counts so many."""
    return (count - 1).bit_length()


def table(array: FixedPointArray) -> Resources:
    """Estimate a ROM of one integer a word."""
    bits = array.dtype.wordlength
    varying = memory.varying_bits(array.integers[:, None], bits)
    return memory.rom(len(array.integers), bits, varying)


def lut_product(x: int, w: int) -> int:
    """Count the LUTs of a multiplier for operands of so many bits."""
    return 2 * x * w - 5 * (x + w) // 4


def dsp_slices(x: int, w: int, fabric: Fabric) -> int:
    """Count the DSP slices of a product of signed operands of so many bits, exactly as Yosys takes
    them: what is too wide is cut into parts of 17 bits and a last one.
    """
    wider, narrower = max(x, w), min(x, w)
    parts = 1 + -(-max(0, wider - fabric.dsp_bits) // 17)
    return parts * (1 + -(-max(0, narrower - 18) // 17))


def adder_tree(addends: int, bits: int, total: int) -> Resources:
    """Estimate sums of two registered addends and two, a register behind each, until one is left;
    where the last addend waits for two sums or more, it does so in LUTs, its own register included.

    Args:
        addends: to be summed.
        bits: of one.
        total: of the sum, above which none grows.
    """
    luts = registers = level = 0
    last = addends - 1
    waits = (last & -last).bit_length() - 1  # levels that the last one passes unsummed
    while addends > 1:
        level += 1
        width = min(bits + level, total)
        luts += addends // 2 * width
        addends = -(-addends // 2)
        registers += addends * width
    if waits > 1:
        luts, registers = luts + bits, registers - waits * bits - bits
    return Resources(luts=luts, flip_flops=registers)
