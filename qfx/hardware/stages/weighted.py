"""What the stages that multiply a stream by weights in a ROM have in common."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint import FixedPointArray, count_digits
from qfx.fixedpoint.array import Integers
from qfx.hardware import memory
from qfx.hardware.fabric import Fabric
from qfx.hardware.folding import Folding
from qfx.hardware.formulas import (
    adder_tree,
    dsp_slices,
    lut_product,
    product_latency,
    product_registers,
    shared_multiples,
    sum_latency,
)
from qfx.hardware.memory import Style, memory_of
from qfx.hardware.multipliers import Multiplier, in_dsp
from qfx.hardware.paths import Path
from qfx.hardware.product_cost import ProductCost, ProductParts
from qfx.hardware.shift_add import Terms
from qfx.hardware.stage import Stage
from qfx.hardware.weights import Weights


@dataclass(frozen=True)
class Weighted(Stage):
    """Sums of products of what comes in and of weights, which a ROM gives a word a cycle.

    Args:
        weights: (groups, inputs, outputs) of one vector's groups, in the order of the streams.
        vectors: per frame; each is one vector of inputs for each group.
        multiplier: what the products are asked to be built of.
        weight_style: where the weights are asked to go; None as `memory_of` says.
        window: as for Folding.
    """

    folded: ClassVar[bool] = True
    holds: ClassVar[str] = "weights"
    weights: Weights
    vectors: int
    multiplier: Multiplier
    weight_style: Style | None = None
    window: int | None = None

    @property
    def folding(self) -> Folding:
        return Folding(self.pe, self.simd, self.multiplier, self.weight_style, self.window)

    @property
    def chosen(self) -> dict[str, int | str]:
        found: dict[str, int | str] = {"pe": self.pe, "simd": self.simd}
        found["multiplier"] = self.multiplier
        found |= {"window": self.window} if self.window else {}
        return found | ({"memory": self.weight_style} if self.weight_style else {})

    @property
    @abstractmethod
    def summed(self) -> int:
        """Products of a beat that each output lane is the sum of."""

    @property
    def row_shifts(self) -> Integers:
        """(groups, outputs), as for Weights."""
        return self.weights.row_shifts

    @property
    def mantissa(self) -> FixedPointArray:
        """(groups, inputs, outputs), as for Weights."""
        return self.weights.mantissa

    @property
    def terms(self) -> Terms:
        """Of the mantissas, as for Weights: what the products are built of under "shift_add"."""
        return self.weights.terms

    @property
    def weight_bits(self) -> int:
        """Of one weight in the ROM."""
        return self.weights.bits(self.multiplier == "shift_add")

    @property
    def pe(self) -> int:
        return self.output.lanes

    @property
    def simd(self) -> int:
        return self.input.lanes

    @property
    def groups(self) -> int:
        return self.mantissa.shape[0]

    @property
    def steps(self) -> int:
        """Beats of one vector of one group."""
        return self.mantissa.shape[1] // self.summed

    @property
    def folds(self) -> int:
        """How often it is read: once for every `pe` outputs."""
        return self.mantissa.shape[2] // self.pe

    @property
    def words(self) -> int:
        """Of the weight ROM."""
        return self.groups * self.folds * self.steps

    @property
    def products(self) -> int:
        """Of a beat: weights in a word of the ROM."""
        return self.pe * self.summed

    @property
    def weight_memory(self) -> Style:
        """Where the weights go."""
        return self.weight_style or memory_of(self.words, self.products * self.weight_bits)

    @property
    def varying_bits(self) -> int:
        """Of a word of the weight ROM, those that are not the same in all."""
        return self.weights.varying_bits(self.pe, self.summed, self.multiplier == "shift_add")

    @property
    def cycles(self) -> int:
        return self.vectors * self.words

    @property
    def rom_latency(self) -> int:
        """Cycles from a weight's address to the weight: what a block RAM reads has a register."""
        return 2 if self.weight_memory == "block" else 1

    @property
    def sum_latency(self) -> int:
        """Cycles from a beat's weights to the sums that leave: of its products, of those of the
        beats of a vector, and of the shift of each row.
        """
        terms = self.terms.count if self.multiplier == "shift_add" else 1
        product = product_latency(self.multiplier, self.mantissa.dtype.wordlength, terms)
        return product + sum_latency(self.summed) + (self.steps > 1) + bool(self.row_shifts.any())

    def rom(self) -> Resources:
        """Estimate the memory of the weights."""
        bits = self.products * self.weight_bits
        kept = memory.rom(self.words, bits, self.varying_bits, self.weight_memory)
        if self.rom_latency == 1:
            return kept
        return kept + Resources(flip_flops=self.varying_bits)

    @property
    def paths(self) -> tuple[Path, ...]:
        total = self.output.dtype.wordlength
        ways = [
            # who may go on, to everything that stands still
            Path(levels=2 if self.wired or self.steps > 1 else 3),
            Path(levels=1, chains=1, carries=total),  # an adder of the sums, and a choice
        ]
        if in_dsp(self.multiplier):
            ways.append(Path(products=1))
        if not self.wired and self.weight_memory == "block":
            ways.append(Path(from_block=True))
        return tuple(ways)

    @property
    def wired(self) -> bool:
        """Whether all weights are read in every cycle, and so are wires; in DSP slices none is."""
        return self.words == 1 and not in_dsp(self.multiplier)

    def product_luts(self) -> float:
        """Estimate the LUTs of the products; by wires, an adder for each signed digit of a weight
        but the first, or for each of its terms but the first.
        """
        x, w = self.input.dtype.wordlength, self.mantissa.dtype.wordlength
        if self.wired and self.multiplier == "shift_add":
            return 1.2 * x * self.products * (self.terms.count - 1)
        if self.wired:
            digits = count_digits(self.mantissa.integers)
            return 0.85 * x * int(np.maximum(digits - 1, 0).sum())
        if self.multiplier == "dsp":
            return 0
        if self.multiplier == "dsp_pairs":  # what the lower one has too much, the upper too little
            return self._pairs * (x + 1 + (x + w if self.input.dtype.signed else 0))
        if self.multiplier == "lut":
            shared = shared_multiples(x, w, self.input.dtype.signed)
            return self.products * lut_product(x, w) + self.simd * shared.luts
        return self.products * _shift_add_product(x, w, self.terms) + self.negatives

    def product_registers(self) -> int:
        """Estimate the flip-flops of the products, and of what those of one operand share; by wires
        half of them hold what is always the same.
        """
        return self._registers() // 2 if self.wired else self._registers()

    def _registers(self) -> int:
        x, w = self.input.dtype.wordlength, self.mantissa.dtype.wordlength
        if self.multiplier == "dsp":
            return self.simd * x
        if self.multiplier == "dsp_pairs":
            return self.simd * x + self._pairs * (4 * (x + w + 1) + x)
        if self.multiplier == "lut":
            shared = shared_multiples(x, w, self.input.dtype.signed).flip_flops
            return self.products * product_registers(x, w) + self.simd * shared
        sums = adder_tree(self.terms.count, self.product_bits, self.product_bits).flip_flops
        each = self.terms.count * (x + 2 + self.terms.shift_bits) + sums
        return self.products * each + self.simd * (x + 1) + self.negatives

    def sums(self) -> Resources:
        """Estimate the sums of an output lane: of the products of a beat, of the beats of a vector,
        and the shift of its rows; products by wires are narrower than the widest.
        """
        total = self.output.dtype.wordlength
        found = adder_tree(self.summed, self.product_bits, total)
        if self.wired:
            found = found.model_copy(update={"luts": found.luts * 3 // 4})
        if self.steps > 1:
            found += Resources(luts=total, flip_flops=2 * total)
        if self.row_shifts.any():
            bits = int(self.row_shifts.max()).bit_length()
            found += Resources(luts=total * bits // 4, flip_flops=total + bits)
        return found

    def product_dsps(self, fabric: Fabric) -> int:
        """Count the DSP slices of the products."""
        if self.multiplier == "dsp_pairs":
            return self._pairs
        if self.multiplier != "dsp":
            return 0
        x, w = self.input.dtype, self.mantissa.dtype
        wide = x.wordlength + (not x.signed), w.wordlength + (not w.signed)
        return self.products * dsp_slices(*wide, fabric=fabric)

    @property
    def _pairs(self) -> int:
        """Products of one operand, two and two."""
        return -(-self.products // self.simd // 2) * self.simd

    @property
    def product_bits(self) -> int:
        """Of a product, but for what its type has more."""
        return self.input.dtype.wordlength + self.mantissa.dtype.wordlength

    @property
    def negatives(self) -> int:
        """Bits of the negatives of operands, which all products of one share."""
        by_terms = self.multiplier == "shift_add" and self.terms.has_signs
        return self.simd * (self.input.dtype.wordlength + 1) if by_terms else 0

    def product_cost(self) -> ProductCost:
        """Count of each operand a negative, which all its products share, and an adder between
        terms.
        """
        terms, products = self.terms, self.products
        parts = ProductParts(
            adders=products * (terms.count - 1) + self.simd * terms.has_signs,
            shifters=products * terms.count if terms.shift_bits else 0,
            rom_bits=self.words * products * terms.word_bits,
            integer_rom_bits=self.words * products * self.mantissa.dtype.wordlength,
        )
        return ProductCost.of(
            self.multiplier,
            [self.weights.whole.integers],
            parts,
            lut_luts=replace(self, multiplier="lut").estimate().luts,
            dsps=replace(self, multiplier="dsp").estimate().dsps,
        )


def _shift_add_product(x: int, w: int, terms: Terms) -> int:
    """Count the LUTs of as many selections between x and its negative and shifters as there are
    terms, and of their sum: two share the LUTs of their sum, the others take more; `w` as for a
    multiplier.
    """
    bits, count = x + w, terms.count
    return (7 * count + 8 * max(0, count - 2) + 2 * terms.has_gaps) * bits // 4
