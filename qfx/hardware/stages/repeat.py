"""Upsampling: each pixel of an image some times, and each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint.array import Integers
from qfx.hardware import memory
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.folding import Folding
from qfx.hardware.formulas import counter_bits
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.paths import Path
from qfx.hardware.stage import ChannelsHead
from qfx.hardware.stages.operands import require_image
from qfx.hardware.stages.rows import RowBuffer
from qfx.hardware.stream import Order, Stream
from qfx.ir import Node
from qfx.ops import Op, Upsample


@dataclass(frozen=True)
class Repeat(RowBuffer):
    """Each pixel of an image some times, and each row.

    Args:
        factor: how often each row, and each column, leaves.
    """

    kind: ClassVar[str] = "repeat"
    computes: ClassVar[tuple[type[Op], ...]] = (Upsample,)
    folded: ClassVar[bool] = True
    factor: tuple[int, int]

    @classmethod
    def head(cls, node: Node, orders: list[Order], multipliers: Multipliers) -> RepeatHead:
        require_image(node, orders[0])
        return RepeatHead(node)

    @property
    def places(self) -> int:
        return 2 * self.shape[2] * self.pixel_beats  # two rows

    def _whole_rows(self) -> Integers:
        _, height, width = self.shape
        return np.arange(1, height + 1) * width * self.pixel_beats

    def _needed_in_rtl(self, beat: Integers) -> Integers:
        """Count so that a row leaves behind its own pixels, then again; and a pixel likewise."""
        width, beats = self.shape[2], self.pixel_beats
        row, within = np.divmod(beat, width * self.factor[1] * beats)
        row, again = np.divmod(row, self.factor[0])
        pixel, within = np.divmod(within, self.factor[1] * beats)
        taken = (row * width + pixel) * beats + np.minimum(within + 1, beats)
        result: Integers = np.where(again > 0, (row + 1) * width * beats, taken)
        return result

    def _before(self, read: Stream, beat: Integers) -> Integers:
        row, within = np.divmod(beat, self.shape[2] * self.pixel_beats)
        pixel, rest = np.divmod(within, self.pixel_beats)
        finer = self.shape[2] * self.factor[1] * self.pixel_beats
        before: Integers = (
            row * self.factor[0] * finer + pixel * self.factor[1] * self.pixel_beats + rest
        )
        return before

    @property
    def paths(self) -> tuple[Path, ...]:
        return (Path(levels=3, chains=1), Path(levels=1, from_block=self.estimate().bram_18k > 0))

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        address, bits = counter_bits(self.places), self.input.bits
        in_luts = memory.memory_of(self.places, bits) == "distributed"
        others = Resources(luts=30 + 5 * address, flip_flops=4 * address + 16 + bits * in_luts)
        return memory.ram(self.places, bits, None, fabric) + others


@dataclass(frozen=True)
class RepeatHead(ChannelsHead):
    """An upsampling.

    Args:
        node: whose op it is.
    """

    def fold(self, reads: Sequence[Stream], folding: Folding) -> Repeat:
        assert isinstance(self.node.op, Upsample)
        channels, height, width = self.node.inputs[0].type.shape
        return Repeat(
            name=self.node.output.name,
            source=self.node.source,
            input=replace(reads[0], lanes=folding.simd),
            output=self.result(folding.pe),
            shape=(channels, height, width),
            factor=self.node.op.factor,
        )
