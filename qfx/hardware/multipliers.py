"""What products are built of: as asked for a whole design, and as each stage is given."""

from __future__ import annotations

from typing import Literal, get_args

Multipliers = Literal["auto", "dsp", "lut", "none"]  # what is asked for a design
MULTIPLIERS: tuple[Multipliers, ...] = get_args(Multipliers)
# What a stage's products are built of; in "dsp_pairs" two of one operand in each DSP slice.
Multiplier = Literal["dsp", "dsp_pairs", "lut", "shift_add"]

LUT_MULTIPLIER_BITS = (
    64  # products of the two wordlengths up to which LUTs are cheaper than a DSP slice
)


_PAIR_BITS = 25  # of the wider operand of a DSP slice of any family
_SHARED_BITS = 17  # of the other one, but for its sign


def in_dsp(multiplier: Multiplier | None) -> bool:
    """Say whether products so built are in DSP slices."""
    return multiplier in ("dsp", "dsp_pairs")


def fits_pairs(operand_bits: int, weight_bits: int) -> bool:
    """Say whether two products of one operand fit a DSP slice: two weights, as far apart as one of
    the products is wide.
    """
    both = operand_bits + 2 * weight_bits + 1
    return both <= _PAIR_BITS and operand_bits <= _SHARED_BITS


def uses_dsp(operand_bits: int, weight_bits: int) -> bool:
    """Say whether a product of these wordlengths is better built in a DSP slice."""
    return operand_bits * weight_bits > LUT_MULTIPLIER_BITS


def by_constant(
    multipliers: Multipliers, operand_bits: int, weight_bits: int
) -> tuple[Multiplier, ...]:
    """Say what products of a stream and of constants may be built of, the usual first."""
    if multipliers == "none":
        return ("shift_add",)
    usual = of_streams(multipliers, operand_bits, weight_bits)
    other: Multiplier = "lut" if usual == "dsp" else "dsp"
    if multipliers != "auto":
        return (usual,)
    pairs: tuple[Multiplier, ...] = ("dsp_pairs",) if fits_pairs(operand_bits, weight_bits) else ()
    return (usual, other, *pairs, "shift_add")


def of_streams(multipliers: Multipliers, left_bits: int, right_bits: int) -> Multiplier:
    """Say what products of two streams are built of; "none" builds no such product."""
    if multipliers == "auto":
        return "dsp" if uses_dsp(left_bits, right_bits) else "lut"
    assert multipliers != "none"
    return multipliers


def of_maps(multipliers: Multipliers) -> tuple[Multiplier, ...]:
    """Say what the products of element-wise ops may be built of; of equals the first is taken."""
    if multipliers == "auto":
        return ("lut", "shift_add")
    return ("shift_add",) if multipliers == "none" else (multipliers,)
