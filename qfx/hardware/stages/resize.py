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
    """Another number of lanes for the same elements.

    Args:
        parts: of a frame, each of which begins in a beat of its own; where there are several, what
            lacks in the last beat of each is zeros, which are elements of the output.
    """

    parts: int = 1
    kind: ClassVar[str] = "resize"
    carries: ClassVar[bool] = True

    @property
    def last_push(self) -> int:
        """Elements the last beat of a frame adds: what is left of it, and what fills the last
        output beat.
        """
        return self._leave * self.output.lanes - (self._enter - 1) * self.input.lanes

    @property
    def _enter(self) -> int:
        """Beats in which a part comes."""
        return self.input.beats // self.parts

    @property
    def _leave(self) -> int:
        """Beats in which a part leaves."""
        return self.output.beats // self.parts

    @property
    def limit(self) -> int:
        """Elements held up to which a beat is taken: enough that the busier side never waits.

        Narrow beats may leave two output beats behind, as they fill the frame's last one: were none
        taken then, too few were held when those have left.
        """
        ins, outs = self.input.lanes, self.output.lanes
        if self.grain == outs:  # taken while the last of them leaves
            return 0
        if self._enter == 1 or outs % ins == 0:
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
        part, within = np.divmod(beat, self._leave)
        elements = np.minimum((within + 1) * self.output.lanes, self.input.elements // self.parts)
        return (part * self._enter - (-elements // self.input.lanes),)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        part, within = np.divmod(beat, self._enter)
        before: Integers = part * self._leave + within * self.input.lanes // self.output.lanes
        return before

    def passed_on(self, elements: Integers) -> Integers:
        samples = elements.reshape(len(elements), self.parts, -1)
        lacking = self.output.elements // self.parts - samples.shape[2]
        whole: Integers = np.pad(samples, ((0, 0), (0, 0), (0, lacking)))
        return whole.reshape(len(elements), -1)

    @property
    def paths(self) -> tuple[Path, ...]:
        fewer, more = sorted((self.input.lanes, self.output.lanes))
        # what moves, and where to; elements that come to any place pass more choices
        return (Path(levels=4 if more % fewer == 0 else 5),)

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
        if not limit:  # what leaves last is what came last
            choices -= outs
        level = (limit + max(ins, self.last_push // self.grain)).bit_length()
        beat = counter_bits(self._enter) if self.last_push != self.input.lanes else 0
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


def filled(stream: Stream, parts: int, lanes: int, name: str, source: str) -> Resize:
    """Make what sends each part of a frame over so many lanes that do not divide it, the last beat
    of each filled up with zeros.

    Args:
        stream: that is read, whose lanes divide a part.
        parts: of a frame.
        lanes: that are wanted.
        name: after which the stage is named.
        source: the layer.
    """
    beats = -(-(stream.elements // parts) // lanes)
    name = f"{name}_fill"
    output = replace(stream, name=f"{name}_out", elements=parts * beats * lanes, lanes=lanes)
    return Resize(name, source, stream, output, parts)
