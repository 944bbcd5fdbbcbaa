"""How much of an image the patches of a line buffer have read, patch by patch: no table is longer
than a side of the image.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from qfx.fixedpoint.array import Integers

_NONE = -1  # the index of no tap, where all are padding


@dataclass(frozen=True)
class Side:
    """One side of an image and of the patches over it.

    Args:
        size: of the image.
        out: patches.
        taps, stride, apart: of a patch: how many, to the next patch, from one to the next.
        padding: before the image.
    """

    size: int
    out: int
    taps: int
    stride: int
    apart: int
    padding: int

    def used(self) -> tuple[int, int] | None:
        """Return the first and the last index that any tap has in the image; None where none is."""
        indices = np.arange(self.out)[:, None] * self.stride - self.padding
        indices = indices + np.arange(self.taps) * self.apart
        found = indices[(indices >= 0) & (indices < self.size)]
        return (int(found.min()), int(found.max())) if len(found) else None


def taps_so_far(rows: Side, columns: Side, groups: int, whole: int, beat: Integers) -> Integers:
    """Count the beats of an image that the taps up to a beat of the line buffer's output reach: the
    greatest index of one of them, from 1; 0 where all so far are padding.

    A patch is sent group by group, in each row by row, tap by tap; its row and its column of the
    image depend on nothing else, so the greatest index so far is in one of six parts of a frame.

    Args:
        rows, columns: of the image.
        groups: of a patch.
        whole: beats of a pixel.
        beat: of a frame of the output, from 0.
    """
    taps_y, taps_x, width = rows.taps, columns.taps, columns.size
    part = whole // groups
    beat, channel = _split(beat, part)
    beat, tap_x = _split(beat, taps_x)
    beat, tap_y = _split(beat, taps_y)
    beat, group = _split(beat, groups)
    row, column = _split(beat, columns.out)
    y, x = _reached(rows), _reached(columns)
    of_row, of_column = y.patch[row], x.patch[column]
    in_row, in_column = row * taps_y + tap_y, column * taps_x + tap_x
    at = y.tap[in_row]

    def reached(y: Any, x: Any, beats: Any) -> Integers:
        inside: Integers = np.where((y >= 0) & (x >= 0), (y * width + x) * whole + beats, 0)
        return inside

    of_group = (group + 1) * part
    parts = (
        reached(y.before[row], x.all, whole),  # the rows of patches above
        reached(of_row, x.before[column], whole),  # the patches on the left
        np.where(group > 0, reached(of_row, of_column, group * part), 0),  # the groups before
        reached(y.earlier[in_row], of_column, of_group),  # the rows of the patch above
        reached(at, x.earlier[in_column], of_group),  # the taps on the left
        reached(at, x.tap[in_column], group * part + channel + 1),  # the tap itself
    )
    result: Integers = np.maximum.reduce(parts)
    return result


def _split(number: Integers, by: int) -> tuple[Integers, Integers]:
    """Return quotient and remainder: a floor division by a scalar is faster than numpy's divmod."""
    quotient = number // by
    return quotient, number - quotient * by


class _Reached:
    """The farthest index inside an image, along one side, that taps have; `_NONE` where all are
    padding.

    Args:
        indices: (patches, taps) along the side.
        size: of the side.
    """

    def __init__(self, indices: Integers, size: int) -> None:
        inside = np.where((indices >= 0) & (indices < size), indices, _NONE)
        so_far = np.maximum.accumulate(inside, axis=1)
        self.tap, self.patch = inside.reshape(-1), so_far[:, -1]
        self.earlier = np.roll(so_far, 1, axis=1)  # than each tap, within its patch
        self.earlier[:, 0] = _NONE
        self.earlier = self.earlier.reshape(-1)
        until = np.maximum.accumulate(self.patch)
        self.before, self.all = np.roll(until, 1), until[-1]  # before each patch, and in the end
        self.before[0] = _NONE


@lru_cache(maxsize=1024)
def _reached(side: Side) -> _Reached:
    patches = np.arange(side.out)[:, None] * side.stride - side.padding
    return _Reached(patches + np.arange(side.taps) * side.apart, side.size)
