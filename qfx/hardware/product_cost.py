"""What the products of a stage are built of, beside what multipliers would take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from typing_extensions import Self

from qfx.fixedpoint import count_digits
from qfx.fixedpoint.array import Integers
from qfx.hardware.multipliers import Multiplier


@dataclass(frozen=True)
class ProductParts:
    """What the products by constants of one stage consist of, were they sums of shifts.

    Args:
        adders, shifters, rom_bits: as of ProductCost.
        integer_rom_bits: of the constants as integers.
    """

    adders: int
    shifters: int
    rom_bits: int
    integer_rom_bits: int


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

    @classmethod
    def of(
        cls,
        multiplier: Multiplier,
        constants: Sequence[Integers],
        parts: ProductParts,
        *,
        lut_luts: int,
        dsps: int,
    ) -> Self:
        """Count what products by these constants cost.

        Args:
            multiplier, lut_luts, dsps: as of the class.
            constants: all of the stage.
            parts: of the same stage.
        """
        digits = np.concatenate([count_digits(each).reshape(-1) for each in constants])
        by_terms = multiplier == "shift_add"
        return cls(
            multiplier=multiplier,
            mean_digits=float(digits.mean()),
            most_digits=int(digits.max()),
            adders=parts.adders if by_terms else 0,
            shifters=parts.shifters if by_terms else 0,
            rom_bits=parts.rom_bits if by_terms else parts.integer_rom_bits,
            integer_rom_bits=parts.integer_rom_bits,
            lut_luts=lut_luts,
            dsps=dsps,
        )
