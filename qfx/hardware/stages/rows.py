"""What the stages that hold rows of an image have in common."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.hardware.stage import Language, Stage
from qfx.hardware.stream import Stream


@dataclass(frozen=True)
class RowBuffer(Stage):
    """A stage that holds rows of an image, and in C++ sends nothing of a row before it is whole.

    Args:
        shape: (channels, height, width) of the image that comes in.
    """

    holds: ClassVar[str] = "line buffers"
    shape: tuple[int, int, int]

    @property
    def pixel_beats(self) -> int:
        """Beats of one pixel, all its channels."""
        return self.shape[0] // self.input.lanes

    @property
    @abstractmethod
    def places(self) -> int:
        """Beats held."""

    @abstractmethod
    def _whole_rows(self) -> Integers:
        """Count the beats of all rows of the image that each row of its output needs."""

    def _rows_accepted(self, language: Language) -> Integers | None:
        """Return the beats accepted while each row of its output leaves; None where they depend on
        more than the row.
        """
        if language == "vitis":
            return np.append(self._whole_rows()[1:], self.input.beats)
        return None

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        if language == "vitis":
            rows = self._whole_rows()
            return (rows[beat // (self.output.beats // len(rows))],)
        return (self._needed_in_rtl(beat),)

    @abstractmethod
    def _needed_in_rtl(self, beat: Integers) -> Integers:
        """Count as `_needed` does, in SystemVerilog."""

    def accepted(self, given: Integers, language: Language = "verilog") -> tuple[Integers, ...]:
        rows = self._rows_accepted(language)
        if rows is None:
            return super().accepted(given, language)
        frames, beat = np.divmod(given, self.output.beats)
        return (frames * self.input.beats + rows[beat // (self.output.beats // len(rows))],)

    def _freeing(self, read: Stream, taken: Integers, language: Language) -> Integers:
        rows = self._rows_accepted(language)
        if rows is None:
            return super()._freeing(read, taken, language)
        frames = -(-(taken - rows[0]) // self.input.beats) - 1  # the last that begins with less
        row = np.searchsorted(rows, taken - frames * self.input.beats)
        given: Integers = frames * self.output.beats + row * (self.output.beats // len(rows))
        return given
