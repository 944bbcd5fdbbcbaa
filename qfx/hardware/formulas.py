"""Parts of estimates that several stages share.

The coefficients are fitted to single stages built by Yosys 0.23 with what `qfx synth` tells it;
benchmarks/estimates.py says how far off whole designs are. Vivado was not run.
"""

from __future__ import annotations

from qfx.boards import Resources
from qfx.fixedpoint import FixedPointArray
from qfx.hardware import memory
from qfx.hardware.fabric import Fabric
from qfx.hardware.multipliers import Multiplier


def counter_bits(count: int) -> int:
    """Count the bits of a register that counts so many."""
    return (count - 1).bit_length()


def table(array: FixedPointArray) -> Resources:
    """Estimate a ROM of one integer a word."""
    bits = array.dtype.wordlength
    varying = memory.varying_bits(array.integers[:, None], bits)
    return memory.rom(len(array.integers), bits, varying)


def sum_latency(addends: int) -> int:
    """Count the cycles of qfx_sum: a register behind each level of a tree of adders."""
    return counter_bits(addends)


def product_latency(multiplier: Multiplier, w: int, terms: int = 1) -> int:
    """Count the cycles of a product from its second operand, which comes a cycle after the first.

    Args:
        multiplier: what it is built of.
        w: bits of the second operand: in LUTs a product has a row for every two.
        terms: of a constant, where it is built of those.
    """
    if multiplier == "lut":
        return max(1, counter_bits(-(-w // 2)))
    if multiplier == "shift_add":
        return 1 + sum_latency(terms)
    return 2 if multiplier == "dsp_pairs" else 1


def lut_product(x: int, w: int) -> int:
    """Count the LUTs of a product of operands of so many bits as qfx_product_lut builds it, but for
    what it shares: of each pair of rows one is chosen in the LUTs of their sum; so is a last one
    that waits.
    """
    rows = -(-w // 2)
    luts = rows // 2 * 2 * (x + 2) + rows % 2 * (x + 1 + (rows > 1))
    for level in range(2, counter_bits(rows) + 1):
        luts += (rows + (1 << level - 1) - 1 >> level) * (x + 1 + 2**level)
    return luts - (x + 4 + w % 2 if _waits(w) else 0)


def product_registers(x: int, w: int) -> int:
    """Count the flip-flops of such a product: behind each of its sums; of a row that waits, those
    of its digit.
    """
    rows = -(-w // 2)
    levels = range(1, max(1, counter_bits(rows)) + 1)
    found: int = sum(-(-rows // 2**level) * (x + min(w, 2 ** (level + 1))) for level in levels)
    return found - (x + 2 + w % 2 if _waits(w) else 0)


def shared_multiples(x: int, w: int, signed: bool) -> Resources:
    """Estimate what all such products of one operand share: itself, its treble, its negative; and
    what a last row that waits is chosen from.
    """
    wide = x + (not signed)
    return Resources(luts=x - 1, flip_flops=3 * wide + 2 + _waits(w) * (2 * wide + 1))


def _waits(w: int) -> bool:
    """Say whether the last row of such a product waits for a level, with no other beside it."""
    return -(-w // 2) % 4 == 3


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
        kept = min(bits, total)
        luts, registers = luts + kept, max(0, registers - waits * kept - kept)
    return Resources(luts=luts, flip_flops=registers)


def dsp_slices(x: int, w: int, fabric: Fabric) -> int:
    """Count the DSP slices of a product of signed operands of so many bits, exactly as Yosys takes
    them: what is too wide is cut into parts of 17 bits and a last one.
    """
    wider, narrower = max(x, w), min(x, w)
    parts = 1 + -(-max(0, wider - fabric.dsp_bits) // 17)
    return parts * (1 + -(-max(0, narrower - 18) // 17))
