"""What each stage takes before it gives: counts of beats, whatever the time.

Every count is computed for a beat by itself, so that no memory grows with a frame.  None of the
functions here ever falls as beats rise.

The two languages differ where a stage holds what it will need: in SystemVerilog a line buffer sends
a patch as soon as its pixels are there, and a contraction takes the next vector while it works on
one; in C++ a line buffer sends a row's patches behind its whole rows, and a contraction holds one
vector.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.hardware.branch_stages import Concatenate
from qfx.hardware.image_stages import Repeat, Window
from qfx.hardware.stage import Stage
from qfx.hardware.stages import Argmax, Contract, Fifo, Pool, Resize
from qfx.hardware.stream import Stream
from qfx.hardware.table_stages import Embed, SoftmaxStage
from qfx.hardware.taps import taps_so_far

Language = Literal["verilog", "vitis"]

_PIPELINE = 5  # of a contraction: buffer, operands, products, sum, accumulator


def needed(stage: Stage, given: Integers, language: Language = "verilog") -> tuple[Integers, ...]:
    """Of each input, the beats that must have been taken for the output's beats to leave.

    Args:
        stage: of any kind.
        given: numbers of output beats, counted over frames from the first on.
        language: whose stage it is.
    """
    frames, place = np.divmod(given - 1, stage.output.beats)
    return tuple(
        np.where(given > 0, frames * stream.beats + taken, 0)
        for stream, taken in zip(stage.inputs, _needs(stage, place, language), strict=True)
    )


def accepted(stage: Stage, given: Integers, language: Language = "verilog") -> tuple[Integers, ...]:
    """Of each input, the beats that the stage can have taken while the output's beats have left and
    no other can: at least so many, since registers of pipelines are not counted.

    Args:
        stage, given, language: as for `needed`.
    """
    if isinstance(stage, Fifo):
        return (given + stage.depth,)
    rows = _rows_accepted(stage, language)
    if rows is not None:
        frames, place = np.divmod(given, stage.output.beats)
        return (frames * stage.input.beats + rows[place // (stage.output.beats // len(rows))],)
    if isinstance(stage, Contract) and language == "verilog":
        return (given // stage.folds * stage.steps + 2 * stage.steps,)
    return needed(stage, given + 1, language)


def freeing(
    stage: Stage, read: Stream, taken: Integers, language: Language = "verilog"
) -> Integers:
    """The least number of output beats that must have left for the stage to accept so many of one
    input: `accepted`, the other way round.

    Args:
        stage, language: as for `needed`.
        read: the input.
        taken: numbers of its beats, counted over frames from the first on.
    """
    rows = _rows_accepted(stage, language)
    if isinstance(stage, Fifo):
        given = taken - stage.depth
    elif rows is not None:
        frames = -(-(taken - rows[0]) // stage.input.beats) - 1  # the last that begins with less
        row = np.searchsorted(rows, taken - frames * stage.input.beats)
        given = frames * stage.output.beats + row * (stage.output.beats // len(rows))
    elif isinstance(stage, Contract) and language == "verilog":
        given = (-(-taken // stage.steps) - 2) * stage.folds
    else:
        frames, place = np.divmod(taken - 1, read.beats)
        given = frames * stage.output.beats + _first(stage, read, place)
    result: Integers = np.where(taken > 0, np.maximum(given, 0), 0)
    return result


def lag(stage: Stage) -> int:
    """Cycles from the last beat it needs to the first beat it gives then."""
    if isinstance(stage, Contract):
        return stage.steps * stage.folds + _PIPELINE  # it may come while another vector leaves
    if isinstance(stage, Window):
        return 2  # the memory, and its output
    return stage.latency_cycles


def _needs(stage: Stage, n: Integers, language: Language) -> tuple[Integers, ...]:
    """Of each input, beats of a frame taken before each of its output beats `n` leaves."""
    if isinstance(stage, (Window, Repeat)) and language == "vitis":
        rows = _whole_rows(stage)
        return (rows[n // (stage.output.beats // len(rows))],)
    if isinstance(stage, Concatenate):
        (a, b), pixel = stage.pixel_beats, n // sum(stage.pixel_beats)
        within = n % (a + b) + 1
        return pixel * a + np.minimum(within, a), pixel * b + np.maximum(within - a, 0)
    if isinstance(stage, Resize):
        elements = np.minimum((n + 1) * stage.output.lanes, stage.output.elements)
        return (-(-elements // stage.input.lanes),)
    if isinstance(stage, Contract):
        return ((n // stage.folds + 1) * stage.steps,)
    if isinstance(stage, Window):
        return (taps_so_far(stage, n),)
    if isinstance(stage, Pool):
        return ((n + 1) * stage.taps,)
    if isinstance(stage, (Argmax, SoftmaxStage)):
        return (np.full(n.shape, stage.input.beats),)
    if isinstance(stage, Embed):
        return (n // stage.row_beats + 1,)
    if isinstance(stage, Repeat):
        return (_repeated(stage, n),)
    return tuple(n + 1 for _ in stage.inputs)


def _first(stage: Stage, read: Stream, n: Integers) -> Integers:
    """Of a frame, the beats that leave without needing beat `n` of an input."""
    if isinstance(stage, Concatenate):
        a, b = stage.pixel_beats
        own, before = (a, 0) if read.name == stage.input.name else (b, a)
        return n // own * (a + b) + before + n % own
    if isinstance(stage, Resize):
        return n * stage.input.lanes // stage.output.lanes
    if isinstance(stage, Contract):
        return n // stage.steps * stage.folds
    if isinstance(stage, Pool):
        return n // stage.taps
    if isinstance(stage, (Argmax, SoftmaxStage)):
        return np.zeros_like(n)
    if isinstance(stage, Embed):
        return n * stage.row_beats
    if isinstance(stage, Repeat):
        row, within = np.divmod(n, stage.shape[2] * stage.pixel_beats)
        pixel, beat = np.divmod(within, stage.pixel_beats)
        finer = stage.shape[2] * stage.factor[1] * stage.pixel_beats
        first: Integers = (
            row * stage.factor[0] * finer + pixel * stage.factor[1] * stage.pixel_beats + beat
        )
        return first
    return n


def _repeated(stage: Repeat, n: Integers) -> Integers:
    """A row leaves behind its own pixels, then again; so does a pixel."""
    width, beats = stage.shape[2], stage.pixel_beats
    row, within = np.divmod(n, width * stage.factor[1] * beats)
    row, again = np.divmod(row, stage.factor[0])
    pixel, within = np.divmod(within, stage.factor[1] * beats)
    taken = (row * width + pixel) * beats + np.minimum(within + 1, beats)
    result: Integers = np.where(again > 0, (row + 1) * width * beats, taken)
    return result


def _rows_accepted(stage: Stage, language: Language) -> Integers | None:
    """Of what holds rows, the beats accepted while each row of its output leaves."""
    if language == "vitis" and isinstance(stage, (Window, Repeat)):
        return np.append(_whole_rows(stage)[1:], stage.input.beats)
    return _held(stage) if isinstance(stage, Window) else None


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


def _held(stage: Window) -> Integers:
    """Beats taken when as many rows are held as can be, by output row."""
    row_beats = stage.shape[2] * stage.pixel_beats
    top = np.arange(stage.out_size[0]) * stage.stride[0] - stage.padding[0]
    return (np.clip(top, 0, stage.shape[1]) + stage.rows) * row_beats
