"""The stage of element-wise ops, and what its products by constants are built of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qfx.fixedpoint import FixedPointType, Interval
from qfx.fixedpoint.array import Integers
from qfx.hardware.memory import Style, memory_of
from qfx.hardware.multipliers import Multiplier
from qfx.hardware.shift_add import Terms
from qfx.hardware.stage import Stage
from qfx.ir import Value
from qfx.ops import ConstantOp, Lookup, MultiplyConstant, Op, PRelu, TensorType


@dataclass(frozen=True)
class Step:
    """One element-wise op of a map; its constants are one period, in the order of the stream."""

    op: Op
    operand: TensorType
    result: Value

    @property
    def multiplies(self) -> bool:
        """Whether it is a product by constants."""
        return isinstance(self.op, (MultiplyConstant, PRelu))

    @property
    def operand_bits(self) -> int:
        """Of the operand as a signed number."""
        held = FixedPointType.holding(self.operand.interval, 0)
        return held.wordlength + (not held.signed)

    def table_words(self) -> list[int]:
        """The table of a lookup, found by the bits of the operand; zero where none is met."""
        assert isinstance(self.op, Lookup)
        words = [0] * (1 << self.operand_bits)
        met = self.operand.interval
        for x in range(met.low, met.high + 1):  # a negative one counts from the end
            words[x] = int(self.op.table.integers[x - self.op.first])
        return words


@dataclass(frozen=True)
class Map(Stage):
    """A chain of element-wise ops on every lane.

    Args:
        steps: in order.
        period: beats after which per-element constants repeat.
        multiplier: what the products are asked to be built of; None where there are none.
    """

    kind: ClassVar[str] = "map"
    steps: tuple[Step, ...]
    period: int
    multiplier: Multiplier | None

    @property
    def products(self) -> list[Step]:
        """The steps that are products."""
        return [step for step in self.steps if step.multiplies]

    def constants(self, step: Step) -> Integers:
        """(beats, lanes): the constants of a step for one period; one beat where all are the same,
        which are wires then, else a ROM. Lanes beyond the frame's last element have some too.
        """
        assert isinstance(step.op, ConstantOp)
        rows = np.resize(step.op.constant.integers, (self.period, self.input.lanes))
        return rows[:1] if (rows == rows[0]).all() else rows

    def constant_bits(self, step: Step) -> int:
        """Of the integers of a step's constants."""
        return self._held(step).wordlength

    def kept_bits(self, step: Step) -> int:
        """Of one constant of a step as the Verilog keeps it: its terms, or a signed number."""
        if step.multiplies and self.multiplier == "shift_add":
            return self.terms(step).word_bits
        held = self._held(step)
        return held.wordlength + (not held.signed)

    def constants_style(self, step: Step) -> Style:
        """Where the constants of a step go that differ from beat to beat."""
        return memory_of(len(self.constants(step)), self.input.lanes * self.kept_bits(step))

    def table_style(self, step: Step) -> Style:
        """Where the table of a lookup goes; only before the stage's own register it may be in block
        RAM.
        """
        if step is not self.steps[-1]:
            return "distributed"
        return memory_of(1 << step.operand_bits, self.output.dtype.wordlength)

    def terms(self, step: Step) -> Terms:
        """(beats, lanes, terms): the constants of a step as sums of shifts. From a ROM each has as
        many terms as any; of wires, what is absent costs nothing.
        """
        rows = self.constants(step)
        return Terms.of(rows, filled=len(rows) > 1)

    def _held(self, step: Step) -> FixedPointType:
        """The narrowest type of the integers of a step's constants."""
        rows = self.constants(step)
        return FixedPointType.holding(Interval(int(rows.min()), int(rows.max())), 0)
