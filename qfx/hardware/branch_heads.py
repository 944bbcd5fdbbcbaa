"""The heads of sections in which two streams meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import gcd, prod

from qfx.hardware.branch_stages import Concatenate, Meeting, Merge
from qfx.hardware.folding import Folding
from qfx.hardware.multipliers import Multiplier, Multipliers, of_streams
from qfx.hardware.stream import Stream, divisors
from qfx.ir import Node
from qfx.ops import Concat, Multiply


@dataclass(frozen=True)
class Joining:
    """A sum, a product or a concatenation of two streams; what is to be chosen is its lanes.

    Args:
        node: whose op it is.
        multipliers: what is asked for; "none" cannot be, for a product.
        pixels: of a frame, each of which a concatenation takes from both; 1 for all else.
    """

    node: Node
    multipliers: Multipliers
    pixels: int

    @property
    def elements(self) -> int:
        """Of the first stream that `fold` reads, per frame."""
        return prod(self.node.inputs[0].type.shape)

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        """Every folding and the cycles it takes."""
        elements = prod(self.node.output.type.shape)
        for lanes in divisors(self._common):
            yield Folding(lanes, lanes, self._multiplier), elements // lanes

    @property
    def _common(self) -> int:
        """What the lanes must divide: of images the channels of both."""
        shapes = [value.type.shape for value in self.node.inputs]
        if isinstance(self.node.op, Concat):
            return gcd(*(prod(shape) // self.pixels for shape in shapes))
        return shapes[0][0] if shapes[0] else 1

    def fold(self, reads: Stream, folding: Folding) -> Meeting:
        """The stage so folded, reading the elements of `reads` and as many of the other operand as
        that has.
        """
        other = self.node.inputs[1]
        second = Stream("second", other.dtype, prod(other.type.shape), folding.simd)
        return self.join(reads, second, folding)

    def join(self, first: Stream, second: Stream, folding: Folding) -> Meeting:
        """The stage so folded, reading these streams."""
        op, output = self.node.op, self.node.output
        sent = Stream(f"{output.name}_out", output.dtype, prod(output.type.shape), folding.pe)
        first, second = (replace(stream, lanes=folding.simd) for stream in (first, second))
        known = (output.name, self.node.source, first, sent, second)
        if isinstance(op, Concat):
            return Concatenate(*known, self.pixels)
        if isinstance(op, Multiply):
            return Merge(*known, "multiply", folding.multiplier or self._multiplier)
        return Merge(*known, "add", None)

    def window(self, reads: Stream, name: str) -> None:
        """It needs no line buffer."""

    @property
    def _multiplier(self) -> Multiplier | None:
        if not isinstance(self.node.op, Multiply):
            return None
        left, right = (value.dtype.wordlength for value in self.node.inputs)
        return of_streams(self.multipliers, left, right)
