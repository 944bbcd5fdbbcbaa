"""Concatenation of the channels of two streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import gcd, prod
from typing import ClassVar

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint.array import Integers
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.folding import Folding
from qfx.hardware.formulas import counter_bits
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.paths import Path
from qfx.hardware.stage import Language
from qfx.hardware.stages.join import Join, JoinHead
from qfx.hardware.stream import Order, Stream, stream_order
from qfx.ir import Node
from qfx.ops import Concat, Op


@dataclass(frozen=True)
class Concatenate(Join):
    """The channels of two streams: of each pixel those of the first, then those of the second.

    Args:
        pixels: of a frame.
    """

    kind: ClassVar[str] = "concat"
    computes: ClassVar[tuple[type[Op], ...]] = (Concat,)
    pixels: int

    @classmethod
    def head(cls, node: Node, orders: list[Order], multipliers: Multipliers) -> ConcatenateHead:
        return ConcatenateHead(node, _pixels(node, orders))

    @classmethod
    def order(cls, node: Node, orders: list[Order]) -> Order:
        """Say in which order: where both are images, that of an image; else one operand's elements
        before the other's.
        """
        if _pixels(node, orders) > 1:
            return stream_order(node.output.type.shape)
        return np.concatenate([orders[0], orders[1] + len(orders[0])])

    @property
    def pixel_beats(self) -> tuple[int, int]:
        """Beats of one pixel on either stream."""
        return self.input.beats // self.pixels, self.second.beats // self.pixels

    def waiting(self, read: Stream, interval: int) -> int:
        """Count what neither side need stop for while the other one's beats pass.

        The side that is smaller waits as a whole for its turn, which then takes one cycle a beat;
        the other one waits with what comes in that time.
        """
        own, other = self.pixel_beats
        bits = [own * self.input.bits, other * self.second.bits]
        smaller = self.input if bits[0] <= bits[1] else self.second
        if read.name == smaller.name:
            return own if smaller is self.input else other
        return -(-own * other * self.pixels // interval)

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        (a, b), pixel = self.pixel_beats, beat // sum(self.pixel_beats)
        within = beat % (a + b) + 1
        return pixel * a + np.minimum(within, a), pixel * b + np.maximum(within - a, 0)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        a, b = self.pixel_beats
        own, before = (a, 0) if read.name == self.input.name else (b, a)
        return beat // own * (a + b) + before + beat % own

    @property
    def paths(self) -> tuple[Path, ...]:
        return (Path(levels=2),)

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        beat, bits = counter_bits(sum(self.pixel_beats)), self.output.bits
        return Resources(luts=bits + 2 * beat + 2, flip_flops=bits + beat + 1)


@dataclass(frozen=True)
class ConcatenateHead(JoinHead):
    """A concatenation of two streams.

    Args:
        node: whose op it is.
        pixels: of a frame, each of which it takes from both.
    """

    pixels: int

    @property
    def common(self) -> int:
        shapes = [value.type.shape for value in self.node.inputs]
        return gcd(*(prod(shape) // self.pixels for shape in shapes))

    def fold(self, reads: Sequence[Stream], folding: Folding) -> Concatenate:
        first, second = (replace(stream, lanes=folding.simd) for stream in reads)
        return Concatenate(
            name=self.node.output.name,
            source=self.node.source,
            input=first,
            output=self.result(folding.pe),
            second=second,
            pixels=self.pixels,
        )


def _pixels(node: Node, orders: list[Order]) -> int:
    """Say how often a concatenation goes from its first operand to the second, per frame: at every
    pixel of images, else once.
    """
    shapes = [value.type.shape for value in node.inputs]
    pairs = zip(orders, shapes, strict=True)
    by_pixel = all((order == stream_order(shape)).all() for order, shape in pairs)
    return prod(shapes[0][1:]) if by_pixel else 1
