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
