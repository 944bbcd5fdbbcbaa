"""The parallel line buffer: pixels in, all taps of some of their channels out in one beat."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from math import prod
from typing import ClassVar

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint.array import Integers
from qfx.hardware import memory
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.formulas import counter_bits
from qfx.hardware.memory import Style, memory_of
from qfx.hardware.stage import Language
from qfx.hardware.stages.taps import Side
from qfx.hardware.stages.window import Window, line_buffer
from qfx.hardware.stream import Stream
from qfx.ir import Node
from qfx.ops import Op

_FRAMES = 4  # after so many the pace of a line buffer is what it stays


@dataclass(frozen=True)
class Patches(Window):
    """The line buffer whose patches leave group by group, each in one beat: all taps, row by row,
    each with its channels.

    Each of its rows is held in a bank of its own, so that all taps of a column are read at once;
    for each row of patches the columns are read once.  The patches that reach beyond the last of
    them leave while the first ones of the next row are read, or alone where those are not there.

    Args:
        groups: the beats of a pixel.
    """

    kind: ClassVar[str] = "patches"
    computes: ClassVar[tuple[type[Op], ...]] = ()
    folded: ClassVar[bool] = False

    @property
    def scan(self) -> Scan:
        """How each row of patches reads the columns of the image."""
        return _scan(self._sides[1])

    @property
    def rows(self) -> int:
        """Rows held: so many that neither what comes nor what leaves ever waits for more room."""
        return _rows(*self._sides, super().rows, self.pixel_beats)

    @property
    def bank_style(self) -> Style:
        """Where each row goes."""
        return memory_of(self._row_beats, self.input.bits)

    @property
    def column_bits(self) -> int:
        """Of the columns before the one that is read, in a word."""
        return prod(self.kernel) // self.kernel[1] * (self.kernel[1] - 1) * self.input.bits

    @property
    def column_places(self) -> int:
        """Words of them."""
        return self.pixel_beats * self.dilation[1]

    @property
    def column_style(self) -> Style:
        """Where they go."""
        return memory_of(self.column_places, self.column_bits)

    @property
    def cycles(self) -> int:
        return max(self.input.beats, self.out_size[0] * self.scan.length * self.pixel_beats)

    @property
    def delay(self) -> int:
        return 3  # the place, the banks, the patch

    @property
    def lag(self) -> int:
        return self.delay + self.scan.tail * self.pixel_beats  # a tail may leave first, alone

    # Beats

    def _place(self, beat: Integers) -> tuple[Integers, Integers, Integers]:
        """Say at which row and column of the scan, and beat of a pixel, each beat leaves."""
        beat, part = np.divmod(beat, self.pixel_beats)
        row, patch = np.divmod(beat, self.out_size[1])
        return row, self.scan.sends_from + patch * self.stride[1], part

    def _waits_for(self) -> Integers:
        """Return the last row of the image that each row of patches waits for; -1 for none."""
        return np.clip(self._top() + self.reach[0] - 1, -1, self.shape[1] - 1)

    def _needed_in_rtl(self, beat: Integers) -> Integers:
        row, column, part = self._place(beat)
        last, scan = self._waits_for(), self.scan
        ends = np.where(last >= 0, (last * self.shape[2] + scan.last + 1) * self.pixel_beats, 0)
        above = np.append(0, ends)[row]
        pixel = last[row] * self.shape[2] + scan.begins + column
        own = np.where(column > scan.reads_to, ends[row], pixel * self.pixel_beats + part + 1)
        own = np.where((last[row] >= 0) & (column >= scan.reads_from), own, 0)
        result: Integers = np.maximum(above, own)
        return result

    def _scanned_rows(self) -> tuple[Integers, Integers]:
        """Return, of each row of the scan in C++ and of a last one that sends but what the row
        before has left, the number of its first beat, and the beats held as it begins.
        """
        scan, across = self.scan, self.out_size[1]
        left = -(-scan.tail // self.stride[1])  # patches
        first = (np.arange(self.out_size[0] + 1) * across - left) * self.pixel_beats
        first[0] = 0
        return first, np.append(self._whole_rows(), self.input.beats)

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        if language == "verilog":
            return (self._needed_in_rtl(beat),)
        first, held = self._scanned_rows()
        return (held[np.searchsorted(first, beat, side="right") - 1],)

    def accepted(self, given: Integers, language: Language = "verilog") -> tuple[Integers, ...]:
        if language == "verilog":
            return super().accepted(given, language)
        frames, beat = np.divmod(given, self.output.beats)
        first, held = self._scanned_rows()
        held = np.append(held[1:], self.input.beats)
        taken = held[np.searchsorted(first, beat, side="right") - 1]
        return (frames * self.input.beats + taken,)

    def _freeing(self, read: Stream, taken: Integers, language: Language) -> Integers:
        if language == "verilog":
            return super()._freeing(read, taken, language)
        first, held = self._scanned_rows()
        held = np.append(held[1:], self.input.beats)
        frames = -(-(taken - held[0]) // self.input.beats) - 1
        row = np.searchsorted(held, taken - frames * self.input.beats)
        given: Integers = frames * self.output.beats + np.append(first, self.output.beats)[row]
        return given

    # Resources

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        """Estimate the rows, each in its bank; the columns before; of each tap of a column a choice
        between the rows; a register for each tap of a patch; and what says where all of it is.
        """
        (down, across), bits, address = self.kernel, self.input.bits, counter_bits(self._row_beats)
        bank = memory.ram(self._row_beats, bits, self.bank_style, fabric)
        luts = down * bits * max(1, self.rows - 2) + 8 * address + 60
        registers = self.output.bits + down * 2 * (counter_bits(self.rows) + 1) + 2 * across
        registers += 7 * address + 26
        if self.bank_style == "distributed":
            registers += self.rows * bits
        before = Resources(flip_flops=self.column_bits)
        if self.column_places == 1:
            luts += self.output.bits
        elif across > 1:
            columns = memory.ram(self.column_places, self.column_bits, self.column_style, fabric)
            before = columns if self.column_style == "block" else columns + before
        rows = sum([bank] * self.rows, Resources())
        return rows + before + Resources(luts=luts, flip_flops=registers)


@dataclass(frozen=True)
class Scan:
    """How each row of patches reads the columns of an image; columns count from where it begins.

    Args:
        first, last: columns of the image that any patch reads, from its left.
        begins: where it begins, from the left of the image; before it, where that is below 0.
        sends_from, sends_to: where the first and the last patch are whole.
        length: columns until the next row's begin.
    """

    first: int
    last: int
    begins: int
    sends_from: int
    sends_to: int
    length: int

    @property
    def reads_from(self) -> int:
        """The first column that is read."""
        return self.first - self.begins

    @property
    def reads_to(self) -> int:
        """The last column that is read."""
        return self.last - self.begins

    @property
    def tail(self) -> int:
        """Columns behind a row's last at which patches of it are left."""
        return max(0, self.sends_to + 1 - self.length)


