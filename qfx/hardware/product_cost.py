"""What the products of a stage are built of, beside what multipliers would take."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qfx.fixedpoint import count_digits
from qfx.fixedpoint.array import Integers
from qfx.hardware.estimate import estimate
from qfx.hardware.multipliers import Multiplier
from qfx.hardware.stage import Stage
from qfx.hardware.stages import Contract, Map


@dataclass(frozen=True)
class ProductCost:
    """Of the products by constants of one stage.

    Args:
        multiplier: what they are built of.
        mean_digits, most_digits: nonzero signed digits of a constant.
        adders: of two operands each, that products are built of; 0 with multipliers.
        shifters: barrel shifters; where constants are wires, so are their shifts.
        rom_bits: of the constants as built.
        integer_rom_bits: of the constants as integers, which multipliers take.
        lut_luts: LUTs of the stage with multipliers of LUTs, an estimate.
        dsps: of the stage with multipliers in DSP slices.
    """

    multiplier: Multiplier
    mean_digits: float
    most_digits: int
    adders: int
    shifters: int
    rom_bits: int
    integer_rom_bits: int
    lut_luts: int
    dsps: int


def product_cost(stage: Stage) -> ProductCost | None:
    """What the products by constants of a stage cost; None where it has none."""
    if isinstance(stage, Contract):
        return _cost(stage, stage.multiplier, [stage.weights.whole.integers], _contract(stage))
    if isinstance(stage, Map) and stage.multiplier is not None:
        constants = [stage.constants(step) for step in stage.products]
        return _cost(stage, stage.multiplier, constants, _map(stage))
    return None


@dataclass(frozen=True)
class _Parts:
    adders: int
    shifters: int
    rom_bits: int
    integer_rom_bits: int


def _cost(
    stage: Contract | Map, multiplier: Multiplier, constants: list[Integers], parts: _Parts
) -> ProductCost:
    digits = np.concatenate([count_digits(each).reshape(-1) for each in constants])
    by_terms = multiplier == "shift_add"
    return ProductCost(
        multiplier=multiplier,
        mean_digits=float(digits.mean()),
        most_digits=int(digits.max()),
        adders=parts.adders if by_terms else 0,
        shifters=parts.shifters if by_terms else 0,
        rom_bits=parts.rom_bits if by_terms else parts.integer_rom_bits,
        integer_rom_bits=parts.integer_rom_bits,
        lut_luts=estimate(replace(stage, multiplier="lut")).luts,
        dsps=estimate(replace(stage, multiplier="dsp")).dsps,
    )


def _contract(stage: Contract) -> _Parts:
    """A negative of each operand, which all its products share, and an adder between terms."""
    terms, products = stage.terms, stage.pe * stage.simd
    return _Parts(
        adders=products * (terms.count - 1) + stage.simd * terms.has_signs,
        shifters=products * terms.count if terms.shift_bits else 0,
        rom_bits=stage.words * products * terms.word_bits,
        integer_rom_bits=stage.words * products * stage.mantissa.dtype.wordlength,
    )


def _map(stage: Map) -> _Parts:
    """An adder between the terms of a constant, and one where the first is subtracted: of each
    constant that is wires, and of each lane that a ROM feeds.
    """
    adders = shifters = rom_bits = integer_rom_bits = 0
    for step in stage.products:
        rows, terms = stage.constants(step), stage.terms(step)
        if len(rows) == 1:
            adders += terms.adders
        else:
            adders += stage.input.lanes * (terms.count - 1 + bool(terms.negative[..., 0].any()))
            shifters += stage.input.lanes * terms.count if terms.shift_bits else 0
            rom_bits += rows.size * terms.word_bits
            integer_rom_bits += rows.size * stage.constant_bits(step)
    return _Parts(adders, shifters, rom_bits, integer_rom_bits)
