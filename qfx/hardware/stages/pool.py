"""Max pooling: the largest of each patch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import ClassVar

from qfx.boards import Resources
from qfx.fixedpoint.array import Integers
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.folding import Folding
from qfx.hardware.formulas import counter_bits
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.paths import Path
from qfx.hardware.stage import ChannelsHead, Language, Stage
from qfx.hardware.stages.operands import require_image
from qfx.hardware.stages.patches import patches
from qfx.hardware.stages.window import line_buffer
from qfx.hardware.stream import Order, Stream, divisors
from qfx.ir import Node
from qfx.ops import MaxPool2d, Op


@dataclass(frozen=True)
class Pool(Stage):
    """The largest of each patch, lane by lane, behind a line buffer.

    Args:
        taps: of a patch, for each lane: a beat each, or all in one.
    """

    kind: ClassVar[str] = "pool"
    computes: ClassVar[tuple[type[Op], ...]] = (MaxPool2d,)
    folded: ClassVar[bool] = True
    taps: int

    @classmethod
    def head(cls, node: Node, orders: list[Order], multipliers: Multipliers) -> PoolHead:
        require_image(node, orders[0])
        return PoolHead(node)

    @property
    def at_once(self) -> int:
        """Taps of a beat."""
        return self.input.lanes // self.output.lanes

    @property
    def folding(self) -> Folding:
        lanes = self.output.lanes
        return Folding(lanes, self.input.lanes, window=lanes if self.at_once > 1 else None)

    @property
    def beats(self) -> int:
        """Of a patch, for each lane."""
        return self.taps // self.at_once

    @property
    def delay(self) -> int:
        return counter_bits(self.taps) if self.at_once > 1 else 1

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        return ((beat + 1) * self.beats,)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        return beat // self.beats

    @property
    def paths(self) -> tuple[Path, ...]:
        return (Path(levels=1, chains=1, carries=self.output.dtype.wordlength),)

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        bits, tap = self.input.dtype.wordlength, counter_bits(self.beats)
        lanes = self.output.lanes
        if self.at_once > 1:  # what is left over of a round waits in shift registers
            bits *= lanes * (self.taps - 1)
            return Resources(luts=7 * bits // 4, flip_flops=bits + self.delay)
        comparison = max(1, (5 * bits - 12) // 4) if self.taps > 1 else 0
        return Resources(luts=lanes * comparison + 2 + tap, flip_flops=self.output.bits + tap + 1)


@dataclass(frozen=True)
class PoolHead(ChannelsHead):
    """A pooling.

    Args:
        node: whose op it is.
    """

    @property
    def op(self) -> MaxPool2d:
        assert isinstance(self.node.op, MaxPool2d)
        return self.node.op

    @property
    def elements(self) -> int:
        return prod(self.node.output.type.shape) * prod(self.op.kernel)

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        yield from super().foldings()
        taps = prod(self.op.kernel)
        if taps == 1 or not line_buffer(self.node, "", self.entering(1)[0], 1).reads:
            return
        for lanes in divisors(self.node.output.type.shape[0]):
            cycles = patches(self.node, "", self.entering(lanes)[0]).cycles
            yield Folding(lanes, taps * lanes, window=lanes), cycles

    def fold(self, reads: Sequence[Stream], folding: Folding) -> Pool:
        return Pool(
            name=self.node.output.name,
            source=self.node.source,
            input=replace(reads[0], lanes=folding.simd),
            output=self.result(folding.pe),
            taps=prod(self.op.kernel),
        )

    def before(self, name: str, reads: Sequence[Stream], folding: Folding) -> tuple[Stage, ...]:
        """Put a line buffer before it, which sends all taps of some lanes, then of the next."""
        name = f"{name}_window"
        if folding.window is not None:
            return (patches(self.node, name, reads[0]),)
        channels = self.node.output.type.shape[0]
        return (line_buffer(self.node, name, reads[0], channels // folding.simd),)
