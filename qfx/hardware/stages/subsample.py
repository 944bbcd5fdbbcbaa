"""The columns that a stride meets: what a convolution of single pixels reads of an image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint.array import Integers
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.formulas import counter_bits
from qfx.hardware.paths import Path
from qfx.hardware.stage import Language, Stage
from qfx.hardware.stream import Stream


@dataclass(frozen=True)
class Subsample(Stage):
    """Every so-many-th pixel of each row, from the first on; the others are dropped as they come,
    so that nothing is held.

    Args:
        width: columns of the image that comes in.
        stride: how many columns from one that is met to the next.
        pixel_beats: beats of one pixel, all its channels.
    """

    kind: ClassVar[str] = "subsample"
    width: int
    stride: int
    pixel_beats: int

    @property
    def columns(self) -> int:
        """How many of a row are met."""
        return -(-self.width // self.stride)

    def passed_on(self, elements: Integers) -> Integers:
        rows = elements.reshape(-1, self.width, self.pixel_beats * self.input.lanes)
        return rows[:, :: self.stride].reshape(len(elements), -1)

    def accepted(self, given: Integers, language: Language = "verilog") -> tuple[Integers, ...]:
        if language == "vitis":
            return super().accepted(given, language)
        # One waits in the register, and what is dropped behind it is taken, too.
        return tuple(needed - 1 for needed in self.needed(given + 2))

    def _freeing(self, read: Stream, taken: Integers, language: Language) -> Integers:
        if language == "vitis":
            return super()._freeing(read, taken, language)
        return super()._freeing(read, taken + 1, language) - 1

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        pixel, part = np.divmod(beat, self.pixel_beats)
        row, column = np.divmod(pixel, self.columns)
        place = row * self.width + column * self.stride
        return (place * self.pixel_beats + part + 1,)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        pixel, part = np.divmod(beat, self.pixel_beats)
        row, column = np.divmod(pixel, self.width)
        pixels = row * self.columns - (-column // self.stride)
        given: Integers = pixels * self.pixel_beats + np.where(column % self.stride == 0, part, 0)
        return given

    @property
    def paths(self) -> tuple[Path, ...]:
        return (Path(levels=3),)

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        """Estimate the beat that waits, and counters of beats, columns, and what is between two
        that are met.
        """
        bits = sum(map(counter_bits, (self.pixel_beats, self.width, self.stride)))
        return Resources(luts=int(1.2 * bits) + 5, flip_flops=self.input.bits + bits + 2)


def subsample(
    name: str, source: str, reads: Stream, shape: tuple[int, ...], stride: int
) -> Subsample:
    """Make the stage that passes on what a stride meets.

    Args:
        name, source: as for Stage.
        reads: the image.
        shape: of it: (channels, height, width).
        stride: of the columns; all rows are met.
    """
    channels, height, width = shape
    elements = channels * height * -(-width // stride)
    output = replace(reads, name=f"{name}_out", elements=elements)
    return Subsample(name, source, reads, output, width, stride, channels // reads.lanes)
