"""Another number of lanes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd
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
class Resize(Stage):
    """Another number of lanes for the same elements."""

    kind: ClassVar[str] = "resize"
    carries: ClassVar[bool] = True

    @property
    def last_push(self) -> int:
        """Elements the last beat of a frame adds: what is left of it, and what fills the last
        output beat.
        """
        return self.output.beats * self.output.lanes - (self.input.beats - 1) * self.input.lanes

    @property
    def limit(self) -> int:
        """Elements held up to which a beat is taken: enough that the busier side never waits.

        Narrow beats may leave two output beats behind, as they fill the frame's last one: were none
        taken then, too few were held when those have left.
        """
        ins, outs = self.input.lanes, self.output.lanes
        if self.input.beats == 1 or outs % ins == 0:
            return outs
        return 2 * outs if ins < outs else 2 * outs - self.grain

    @property
    def grain(self) -> int:
        """Elements that always move together."""
        return gcd(self.input.lanes, self.output.lanes, self.last_push)

    @property
    def lag(self) -> int:
        return -(-self.output.lanes // self.input.lanes)

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        elements = np.minimum((beat + 1) * self.output.lanes, self.output.elements)
        return (-(-elements // self.input.lanes),)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        return beat * self.input.lanes // self.output.lanes

    @property
    def paths(self) -> tuple[Path, ...]:
        fewer, more = sorted((self.input.lanes, self.output.lanes))
        return (Path(levels=2 if more % fewer == 0 else 4),)  # else elements come to any place

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        """Estimate a choice for each unit held, from those of a beat that may enter there and the
        one that moves up. What enters many places one by one needs no more than the registers'
        enables.
        """
        unit = self.grain * self.input.dtype.wordlength
        ins, outs = self.input.lanes // self.grain, self.output.lanes // self.grain
        limit = self.limit // self.grain
        held = limit + ins
        sources = [min(u + 1, ins, limit + 1, held - u) + (u + outs < held) for u in range(held)]
        alone = 0 if ins == 1 and outs > 2 else 1
        choices = sum(alone if n == 1 else 1 if n <= 3 else 0.57 * n for n in sources)
        level = (limit + max(ins, self.last_push // self.grain)).bit_length()
        beat = counter_bits(self.input.beats) if self.last_push != self.input.lanes else 0
        return Resources(
            luts=int(unit * choices) + limit + 1 + 3 * level + beat,
            flip_flops=unit * held + level + beat,
        )


def resized(
    stream: Stream, lanes: int, name: str, source: str, suffix: str = ""
) -> tuple[Resize, ...]:
    """Make what gives a stream another number of lanes; nothing where it is the same.

    Args:
        stream: that is read.
        lanes: that are wanted.
        name: after which the stage is named, and its result.
        source: the layer.
        suffix: behind the stage's name, where there are several.
    """
    if stream.lanes == lanes:
        return ()
    name = f"{name}_resize{suffix}"
    return (Resize(name, source, stream, replace(stream, name=f"{name}_out", lanes=lanes)),)
