"""Embedding: rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.hardware import memory
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.folding import Folding
from qfx.hardware.formulas import counter_bits
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.paths import Path
from qfx.hardware.stage import Head, Language, Stage
from qfx.hardware.stages.operands import require_in_order
from qfx.hardware.stream import Order, Stream, divisors
from qfx.ir import Node
from qfx.ops import Embedding, Op


@dataclass(frozen=True)
class Embed(Stage):
    """Rows of a table: a row number in, its row out, `pe` elements at a time.

    Args:
        table: (rows, elements of a row), as far as rows can be reached.
    """

    kind: ClassVar[str] = "embed"
    computes: ClassVar[tuple[type[Op], ...]] = (Embedding,)
    folded: ClassVar[bool] = True
    holds: ClassVar[str] = "tables"
    table: FixedPointArray

    @classmethod
    def head(cls, node: Node, orders: list[Order], multipliers: Multipliers) -> EmbedHead:
        require_in_order(
            node,
            orders[0],
            "an embedding of a flattened image would give its rows in the order of the stream: feed"
            " it a vector",
        )
        return EmbedHead(node)

    @property
    def pe(self) -> int:
        return self.output.lanes

    @property
    def row_beats(self) -> int:
        """Beats of one row."""
        return self.table.shape[1] // self.pe

    @property
    def words(self) -> int:
        """Of the ROM: the beats of all rows, one row after the other."""
        return self.table.shape[0] * self.row_beats

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        return (beat // self.row_beats + 1,)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        return beat * self.row_beats

    @property
    def paths(self) -> tuple[Path, ...]:
        return (Path(levels=3), Path(levels=1, from_block=self.estimate().bram_18k > 0))

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        beats = self.table.integers.reshape(self.words, self.pe)
        varying = memory.varying_bits(beats, self.table.dtype.wordlength)
        ones = self.row_beats.bit_count()  # a row number times their sum, and the beat
        adders = 0 if ones == 1 else ones * counter_bits(self.words)
        others = Resources(luts=adders + 6, flip_flops=1 + counter_bits(self.row_beats))
        return memory.rom(self.words, self.output.bits, varying) + others


@dataclass(frozen=True)
class EmbedHead(Head):
    """An embedding; what is to be chosen is how much of a row leaves a cycle.

    Args:
        node: whose op it is.
    """

    @property
    def op(self) -> Embedding:
        assert isinstance(self.node.op, Embedding)
        return self.node.op

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        features = self.op.table.shape[1]
        for pe in divisors(features):
            yield Folding(pe, 1), self.elements * (features // pe)

    def fold(self, reads: Sequence[Stream], folding: Folding) -> Embed:
        output, reached = self.node.output, self.node.inputs[0].type.interval
        rows = self.op.table.integers[: reached.high + 1]
        kept = np.where(np.arange(len(rows))[:, None] < reached.low, 0, rows)
        return Embed(
            name=output.name,
            source=self.node.source,
            input=replace(reads[0], lanes=folding.simd),
            output=self.result(folding.pe),
            table=FixedPointArray(kept, output.dtype),
        )
