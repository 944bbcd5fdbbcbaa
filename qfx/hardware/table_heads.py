"""Heads of sections that look constants up in tables: how they fold, and the stages they become."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from qfx.fixedpoint import FixedPointArray
from qfx.hardware.stream import Stream, divisors
from qfx.hardware.table_stages import Embed
from qfx.ir import Node
from qfx.ops import Embedding


@dataclass(frozen=True)
class RowLookup:
    """An embedding; what is to be chosen is how much of a row leaves a cycle.

    Args:
        node: whose op it is.
    """

    node: Node

    @property
    def op(self) -> Embedding:
        assert isinstance(self.node.op, Embedding)
        return self.node.op

    @property
    def elements(self) -> int:
        """Of the stream that `fold` reads, per frame."""
        return self.node.inputs[0].type.shape[0]

    def foldings(self) -> Iterator[tuple[int, int, int]]:
        """Every (pe, 1) and the cycles it takes."""
        features = self.op.table.shape[1]
        for pe in divisors(features):
            yield pe, 1, self.elements * (features // pe)

    def fold(self, reads: Stream, pe: int, simd: int) -> Embed:
        """The stage with so many lanes, reading the elements of `reads`."""
        output, reached = self.node.output, self.node.inputs[0].type.interval
        rows = self.op.table.integers[: reached.high + 1]
        kept = np.where(np.arange(len(rows))[:, None] < reached.low, 0, rows)
        return Embed(
            name=output.name,
            source=self.node.source,
            input=replace(reads, lanes=simd),
            output=Stream(f"{output.name}_out", output.dtype, prod(output.type.shape), pe),
            table=FixedPointArray(kept, output.dtype),
        )

    def window(self, reads: Stream, name: str) -> None:
        """It needs no line buffer."""