@lru_cache(maxsize=1024)
def _scan(across: Side) -> Scan:
    """Lay out the scan: at most one patch leaves at a time, and what a row leaves behind is gone
    before the next one's end.
    """
    used = across.used()
    assert used is not None  # or there is no such line buffer
    first, last = used
    whole = (across.taps - 1) * across.apart - across.padding
    begins = min(whole, first)
    sent = (across.out - 1) * across.stride
    sends_from = whole - begins
    length = max(last - begins + 1, sent + 1, -(-(sends_from + sent + 1) // 2))
    return Scan(first, last, begins, sends_from, sends_from + sent, length)


@lru_cache(maxsize=1024)
def _rows(down: Side, across: Side, least: int, beats: int) -> int:
    """Count the rows that are to be held, so many that no more would be faster.

    Args:
        down, across: sides of the image and its patches.
        least: rows without which it would stand still.
        beats: of a pixel.
    """
    scan = _scan(across)
    wanted = max(down.size * across.size, down.out * scan.length) * beats
    return next(rows for rows in count(least) if _pace(down, across, rows, beats) <= wanted)


def _pace(down: Side, across: Side, rows: int, beats: int) -> int:
    """Count the cycles a frame takes with so many rows, row by row of what comes and what leaves,
    each as soon as it can.
    """
    scan, row_beats = _scan(across), across.size * beats
    top = [row * down.stride - down.padding for row in range(down.out)]
    waits_for = [min(max(y + (down.taps - 1) * down.apart, -1), down.size - 1) for y in top]
    keeps = [min(max(y, 0), down.size) for y in top]
    keeps.append(down.size + keeps[0])
    comes: list[int] = []  # when each row of the image begins to
    freed = [0] * keeps[0]  # when its place was
    ends, frames = 0, [0]
    for frame in range(_FRAMES):
        for row in range(down.out):
            wanted = frame * down.size + waits_for[row]
            while len(comes) <= wanted:
                place = len(comes) - rows
                if place >= len(freed):
                    return sys.maxsize  # it stands still
                after = freed[place] + 1 if place >= 0 else 0
                comes.append(max(comes[-1] + row_beats if comes else 0, after))
            there = comes[wanted] + scan.first * beats + 1 if wanted >= 0 else 0
            begins, tail = ends + 1, scan.tail * beats
            if tail and (frame or row) and there + tail - 1 > begins:
                begins += tail  # which leaves alone
            ends = max(begins, there) + scan.length * beats - 1
            freed += [ends] * (frame * down.size + keeps[row + 1] - len(freed))
        frames.append(ends)
    return frames[-1] - frames[-2]


def patches(node: Node, name: str, reads: Stream) -> Patches:
    """Make the parallel line buffer before a convolution or a pooling, which sends all taps of as
    many channels a beat as it reads.

    Args:
        node: whose op it is.
        name: of the line buffer.
        reads: the image.
    """
    groups = node.inputs[0].type.shape[0] // reads.lanes
    window = line_buffer(node, name, reads, groups)
    output = replace(window.output, lanes=prod(window.kernel) * reads.lanes)
    return Patches(**{**vars(window), "output": output})
