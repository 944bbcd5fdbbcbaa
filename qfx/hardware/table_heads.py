"""Heads of sections that look constants up in tables: how they fold, and the stages they become."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from qfx.fixedpoint import FixedPointArray
from qfx.hardware.folding import Folding
from qfx.hardware.multipliers import Multiplier, Multipliers, of_streams
from qfx.hardware.stream import Stream, divisors
from qfx.hardware.table_stages import Embed, SoftmaxStage
from qfx.ir import Node
from qfx.ops import Embedding, Softmax


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

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        """Every folding and the cycles it takes."""
        features = self.op.table.shape[1]
        for pe in divisors(features):
            yield Folding(pe, 1), self.elements * (features // pe)

    def fold(self, reads: Stream, folding: Folding) -> Embed:
        """The stage so folded, reading the elements of `reads`."""
        output, reached = self.node.output, self.node.inputs[0].type.interval
        rows = self.op.table.integers[: reached.high + 1]
        kept = np.where(np.arange(len(rows))[:, None] < reached.low, 0, rows)
        return Embed(
            name=output.name,
            source=self.node.source,
            input=replace(reads, lanes=folding.simd),
            output=Stream(f"{output.name}_out", output.dtype, prod(output.type.shape), folding.pe),
            table=FixedPointArray(kept, output.dtype),
        )

    def window(self, reads: Stream, name: str) -> None:
        """It needs no line buffer."""


@dataclass(frozen=True)
class Softening:
    """A softmax; it takes one element a cycle.

    Args:
        node: whose op it is.
        multipliers: what is asked for; "none" cannot be.
    """

    node: Node
    multipliers: Multipliers

    @property
    def op(self) -> Softmax:
        assert isinstance(self.node.op, Softmax)
        return self.node.op

    @property
    def elements(self) -> int:
        """Of the stream that `fold` reads, per frame."""
        return self.node.inputs[0].type.shape[0]

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        """The only folding and the cycles it takes."""
        reads = Stream("", self.node.inputs[0].dtype, self.elements, 1)
        folding = Folding(1, 1, self._multiplier)
        yield folding, self.fold(reads, folding).cycles

    def fold(self, reads: Stream, folding: Folding) -> SoftmaxStage:
        """The stage so folded, reading the elements of `reads`."""
        output, reached = self.node.output, self.node.inputs[0].type.interval
        exponentials, reciprocals = self.op.exponentials, self.op.reciprocals
        kept = exponentials.integers[: reached.high - reached.low + 1]
        return SoftmaxStage(
            name=output.name,
            source=self.node.source,
            input=replace(reads, lanes=folding.simd),
            output=Stream(f"{output.name}_out", output.dtype, self.elements, folding.pe),
            exponentials=FixedPointArray(kept, exponentials.dtype),
            reciprocals=reciprocals,
            multiplier=folding.multiplier or self._multiplier,
        )

    def window(self, reads: Stream, name: str) -> None:
        """It needs no line buffer."""

    @property
    def _multiplier(self) -> Multiplier:
        bits = self.op.exponentials.dtype.wordlength, self.op.reciprocals.dtype.wordlength
        return of_streams(self.multipliers, *bits)
