"""What each stage takes before it gives, from tables with an entry for every beat of a frame: the
oracle that the stages, which compute each beat by itself, must agree with.

The two languages differ where a stage holds what it will need: in SystemVerilog a line buffer sends
a patch as soon as its pixels are there, and a contraction takes the next vector while it works on
one; in C++ a line buffer sends a row's patches behind its whole rows, and a contraction holds one
vector.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.hardware import (
    Argmax,
    Concatenate,
    Contract,
    Depthwise,
    Embed,
    Fifo,
    Language,
    Patches,
    Peak,
    Pool,
    Repeat,
    Resize,
    SoftmaxStage,
    Stage,
    Subsample,
    Window,
)


def needed(stage: Stage, given: Integers, language: Language = "verilog") -> tuple[Integers, ...]:
    """Of each input, the beats that must have been taken for the output's beats to leave.

    Args:
        stage: of any kind.
        given: numbers of output beats, counted over frames from the first on.
        language: whose stage it is.
    """
    frames, place = np.divmod(given - 1, stage.output.beats)
    return tuple(
        np.where(given > 0, frames * stream.beats + table[place], 0)
        for stream, table in zip(stage.inputs, _needs(stage, language), strict=True)
    )


def accepted(stage: Stage, given: Integers, language: Language = "verilog") -> tuple[Integers, ...]:
    """Of each input, the beats that the stage can have taken while the output's beats have left and
    no other can: at least so many, since registers of pipelines are not counted.

    Args:
        stage, given, language: as for `needed`.
    """
    if isinstance(stage, Fifo):
        return (given + stage.depth,)
    frames, place = np.divmod(given, stage.output.beats)
    if language == "vitis":
        if isinstance(stage, Patches):
            rows = np.append(_rows_of_scan(stage)[1:], stage.input.beats)
            return (frames * stage.input.beats + rows[_scan_rows(stage)][place],)
        if isinstance(stage, (Window, Repeat)):
            rows = np.append(_whole_rows(stage)[1:], stage.input.beats)
            return (frames * stage.input.beats + _each_beat(stage, rows)[place],)
        return needed(stage, given + 1, language)
    if isinstance(stage, Window):
        return (frames * stage.input.beats + _held(stage)[place],)
    if isinstance(stage, Subsample):  # up to the next pixel that is met but for the one that waits
        return (needed(stage, given + 2)[0] - 1,)
    if isinstance(stage, Contract):
        return (given // stage.folds * stage.steps + 2 * stage.steps,)
    return needed(stage, given + 1)


def _needs(stage: Stage, language: Language) -> tuple[Integers, ...]:
    """Of each input, beats of a frame taken before each of its output beats leaves."""
    n = np.arange(stage.output.beats)
    if isinstance(stage, Patches):
        if language == "vitis":
            return (_rows_of_scan(stage)[_scan_rows(stage)],)
        return (_scanned(stage),)
    if language == "vitis" and isinstance(stage, (Window, Repeat)):
        return (_each_beat(stage, _whole_rows(stage)),)
    if isinstance(stage, Concatenate):
        (a, b), pixel = stage.pixel_beats, n // sum(stage.pixel_beats)
        within = n % (a + b) + 1
        return pixel * a + np.minimum(within, a), pixel * b + np.maximum(within - a, 0)
    if isinstance(stage, Resize):
        part, turns = stage.input.elements // stage.parts, stage.output.beats // stage.parts
        elements = n // turns * part + np.minimum((n % turns + 1) * stage.output.lanes, part)
        return (-(-elements // stage.input.lanes),)
    if isinstance(stage, Contract):
        return ((n // stage.folds + 1) * stage.steps,)
    if isinstance(stage, Window):
        return (_taps(stage),)
    if isinstance(stage, Peak):  # the last pixel's beats let the output's go
        return (np.arange(1, stage.input.beats + 1)[-stage.output.beats :],)
    if isinstance(stage, Pool):
        return ((n + 1) * stage.taps,)
    if isinstance(stage, Depthwise):  # of each channel, all taps
        taps = stage.weights.whole.shape[1]
        return ((n + 1) * taps * stage.channels // stage.input.lanes,)
    if isinstance(stage, Subsample):
        return (_met(stage),)
    if isinstance(stage, (Argmax, SoftmaxStage)):
        return (np.full(len(n), stage.input.beats),)
    if isinstance(stage, Embed):
        return (n // stage.row_beats + 1,)
    if isinstance(stage, Repeat):
        return (_repeated(stage),)
    return tuple(n + 1 for _ in stage.inputs)


def _met(stage: Subsample) -> Integers:
    """The places, from 1, of the beats of pixels that a stride meets."""
    places = np.arange(stage.input.beats).reshape(-1, stage.width, stage.pixel_beats)
    met: Integers = places[:, :: stage.stride].reshape(-1) + 1
    return met


def _repeated(stage: Repeat) -> Integers:
    """A row leaves behind its own pixels, then again."""
    _, height, width = stage.shape
    row, column, beat = np.meshgrid(
        np.arange(height * stage.factor[0]) // stage.factor[0],
        np.arange(width * stage.factor[1]) // stage.factor[1],
        np.arange(stage.pixel_beats),
        indexing="ij",
    )
    taken: Integers = ((row * width + column) * stage.pixel_beats + beat + 1).reshape(-1)
    return np.maximum.accumulate(taken)


def _taps(stage: Window) -> Integers:
    """The greatest place in the image of the taps so far."""
    return _tap_places(
        stage.shape, stage.out_size, stage.kernel, stage.stride, stage.dilation, stage.padding,
        stage.groups, stage.pixel_beats,
    )  # fmt: skip


@lru_cache(maxsize=64)
def _tap_places(
    shape: Any, out_size: Any, kernel: Any, stride: Any, dilation: Any, padding: Any,
    groups: int, beats: int,
) -> Integers:  # fmt: skip
    _, height, width = shape
    rows = [np.arange(out_size[i]) * stride[i] - padding[i] for i in range(2)]
    taps = [np.arange(kernel[i]) * dilation[i] for i in range(2)]
    part = beats // groups
    y = rows[0][:, None, None, None, None, None] + taps[0][:, None, None]
    x = rows[1][:, None, None, None, None] + taps[1][:, None]
    group = np.arange(groups)[:, None, None, None] * part
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    place = (y * width + x) * beats + group + np.arange(part) + 1
    taken = np.where(inside, place, 0).reshape(-1)
    taken[-1] = max(taken.max(), 1)  # no frame leaves before one has begun to come
    return np.maximum.accumulate(taken)


def _columns_read(stage: Patches) -> list[int]:
    """The columns of the image that any patch reads."""
    taps = {
        patch * stage.stride[1] - stage.padding[1] + tap * stage.dilation[1]
        for patch in range(stage.out_size[1])
        for tap in range(stage.kernel[1])
    }
    return sorted(taps & set(range(stage.shape[2])))


def _scanned(stage: Patches) -> Integers:
    """A patch leaves where its last column is read, or all of the row that are."""
    (_, height, width), beats, columns = stage.shape, stage.pixel_beats, _columns_read(stage)
    taken, counts = 0, []
    for row in range(stage.out_size[0]):
        bottom = min(row * stage.stride[0] - stage.padding[0] + stage.reach[0], height) - 1
        for patch in range(stage.out_size[1]):
            whole = patch * stage.stride[1] - stage.padding[1] + stage.reach[1] - 1
            for beat in range(beats):
                if bottom >= 0 and whole >= columns[0]:
                    last = whole * beats + beat
                    if whole > columns[-1]:
                        last = columns[-1] * beats + beats - 1
                    taken = max(taken, bottom * width * beats + last + 1)
                counts.append(taken)
        if bottom >= 0:
            taken = max(taken, (bottom * width + columns[-1] + 1) * beats)
    return np.array(counts)


def _rows_of_scan(stage: Patches) -> Integers:
    """Beats held for each row of the scan in C++, and for the columns behind the last one."""
    return np.append(_whole_rows(stage), stage.input.beats)


def _scan_rows(stage: Patches) -> Integers:
    """The row of the scan in which each beat leaves: the patches' own, or the one after it."""
    columns, rows = _columns_read(stage), []
    begins = min(columns[0], stage.reach[1] - 1 - stage.padding[1])
    for row in range(stage.out_size[0]):
        for patch in range(stage.out_size[1]):
            whole = patch * stage.stride[1] - stage.padding[1] + stage.reach[1] - 1
            rows += [row + (whole - begins >= stage.scan.length)] * stage.pixel_beats
    return np.array(rows)


def _whole_rows(stage: Window | Repeat) -> Integers:
    """Beats of all rows that each row of a line buffer's output needs; or that each row of an image
    needs, to be repeated: itself.
    """
    _, height, width = stage.shape
    if isinstance(stage, Repeat):
        rows = np.arange(1, height + 1)
    else:
        top = np.arange(stage.out_size[0]) * stage.stride[0] - stage.padding[0]
        rows = np.clip(top + stage.reach[0], 0, height)
    return rows * width * stage.pixel_beats


def _each_beat(stage: Stage, rows: Integers) -> Integers:
    """What is known of each row, for each of the output's beats."""
    return np.repeat(rows, stage.output.beats // len(rows))


def _held(stage: Window) -> Integers:
    """Beats taken when as many rows are held as can be, by output beat."""
    row_beats = stage.shape[2] * stage.pixel_beats
    top = np.arange(stage.out_size[0]) * stage.stride[0] - stage.padding[0]
    kept = np.clip(top, 0, stage.shape[1]) * row_beats
    of_row = stage.output.beats // stage.out_size[0]
    return np.repeat(kept, of_row) + stage.rows * row_beats
