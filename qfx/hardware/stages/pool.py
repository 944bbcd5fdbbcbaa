"""Max pooling: the largest of each patch."""

from __future__ import annotations

from collections.abc import Sequence
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
from qfx.hardware.stages.window import line_buffer
from qfx.hardware.stream import Order, Stream
from qfx.ir import Node
from qfx.ops import MaxPool2d, Op


@dataclass(frozen=True)
class Pool(Stage):
    """The largest of the beats of each patch, lane by lane, behind a line buffer.

    Args:
        taps: beats a patch has for each lane.
    """

    kind: ClassVar[str] = "pool"
    computes: ClassVar[tuple[type[Op], ...]] = (MaxPool2d,)
    folded: ClassVar[bool] = True
    taps: int

    @classmethod
    def head(cls, node: Node, orders: list[Order], multipliers: Multipliers) -> PoolHead:
        require_image(node, orders[0])
        return PoolHead(node)

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        return ((beat + 1) * self.taps,)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        return beat // self.taps

    @property
    def paths(self) -> tuple[Path, ...]:
        return (Path(levels=1, chains=1, carries=self.output.dtype.wordlength),)

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        bits, tap = self.input.dtype.wordlength, counter_bits(self.taps)
        comparison = max(1, (5 * bits - 12) // 4) if self.taps > 1 else 0
        return Resources(
            luts=self.input.lanes * comparison + 2 + tap, flip_flops=self.output.bits + tap + 1
        )


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

    def fold(self, reads: Sequence[Stream], folding: Folding) -> Pool:
        return Pool(
            name=self.node.output.name,
            source=self.node.source,
            input=replace(reads[0], lanes=folding.simd),
            output=self.result(folding.pe),
            taps=prod(self.op.kernel),
        )

    def stages(self, name: str, reads: Sequence[Stream], folding: Folding) -> Sequence[Stage]:
        """Put a line buffer before it, which sends all taps of some lanes, then of the next."""
        channels = self.node.output.type.shape[0]
        window = line_buffer(self.node, f"{name}_window", reads[0], channels // folding.simd)
        return window, self.fold([window.output], folding)
