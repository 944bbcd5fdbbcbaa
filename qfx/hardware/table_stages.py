"""Stages that look constants up in tables of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qfx.fixedpoint import FixedPointArray
from qfx.hardware.stage import Stage


@dataclass(frozen=True)
class Embed(Stage):
    """Rows of a table: a row number in, its row out, `pe` elements at a time.

    Args:
        table: (rows, elements of a row), as far as rows can be reached.
    """

    kind: ClassVar[str] = "embed"
    table: FixedPointArray

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
