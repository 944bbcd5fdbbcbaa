"""The line buffer: windows over an image, or the image in a frame of zeros."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, ClassVar

import numpy as np

from qfx.boards import Resources
from qfx.fixedpoint.array import Integers
from qfx.hardware import memory
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.folding import Folding
from qfx.hardware.formulas import counter_bits
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.paths import Path
from qfx.hardware.stage import ChannelsHead, Language
from qfx.hardware.stages.operands import require_image
from qfx.hardware.stages.rows import RowBuffer
from qfx.hardware.stages.taps import Side, taps_so_far
from qfx.hardware.stream import Order, Stream
from qfx.ir import Node
from qfx.ops import Conv2d, MaxPool2d, Op, Pad


@dataclass(frozen=True)
class Window(RowBuffer):
    """The line buffer of a convolution: pixels in, patches out, zeros around the image.

    Patches of one pixel are the image itself in a frame of zeros, or without its rim: a padding.

    Args:
        out_size: height and width of the result.
        kernel, stride, dilation: (height, width) each.
        padding: rows of zeros above and columns on the left, below 0 those that no patch reads;
            `out_size` tells the others.
        groups: of channels; a patch leaves group by group, each row by row.
    """

    kind: ClassVar[str] = "window"
    computes: ClassVar[tuple[type[Op], ...]] = (Pad,)
    folded: ClassVar[bool] = True
    out_size: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    groups: int
    dilation: tuple[int, int] = (1, 1)

    @classmethod
    def head(cls, node: Node, orders: list[Order], multipliers: Multipliers) -> PadHead:
        require_image(node, orders[0])
        return PadHead(node)

    @property
    def reach(self) -> tuple[int, int]:
        """Height and width of a patch, from its first tap to its last."""
        (taps_y, taps_x), (down, right) = self.kernel, self.dilation
        return (taps_y - 1) * down + 1, (taps_x - 1) * right + 1

    @property
    def reads(self) -> bool:
        """Whether any tap is in the image: none is where the strides pass it by."""
        return all(side.used() is not None for side in self._sides)

    @property
    def rows(self) -> int:
        """Rows held: a patch's and the next ones, and over the seam of two frames no fewer; and
        what comes in while rows leave that are all padding, or behind the last that one reads.
        """
        reach, stride, above = self.reach[0], self.stride[0], max(0, self.padding[0])
        bottom = (self.out_size[0] - 1) * stride - self.padding[0] + reach  # of the last patch
        first = -(-max(0, above - reach + 1) // stride)  # rows before the image
        last = max(0, self.out_size[0] - -(-(self.shape[1] + above) // stride))  # and after it
        unread = reach + self.shape[1] - bottom
        return max(reach + stride, 2 * (reach - above), unread) + (first + last) * stride

    @property
    def places(self) -> int:
        return self.rows * self._row_beats

    @property
    def delay(self) -> int:
        return 2 + self._in_block  # the memory, and its output

    @property
    def _in_block(self) -> bool:
        """Whether the line buffer is block RAM, behind which there is a register."""
        return memory.memory_of(self.places, self.input.bits) == "block"

    @property
    def _row_beats(self) -> int:
        return self.shape[2] * self.pixel_beats

    @property
    def _sides(self) -> tuple[Side, Side]:
        """Down and across."""
        down, across = (
            Side(self.shape[1 + i], self.out_size[i], self.kernel[i], self.stride[i],
                 self.dilation[i], self.padding[i])
            for i in range(2)
        )  # fmt: skip
        return down, across

    def passed_on(self, elements: Integers) -> Integers:
        """Give the patches: pixel by pixel, then group, row, column, channel."""
        channels, height, width = self.shape
        (top, left), (down, right) = self.padding, self.stride
        image = elements.reshape(-1, height, width, channels)
        padded = np.pad(image, ((0, 0), (top, top), (left, left), (0, 0)))
        view: Any = np.lib.stride_tricks.sliding_window_view
        windows = view(padded, self.reach, axis=(1, 2))[:, ::down, ::right]
        windows = windows[..., :: self.dilation[0], :: self.dilation[1]]
        samples, rows, columns = windows.shape[:3]
        grouped = windows.reshape(samples, rows, columns, self.groups, -1, *self.kernel)
        patches: Integers = grouped.transpose(0, 1, 2, 3, 5, 6, 4).reshape(samples, -1)
        return patches

    def _top(self) -> Integers:
        """Return the row of the image at which each row of patches begins."""
        return np.arange(self.out_size[0]) * self.stride[0] - self.padding[0]

    def _whole_rows(self) -> Integers:
        return np.clip(self._top() + self.reach[0], 0, self.shape[1]) * self._row_beats

    def _rows_accepted(self, language: Language) -> Integers | None:
        if language == "vitis":
            return super()._rows_accepted(language)
        return (np.clip(self._top(), 0, self.shape[1]) + self.rows) * self._row_beats

    def _needed_in_rtl(self, beat: Integers) -> Integers:
        """Count the beats of the taps so far; where all are padding, the last beat waits for the
        first of the image, or one frame after the other would leave without any.
        """
        if not self.reads:
            return np.where(beat == self.output.beats - 1, 1, 0)
        return taps_so_far(*self._sides, self.groups, self.pixel_beats, beat)

    @property
    def paths(self) -> tuple[Path, ...]:
        return (Path(levels=4), Path(from_block=self._in_block))

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        """Estimate the line buffer, and the registers that move from beat to beat: two addresses,
        two counts of beats, a row and a column, and the turns of loops. Of addresses, low bits that
        are always zero cost nothing.
        """
        row, address, bits = self._row_beats, counter_bits(self.places), self.input.bits
        image = self.shape[1] * row

        def above(patch: int) -> int:
            """Count the beats of the image above a row of patches."""
            return min(max(0, (patch * self.stride[0] - self.padding[0]) * row), image)

        given_up = max(image - above(self.out_size[0] - 1) + above(0), self.stride[0] * row)
        count = counter_bits(self.places + given_up + 1) + 1
        sides = 0
        for side in range(2):
            last = (self.out_size[side] - 1) * self.stride[side] - self.padding[side]
            farthest = max(last + self.reach[side] - 1, self.shape[1 + side])
            sides += counter_bits(farthest + max(0, self.padding[side]) + 1) + 1
        part = self.pixel_beats // self.groups
        turns = [n for n in (part, *self.kernel, self.groups, *self.out_size) if n > 1]
        even = (row & -row).bit_length() - 1
        output = 2 if self._in_block else bits
        registers = 2 * address + 2 * count + sides + sum(map(counter_bits, turns)) + len(turns) + 3
        others = Resources(
            luts=max(8, 6 * address + 4 * sides + 14 * len(turns) - 3 * even - 42) + output,
            flip_flops=registers + bits + 2 * self._in_block,
        )
        return memory.ram(self.places, bits, None, fabric) + others


@dataclass(frozen=True)
class PadHead(ChannelsHead):
    """A padding.

    Args:
        node: whose op it is.
    """

    def fold(self, reads: Sequence[Stream], folding: Folding) -> Window:
        op = self.node.op
        assert isinstance(op, Pad)
        channels, height, width = self.node.inputs[0].type.shape
        return Window(
            name=self.node.output.name,
            source=self.node.source,
            input=replace(reads[0], lanes=folding.simd),
            output=self.result(folding.pe),
            shape=(channels, height, width),
            out_size=(height + sum(op.rows), width + sum(op.columns)),
            kernel=(1, 1),
            stride=(1, 1),
            padding=(op.rows[0], op.columns[0]),
            groups=1,
        )


def line_buffer(node: Node, name: str, reads: Stream, groups: int) -> Window:
    """Make the line buffer before a convolution or a pooling.

    Args:
        node: whose op it is.
        name: of the line buffer.
        reads: the image.
        groups: in which a patch leaves.
    """
    op = node.op
    assert isinstance(op, (Conv2d, MaxPool2d))
    channels, height, width = node.inputs[0].type.shape
    _, out_height, out_width = node.output.type.shape
    elements = out_height * out_width * prod(op.kernel) * channels
    return Window(
        name=name,
        source=node.source,
        input=reads,
        output=replace(reads, name=f"{name}_out", elements=elements),
        shape=(channels, height, width),
        out_size=(out_height, out_width),
        kernel=op.kernel,
        stride=op.stride,
        padding=op.padding,
        groups=groups,
        dilation=op.dilation if isinstance(op, Conv2d) else (1, 1),
    )
