"""Contractions: the matrix-vector products of a linear layer or a convolution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import ClassVar

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint import FixedPointArray, count_digits
from qfx.fixedpoint.array import Integers
from qfx.hardware import memory
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.folding import Folding
from qfx.hardware.formulas import dsp_slices, lut_product
from qfx.hardware.memory import Style, memory_of
from qfx.hardware.multipliers import Multiplier, Multipliers, by_constant
from qfx.hardware.product_cost import ProductCost, ProductParts
from qfx.hardware.shift_add import Terms
from qfx.hardware.stage import Head, Language, LayoutError, Stage
from qfx.hardware.stages.operands import require_image
from qfx.hardware.stages.window import line_buffer
from qfx.hardware.stream import Order, Stream, divisors
from qfx.hardware.weights import Weights
from qfx.ir import Node
from qfx.ops import Conv2d, Matmul, Op

_PIPELINE = 5  # buffer, operands, products, sum, accumulator


@dataclass(frozen=True)
class Contract(Stage):
    """Matrix-vector products: `pe` outputs at a time, `simd` inputs a cycle.

    Args:
        weights: of one vector's groups, in the order of the streams.
        vectors: per frame; each is one vector of inputs for each group.
        multiplier: what the products are asked to be built of.
        weight_style: where the weights are asked to go; None as `memory_of` says.
        window: as for Folding.
    """

    kind: ClassVar[str] = "contract"
    computes: ClassVar[tuple[type[Op], ...]] = (Conv2d, Matmul)  # the former behind a line buffer
    folded: ClassVar[bool] = True
    holds: ClassVar[str] = "weights"
    weights: Weights
    vectors: int
    multiplier: Multiplier
    weight_style: Style | None = None
    window: int | None = None

    @classmethod
    def head(cls, node: Node, orders: list[Order], multipliers: Multipliers) -> ContractHead:
        if isinstance(node.op, Conv2d):
            return _convolution(node, node.op, orders[0], multipliers)
        assert isinstance(node.op, Matmul)
        operand, weight = node.inputs[0].type, node.op.weight
        if len(operand.shape) != 1:
            raise LayoutError(
                f"{node.output.name}: matmul over {operand.shape} needs Flatten before it"
            )
        weights = Weights(FixedPointArray(weight.integers[orders[0]][None], weight.dtype))
        return ContractHead(node, weights, 1, operand.shape[0], multipliers)

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
        by_terms = self.multiplier == "shift_add"
        return self.terms.word_bits if by_terms else self.mantissa.dtype.wordlength

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
        return self.mantissa.shape[1] // self.simd

    @property
    def folds(self) -> int:
        """How often it is read: once for every `pe` outputs."""
        return self.mantissa.shape[2] // self.pe

    @property
    def words(self) -> int:
        """Of the weight ROM."""
        return self.groups * self.folds * self.steps

    @property
    def weight_memory(self) -> Style:
        """Where the weights go."""
        return self.weight_style or memory_of(self.words, self.pe * self.simd * self.weight_bits)

    @property
    def varying_bits(self) -> int:
        """Of a word of the weight ROM, those that are not the same in all."""
        return self.weights.varying_bits(self.pe, self.simd, self.multiplier == "shift_add")

    @property
    def buffer_style(self) -> Style:
        """Where the two vectors held go; products of shifts read them without a register."""
        if self.multiplier == "shift_add":
            return "distributed"
        return memory_of(2 * self.steps, self.input.bits)

    @property
    def cycles(self) -> int:
        return self.vectors * self.words

    @property
    def delay(self) -> int:
        return _PIPELINE

    @property
    def pace(self) -> int:
        return self.steps

    @property
    def lag(self) -> int:
        return self.steps * self.folds + _PIPELINE  # it may come while another vector leaves

    def accepted(self, given: Integers, language: Language = "verilog") -> tuple[Integers, ...]:
        if language == "verilog":  # the next vector comes while it works on one
            return (given // self.folds * self.steps + 2 * self.steps,)
        return super().accepted(given, language)

    def _freeing(self, read: Stream, taken: Integers, language: Language) -> Integers:
        if language == "verilog":
            return (-(-taken // self.steps) - 2) * self.folds
        return super()._freeing(read, taken, language)

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        return ((beat // self.folds + 1) * self.steps,)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        return beat // self.steps * self.folds

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        """Estimate the weights, the buffer of two vectors, products, their sum, accumulators,
        counters.
        """
        x, w = self.input.dtype.wordlength, self.mantissa.dtype.wordlength
        pe, simd, total, product = self.pe, self.simd, self.output.dtype.wordlength, x + w
        products, counters = pe * simd, self._counter_bits
        word = products * self.weight_bits
        in_order = memory.rom(self.words, word, self.varying_bits, self.weight_memory)
        sums = 1.7 * _rows(simd) * product + (1.85 if self.steps > 1 else 0) * total
        sums += total * int(self.row_shifts.max()).bit_length() / 4
        operands = simd * x if self.buffer_style == "distributed" else 0
        signs, slices = 0, 0
        luts = 0
        if self.multiplier == "dsp":
            wide = x + (not self.input.dtype.signed), w + (not self.mantissa.dtype.signed)
            slices = dsp_slices(*wide, fabric=fabric)
        elif self.multiplier == "lut":
            luts = lut_product(x, w)
        else:
            luts = _shift_add_product(x, w, self.terms)
            signs = simd * (x + 1) * self.terms.has_signs  # all outputs share the negatives
        spare = 0 if self.input.dtype.signed else 0 if simd == 1 else pe if simd == 2 else products
        logic = products * luts + pe * sums + signs + 1.5 * counters
        if self.words == 1 and self.multiplier != "dsp":
            logic = self._luts_of_constants
        registers = operands + signs + products * product + spare + 2 * pe * total + counters
        others = Resources(luts=int(logic), flip_flops=registers, dsps=products * slices)
        return in_order + self._vectors(fabric) + others

    def _vectors(self, fabric: Fabric) -> Resources:
        """Estimate the buffer of the two vectors that it works on."""
        return memory.ram(2 * self.steps, self.input.bits, self.buffer_style, fabric)

    def block_rams(self, fabric: Fabric) -> Counter[str]:
        vectors = self._vectors(fabric).bram_18k
        weights = self.estimate(fabric).bram_18k - vectors
        return Counter({"vectors": vectors, self.holds: weights})

    @property
    def _luts_of_constants(self) -> float:
        """LUTs of products and sums where all weights are read in every cycle, and so are wires: an
        adder for each signed digit of a weight but the first, whatever products are built of; and
        sums as wide as the whole one, for Yosys learns too late that they could be narrower.
        """
        digits = count_digits(self.mantissa.integers)
        adders = int(np.maximum(digits - 1, 0).sum())
        x, total = self.input.dtype.wordlength, self.output.dtype.wordlength
        return 1.6 * x * adders + 1.34 * self.pe * _rows(self.simd) * total

    @property
    def _counter_bits(self) -> int:
        """Of the registers that say where the contraction is."""

        def bits(count: int) -> int:
            return max(1, (count - 1).bit_length())

        turns = sum(bits(n) for n in (self.steps, self.folds, self.groups) if n > 1)
        rows = bits(self.groups * self.folds) if self.row_shifts.any() else 0
        addresses = 2 * bits(2 * self.steps) + (2 * self.steps).bit_length()
        return turns + addresses + bits(self.words) + rows

    def product_cost(self) -> ProductCost:
        """Count of each operand a negative, which all its products share, and an adder between
        terms.
        """
        terms, products = self.terms, self.pe * self.simd
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


def _rows(simd: int) -> float:
    """Count the adders that sum so many products, as LUTs of one count."""
    return 0 if simd == 1 else 1 if simd == 2 else simd - 1.75


def _shift_add_product(x: int, w: int, terms: Terms) -> int:
    """Count the LUTs of as many selections between x and its negative and shifters as there are
    terms, and of their sum: two share the LUTs of their sum, the others take more; `w` as for a
    multiplier.
    """
    bits, count = x + w, terms.count
    return (7 * count + 8 * max(0, count - 2) + 2 * terms.has_gaps) * bits // 4


@dataclass(frozen=True)
class ContractHead(Head):
    """A matmul or a convolution to be folded.

    Args:
        node: whose op it is.
        weights: their inputs in the order they are streamed.
        vectors: per frame.
        simd_divides: what the number of input lanes must divide.
        multipliers: what is asked for.
    """

    weights: Weights
    vectors: int
    simd_divides: int
    multipliers: Multipliers

    @property
    def kinds(self) -> tuple[Multiplier, ...]:
        """What its products may be built of, the usual first."""
        bits = self.node.inputs[0].dtype.wordlength, self.weights.mantissa.dtype.wordlength
        return by_constant(self.multipliers, *bits)

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        groups, inputs, outputs = self.weights.whole.shape
        entering = prod(self.node.inputs[0].type.shape)
        for pe in divisors(outputs):
            for simd in divisors(self.simd_divides):
                products = self.vectors * groups * (outputs // pe) * (inputs // simd)
                cycles = max(products, entering // simd)
                for multiplier in self.kinds:
                    yield Folding(pe, simd, multiplier), cycles
                    if groups * outputs * inputs > pe * simd:  # more than one word
                        usual = self.memory(Folding(pe, simd, multiplier))
                        other: Style = "block" if usual == "distributed" else "distributed"
                        yield Folding(pe, simd, multiplier, other), cycles

    def memory(self, folding: Folding) -> Style:
        return self.fold(self.operands(), folding).weight_memory

    @property
    def elements(self) -> int:
        return self.vectors * prod(self.weights.whole.shape[:2])

    def fold(self, reads: Sequence[Stream], folding: Folding) -> Contract:
        output = self.node.output
        groups, _, outputs = self.weights.whole.shape
        elements = self.vectors * groups * outputs
        return Contract(
            name=output.name,
            source=self.node.source,
            input=replace(reads[0], lanes=folding.simd),
            output=Stream(f"{output.name}_out", output.dtype, elements, folding.pe),
            weights=self.weights,
            vectors=self.vectors,
            multiplier=folding.multiplier or self.kinds[0],
            weight_style=folding.memory,
            window=folding.window,
        )

    def stages(self, name: str, reads: Sequence[Stream], folding: Folding) -> Sequence[Stage]:
        """Put a line buffer before it, but where single pixels are read once, in order."""
        op = self.node.op
        if not isinstance(op, Conv2d) or _is_pointwise(op):
            return (self.fold(reads, folding),)
        window = line_buffer(self.node, f"{name}_window", reads[0], op.groups)
        return window, self.fold([window.output], folding)


def _convolution(node: Node, op: Conv2d, order: Order, multipliers: Multipliers) -> ContractHead:
    require_image(node, order)
    outputs, per_group = op.weight.shape[:2]
    taps = op.weight.integers.reshape(op.groups, outputs // op.groups, per_group, *op.kernel)
    rows = taps.transpose(0, 3, 4, 2, 1).reshape(op.groups, -1, outputs // op.groups)
    _, height, width = node.output.type.shape
    weights = Weights(FixedPointArray(rows, op.weight.dtype))
    return ContractHead(node, weights, height * width, per_group, multipliers)


def _is_pointwise(op: Conv2d) -> bool:
    return (op.kernel, op.stride, op.padding, op.groups) == ((1, 1), (1, 1), (0, 0), 1)
