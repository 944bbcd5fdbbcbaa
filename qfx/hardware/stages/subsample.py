"""The pixels that a stride meets: what a convolution of single pixels reads of an image."""

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
    """Every so-many-th pixel of every so-many-th row, from the first on; the others are dropped as
    they come, so that nothing is held.

    Args:
        shape: (channels, height, width) of the image that comes in.
        stride: (height, width).
    """

    kind: ClassVar[str] = "subsample"
    shape: tuple[int, int, int]
    stride: tuple[int, int]

    @property
    def pixel_beats(self) -> int:
        """Beats of one pixel, all its channels."""
        return self.shape[0] // self.input.lanes

    def passed_on(self, elements: Integers) -> Integers:
        channels, height, width = self.shape
        down, right = self.stride
        image = elements.reshape(-1, height, width, channels)
        return image[:, ::down, ::right].reshape(len(image), -1)

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
        columns = -(-self.shape[2] // self.stride[1])
        pixel, part = np.divmod(beat, self.pixel_beats)
        row, column = np.divmod(pixel, columns)
        place = row * self.stride[0] * self.shape[2] + column * self.stride[1]
        return (place * self.pixel_beats + part + 1,)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        (_, _, width), (down, right) = self.shape, self.stride
        columns = -(-width // right)
        pixel, part = np.divmod(beat, self.pixel_beats)
        row, column = np.divmod(pixel, width)
        of_row = np.where(row % down == 0, -(-column // right), columns)
        met = (row % down == 0) & (column % right == 0)
        pixels = -(-row // down) * columns + np.where(row % down == 0, of_row, 0)
        given: Integers = pixels * self.pixel_beats + np.where(met, part, 0)
        return given

    @property
    def paths(self) -> tuple[Path, ...]:
        return (Path(levels=3),)

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        """Estimate the beat that waits, and counters of beats, columns, and what is between two
        that are met; of rows, where the stride does not end with the image.
        """
        _, height, width = self.shape
        counts = [self.pixel_beats, width, *self.stride]
        counts += [height] if height % self.stride[0] else []
        bits = sum(map(counter_bits, counts))
        return Resources(luts=int(1.2 * bits) + 5, flip_flops=self.input.bits + bits + 2)


def subsample(
    name: str, source: str, reads: Stream, shape: tuple[int, ...], stride: tuple[int, int]
) -> Subsample:
    """Make the stage that passes on what a stride meets.

    Args:
        name, source: as for Stage.
        reads: the image.
        shape: of it: (channels, height, width).
        stride: (height, width).
    """
    channels, height, width = shape
    elements = channels * -(-height // stride[0]) * -(-width // stride[1])
    output = replace(reads, name=f"{name}_out", elements=elements)
    return Subsample(name, source, reads, output, (channels, height, width), stride)
