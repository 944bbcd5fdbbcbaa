"""Softmax: exponentials over their sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval
from qfx.fixedpoint.array import Integers
from qfx.hardware import memory
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.folding import Folding
from qfx.hardware.formulas import (
    counter_bits,
    dsp_slices,
    lut_product,
    product_latency,
    product_registers,
    table,
)
from qfx.hardware.multipliers import Multiplier, Multipliers, of_streams
from qfx.hardware.paths import Path
from qfx.hardware.stage import Head, Language, LayoutError, Stage
from qfx.hardware.stages.operands import require_in_order
from qfx.hardware.stream import Order, Stream
from qfx.ir import Node
from qfx.ops import Op, Softmax


@dataclass(frozen=True)
class SoftmaxStage(Stage):
    """Exponentials over their sum: a frame enters one half of a buffer while the other is read
    twice.

    Args:
        exponentials: (distances,), as far as two elements can lie apart.
        reciprocals: (steps,), a power of two of them.
        multiplier: what the product is asked to be built of; never "shift_add".
    """

    kind: ClassVar[str] = "softmax"
    computes: ClassVar[tuple[type[Op], ...]] = (Softmax,)
    folded: ClassVar[bool] = True
    holds: ClassVar[str] = "tables"
    advice: ClassVar[str] = "end the model with ArgMax instead"
    exponentials: FixedPointArray
    reciprocals: FixedPointArray
    multiplier: Multiplier

    @classmethod
    def head(cls, node: Node, orders: list[Order], multipliers: Multipliers) -> SoftmaxHead:
        require_in_order(
            node,
            orders[0],
            "softmax over a flattened image would give its probabilities in the order of the"
            " stream: put a Linear before it",
        )
        if multipliers == "none":
            raise LayoutError(
                f"{node.output.name}: softmax multiplies two streams, which takes a multiplier: ask"
                " for multipliers='lut', which takes no DSP slice either, end the model with ArgMax"
                " instead, or compute the softmax outside"
            )
        return SoftmaxHead(node, multipliers)

    @property
    def folding(self) -> Folding:
        return Folding(self.output.lanes, self.input.lanes, self.multiplier)

    @property
    def chosen(self) -> dict[str, int | str]:
        return {"multiplier": self.multiplier}

    @property
    def count(self) -> int:
        """Elements of a frame."""
        return self.input.elements

    @property
    def sum_type(self) -> FixedPointType:
        """Holds the sum of the exponentials: none is greater than one."""
        fraction_bits = self.exponentials.dtype.fraction_bits
        return FixedPointType.holding(Interval(0, self.count << fraction_bits), fraction_bits)

    @property
    def dropped(self) -> int:
        """Bits of a sum from 1 to 2 that do not count in its reciprocal."""
        index_bits = self.reciprocals.shape[0].bit_length() - 1
        return self.exponentials.dtype.fraction_bits - index_bits

    @property
    def cycles(self) -> int:
        return 2 * self.count + 3  # until the reciprocal of the sum is there

    @property
    def delay(self) -> int:
        of_product = product_latency(self.multiplier, self.reciprocals.dtype.wordlength)
        # buffer, sum, reciprocal (3); element, distance, exponential, operand
        return self.count + 8 + of_product

    @property
    def lag(self) -> int:
        return self.count + self.delay  # it may come while another vector leaves

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        return (np.full(beat.shape, self.input.beats),)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        return np.zeros_like(beat)

    @property
    def paths(self) -> tuple[Path, ...]:
        ways = [Path(levels=4)]  # from the sum so far to the address of a table
        return (*ways, Path(products=1)) if self.multiplier == "dsp" else tuple(ways)

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        exp, reciprocal = self.exponentials, self.reciprocals
        e, r = exp.dtype.wordlength, reciprocal.dtype.wordlength
        total, x = self.sum_type.wordlength, self.input.dtype.wordlength
        shifters = (total - e).bit_length() * (total + r)
        in_dsp = self.multiplier == "dsp"
        counters = 4 * counter_bits(2 * self.count)
        product = 0 if in_dsp else product_registers(e, r)
        others = Resources(
            luts=shifters + (0 if in_dsp else lut_product(e, r)) + total + 4 * x + 20,
            flip_flops=5 * x + 2 * r + total + self.output.bits * in_dsp + counters + 12 + product,
            dsps=dsp_slices(e + 1, r + 1, fabric) if in_dsp else 0,
        )
        buffer = memory.ram(2 * self.count, x, "distributed", fabric)
        return table(exp) + table(reciprocal) + buffer + others


@dataclass(frozen=True)
class SoftmaxHead(Head):
    """A softmax; it takes one element a cycle.

    Args:
        node: whose op it is.
        multipliers: what is asked for; "none" cannot be.
    """

    multipliers: Multipliers

    @property
    def op(self) -> Softmax:
        assert isinstance(self.node.op, Softmax)
        return self.node.op

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        folding = Folding(1, 1, self._multiplier)
        yield folding, self.fold(self.operands(), folding).cycles

    def fold(self, reads: Sequence[Stream], folding: Folding) -> SoftmaxStage:
        reached = self.node.inputs[0].type.interval
        exponentials, reciprocals = self.op.exponentials, self.op.reciprocals
        kept = exponentials.integers[: reached.high - reached.low + 1]
        return SoftmaxStage(
            name=self.node.output.name,
            source=self.node.source,
            input=replace(reads[0], lanes=folding.simd),
            output=self.result(folding.pe),
            exponentials=FixedPointArray(kept, exponentials.dtype),
            reciprocals=reciprocals,
            multiplier=folding.multiplier or self._multiplier,
        )

    @property
    def _multiplier(self) -> Multiplier:
        bits = self.op.exponentials.dtype.wordlength, self.op.reciprocals.dtype.wordlength
        return of_streams(self.multipliers, *bits)
