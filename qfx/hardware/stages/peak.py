"""Global max pooling: the largest of each channel of an image."""

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
from qfx.hardware.stage import ChannelsHead, Language, Stage
from qfx.hardware.stages.operands import require_image
from qfx.hardware.stream import Order, Stream
from qfx.ir import Node
from qfx.ops import GlobalMax, Op


@dataclass(frozen=True)
class Peak(Stage):
    """The largest of each channel of an image so far: one pixel is held, and the last one leaves.

    Args:
        pixels: of a frame.
    """

    kind: ClassVar[str] = "peak"
    computes: ClassVar[tuple[type[Op], ...]] = (GlobalMax,)
    folded: ClassVar[bool] = True
    pixels: int

    @classmethod
    def head(cls, node: Node, orders: list[Order], multipliers: Multipliers) -> PeakHead:
        require_image(node, orders[0])
        return PeakHead(node)

    @property
    def pixel_beats(self) -> int:
        """Beats of one pixel, all its channels."""
        return self.output.beats

    @property
    def _unanswered(self) -> int:
        """Beats of a frame before those of its last pixel."""
        return (self.pixels - 1) * self.pixel_beats

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        return (self._unanswered + beat + 1,)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        return np.maximum(beat - self._unanswered, 0)

    @property
    def paths(self) -> tuple[Path, ...]:
        return (Path(levels=3, chains=1, carries=self.output.dtype.wordlength),)

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        """Estimate a comparison and a choice on each lane, a beat and a pixel; and the pixel held,
        but that of a single beat is the output's register.
        """
        beat, pixel = counter_bits(self.pixel_beats), counter_bits(self.pixels)
        registers = self.output.bits + pixel + 1
        if self.pixels == 1:  # nothing is compared, nor held
            return Resources(luts=4 + beat, flip_flops=registers + beat)
        each = 9 * self.input.dtype.wordlength // 4
        others = Resources(
            luts=self.input.lanes * each + 4 + beat + pixel, flip_flops=registers + 2 * beat
        )
        if self.pixel_beats == 1:
            return others
        return memory.ram(self.pixel_beats, self.input.bits, "distributed", fabric) + others


@dataclass(frozen=True)
class PeakHead(ChannelsHead):
    """A global max pooling.

    Args:
        node: whose op it is.
    """

    def fold(self, reads: Sequence[Stream], folding: Folding) -> Peak:
        channels = self.node.output.type.shape[0]
        return Peak(
            name=self.node.output.name,
            source=self.node.source,
            input=replace(reads[0], lanes=folding.simd),
            output=self.result(folding.pe),
            pixels=self.elements // channels,
        )
