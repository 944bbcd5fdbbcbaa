"""The stages that hold rows of an image: windows over it, and a finer one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qfx.hardware.stage import Stage


@dataclass(frozen=True)
class Window(Stage):
    """The line buffer of a convolution: pixels in, patches out, zeros around the image.

    Patches of one pixel are the image itself in a frame of zeros, or without its rim: a padding.

    Args:
        shape: (channels, height, width) of the image.
        out_size: height and width of the result.
        kernel, stride, dilation: (height, width) each.
        padding: rows of zeros above and columns on the left, below 0 those that no patch reads;
            `out_size` tells the others.
        groups: of channels; a patch leaves group by group, each row by row.
    """

    kind: ClassVar[str] = "window"
    shape: tuple[int, int, int]
    out_size: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    groups: int
    dilation: tuple[int, int] = (1, 1)

    @property
    def pixel_beats(self) -> int:
        """Beats of one pixel, all its channels."""
        return self.shape[0] // self.input.lanes

    @property
    def reach(self) -> tuple[int, int]:
        """Height and width of a patch, from its first tap to its last."""
        (taps_y, taps_x), (down, right) = self.kernel, self.dilation
        return (taps_y - 1) * down + 1, (taps_x - 1) * right + 1

    @property
    def reads(self) -> bool:
        """Whether any tap is in the image: none is where the strides pass it by."""
        sides = zip(
            self.shape[1:], self.out_size, self.kernel, self.stride, self.dilation, self.padding,
            strict=True,
        )  # fmt: skip
        return all(
            any(0 <= n * step + tap * apart - before < size for n in range(out) for tap in range(k))
            for size, out, k, step, apart, before in sides
        )

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
        """Beats held."""
        return self.rows * self.shape[2] * self.pixel_beats

    @property
    def latency_cycles(self) -> int:
        first_rows = min(self.shape[1], self.reach[0] - self.padding[0])
        return max(1, first_rows * self.shape[2] * self.pixel_beats)


@dataclass(frozen=True)
class Repeat(Stage):
    """Each pixel of an image some times, and each row.

    Args:
        shape: (channels, height, width) of the image that comes in.
        factor: how often each row, and each column, leaves.
    """

    kind: ClassVar[str] = "repeat"
    shape: tuple[int, int, int]
    factor: tuple[int, int]

    @property
    def pixel_beats(self) -> int:
        """Beats of one pixel, all its channels."""
        return self.shape[0] // self.input.lanes

    @property
    def places(self) -> int:
        """Beats held: two rows."""
        return 2 * self.shape[2] * self.pixel_beats
