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
    def paths(self) -> tuple[Path, ...]:
        compared = (
            self.input.lanes - 1
        ).bit_length() + 1  # lanes among each other, then the largest
        bits = self.input.dtype.wordlength
        return (Path(levels=1 + 2 * compared, chains=compared, carries=compared * bits),)

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        bits, index = self.input.dtype.wordlength, self.output.dtype.wordlength
        so_far = bits + 2 * index if self.input.beats > 1 else 0
        each = (9 * bits + 2 * index - 12) // 4  # a comparison, the larger one, its index
        return Resources(luts=self.input.lanes * each + 5, flip_flops=index + 1 + so_far)


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
