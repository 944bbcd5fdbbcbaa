"""The heads of sections that only move pixels: padding and upsampling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

from qfx.hardware.folding import Folding
from qfx.hardware.stages import Repeat, Window
from qfx.hardware.stream import Stream, divisors
from qfx.ir import Node
from qfx.ops import Pad, Upsample


@dataclass(frozen=True)
class Moving:
    """A padding or an upsampling; what is to be chosen is its number of lanes, the same in and out.

    Args:
        node: whose op it is.
    """

    node: Node

    @property
    def elements(self) -> int:
        """Of the stream that `fold` reads, per frame."""
        return prod(self.node.inputs[0].type.shape)

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        """Every folding and the cycles it takes."""
        beats = max(self.elements, prod(self.node.output.type.shape))
        for lanes in divisors(self.node.output.type.shape[0]):
            yield Folding(lanes, lanes), beats // lanes

    def fold(self, reads: Stream, folding: Folding) -> Window | Repeat:
        """The stage so folded, reading the elements of `reads`."""
        op, output = self.node.op, self.node.output
        channels, height, width = self.node.inputs[0].type.shape
        shape, given = (channels, height, width), replace(reads, lanes=folding.simd)
        sent = Stream(f"{output.name}_out", output.dtype, prod(output.type.shape), folding.pe)
        if isinstance(op, Upsample):
            return Repeat(output.name, self.node.source, given, sent, shape, op.factor)
        assert isinstance(op, Pad)
        return Window(
            name=output.name,
            source=self.node.source,
            input=given,
            output=sent,
            shape=shape,
            out_size=(height + sum(op.rows), width + sum(op.columns)),
            kernel=(1, 1),
            stride=(1, 1),
            padding=(op.rows[0], op.columns[0]),
            groups=1,
        )

    def window(self, reads: Stream, name: str) -> None:
        """It is one itself, or needs none."""
