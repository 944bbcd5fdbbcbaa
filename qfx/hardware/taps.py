"""How much of an image the patches of a line buffer have read, patch by patch: no table is longer
than a side of the image.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.hardware.image_stages import Window

_NONE = -1  # the place of no tap, where all are padding


def taps_so_far(stage: Window, beat: Integers) -> Integers:
    """The beats of an image that the taps up to a beat of the line buffer's output reach: the
    greatest place of one of them, counted from 1. Where all are padding, the last beat waits for
    the first of the image, or one frame after the other would leave without any.

    A patch is sent group by group, in each row by row, tap by tap; its row and its column of the
    image depend on nothing else, so the greatest place so far is in one of six parts of a frame.

    Args:
        stage: the line buffer.
        beat: of a frame of its output, from 0.
    """
    if not stage.reads:
        return np.where(beat == stage.output.beats - 1, 1, 0)
    (taps_y, taps_x), width, whole = stage.kernel, stage.shape[2], stage.pixel_beats
    part = whole // stage.groups
    beat, channel = _split(beat, part)
    beat, tap_x = _split(beat, taps_x)
    beat, tap_y = _split(beat, taps_y)
    beat, group = _split(beat, stage.groups)
    row, column = _split(beat, stage.out_size[1])
    y, x = (
        _reached(stage.shape[1 + i], stage.out_size[i], stage.kernel[i], stage.stride[i],
                 stage.dilation[i], stage.padding[i])
        for i in range(2)
    )  # fmt: skip
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
    """Quotient and remainder: a floor division by a scalar is faster than numpy's divmod."""
    quotient = number // by
    return quotient, number - quotient * by


class _Reached:
    """The farthest place inside an image, along one side, that taps have; `_NONE` where all are
    padding.

    Args:
        places: (patches, taps) along the side.
        size: of the side.
    """

    def __init__(self, places: Integers, size: int) -> None:
        inside = np.where((places >= 0) & (places < size), places, _NONE)
        so_far = np.maximum.accumulate(inside, axis=1)
        self.tap, self.patch = inside.reshape(-1), so_far[:, -1]
        self.earlier = np.roll(so_far, 1, axis=1)  # than each tap, within its patch
        self.earlier[:, 0] = _NONE
        self.earlier = self.earlier.reshape(-1)
        until = np.maximum.accumulate(self.patch)
        self.before, self.all = np.roll(until, 1), until[-1]  # before each patch, and in the end
        self.before[0] = _NONE


@lru_cache(maxsize=1024)
def _reached(size: int, out: int, taps: int, stride: int, apart: int, padding: int) -> _Reached:
    places = np.arange(out)[:, None] * stride - padding + np.arange(taps) * apart
    return _Reached(places, size)
