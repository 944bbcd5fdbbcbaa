"""Argmax: the index of a frame's largest element."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint.array import Integers
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.folding import Folding
from qfx.hardware.formulas import counter_bits
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.paths import Path
from qfx.hardware.stage import Head, Language, Stage
from qfx.hardware.stages.operands import require_in_order
from qfx.hardware.stream import Order, Stream, divisors
from qfx.ir import Node
from qfx.ops import ArgMax, Op


@dataclass(frozen=True)
class Argmax(Stage):
    """The index of a frame's largest element."""

    kind: ClassVar[str] = "argmax"
    computes: ClassVar[tuple[type[Op], ...]] = (ArgMax,)
    folded: ClassVar[bool] = True

    @classmethod
    def head(cls, node: Node, orders: list[Order], multipliers: Multipliers) -> ArgmaxHead:
        require_in_order(
            node,
            orders[0],
            "argmax over a flattened image would count its pixels in the order of the stream: put a"
            " Linear before it",
        )
        return ArgmaxHead(node)

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        return (np.full(beat.shape, self.input.beats),)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        return np.zeros_like(beat)

    @property
    def rounds(self) -> int:
        """In which its lanes are compared two by two, in SystemVerilog."""
        return counter_bits(self.input.lanes)

    @property
    def delay(self) -> int:
        return self.rounds + 1

    @property
    def paths(self) -> tuple[Path, ...]:
        return (Path(levels=2, chains=1, carries=self.input.dtype.wordlength / 2),)

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        """Estimate a comparison, a choice and a register for each two that are compared, and the
        largest so far; what is left over of a round waits in shift registers.
        """
        bits, index = self.input.dtype.wordlength, self.output.dtype.wordlength
        left, kept = self.input.lanes, 0
        for each in range(1, self.rounds + 1):
            kept += left // 2 * (bits + each)  # the value and its lane among so many
            left = (left + 1) // 2
        compared = Resources(
            luts=int(1.95 * bits * (self.input.lanes - 1)),
            flip_flops=kept + self.rounds + index + 1,
        )
        if self.input.beats == 1:
            return compared + Resources(luts=4)
        beat = counter_bits(self.input.beats)
        so_far = Resources(luts=5 * bits // 8 + 2 * index + 5, flip_flops=bits + 2 * beat)
        return compared + so_far


@dataclass(frozen=True)
class ArgmaxHead(Head):
    """An argmax; what is to be chosen is how many elements it takes a cycle.

    Args:
        node: whose op it is.
    """

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        for lanes in divisors(self.elements):
            yield Folding(1, lanes), self.elements // lanes

    def fold(self, reads: Sequence[Stream], folding: Folding) -> Argmax:
        return Argmax(
            name=self.node.output.name,
            source=self.node.source,
            input=replace(reads[0], lanes=folding.simd),
            output=self.result(folding.pe),
        )
