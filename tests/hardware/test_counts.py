"""Counts of beats, each computed by itself, are those of tables over whole frames; and so are the
depths of queues.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from beat_by_beat import depth_of
from beat_by_beat_tokens import accepted as accepted_beats
from beat_by_beat_tokens import needed as needed_beats
from branching_graphs import GRAPHS, Drawing
from random_line_buffers import past_the_image, random_line_buffer

import qfx
from branches import random_branches
from qfx import boards
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.hardware import Depthwise, Language, Patches, Peak, Repeat, Stage, Window, schedule
from qfx.hardware.fifo_depths import _depth, _queues, _region
from qfx.hardware.greatest_gap import greatest_gap
from qfx.hardware.stages.resize import filled
from qfx.hardware.stages.subsample import subsample
from qfx.hardware.stream import Stream
from qfx.hardware.weights import Weights
from qfx.ir import Graph
from qfx.ops import Concat, MaxPool2d, Upsample

BOARD = boards.load("ultra96")
LANGUAGES: tuple[Language, ...] = ("verilog", "vitis")


def unet() -> Graph:
    """Two levels, concatenated on the way up."""
    draw = Drawing("unet", (2, 8, 8))
    x = fine = draw.conv("fine", draw.x)
    for name in ("down", "deep"):
        x = draw.conv(name, draw.builder.add(MaxPool2d((2, 2), (2, 2)), x), 6)
        if name == "down":
            middle = x
    for name, level in (("up", middle), ("last", fine)):
        repeated = draw.builder.add(Upsample((2, 2)), x)
        x = draw.conv(f"{name}_conv", draw.join(name, Concat(), level, repeated))
    return draw.graph(x)


def depthwise(channels: int, taps: int, steps: int, outputs: int) -> Depthwise:
    """Of two blocks, five pixels a frame."""
    narrow, pe = FixedPointType(4, 0), channels * outputs
    weights = Weights(FixedPointArray(np.ones((2, taps * steps, pe), np.int64), narrow))
    entering = Stream("x", narrow, 10 * channels * taps * steps, channels * taps)
    leaving = Stream("y", narrow, 10 * pe, pe)
    return Depthwise("d", "", entering, leaving, weights, 5, "lut", channels=channels)


def stages() -> Iterator[Stage]:
    yield past_the_image()
    generator = np.random.default_rng(0)
    for number in range(150):
        yield random_line_buffer((Repeat, Window, Window, Patches, Patches)[number % 5], generator)
    for beats, pixels in ((1, 1), (1, 5), (3, 1), (3, 4)):
        output = Stream("y", FixedPointType(4, 0), 2 * beats, 2)
        reads = replace(output, name="x", elements=2 * beats * pixels)
        yield Peak("p", "", reads, output, pixels)
    for channels, taps, steps, outputs in (
        (1, 1, 4, 1), (2, 1, 6, 2), (3, 2, 3, 1), (2, 9, 1, 2), (1, 1, 1, 1),
    ):  # fmt: skip
        yield depthwise(channels, taps, steps, outputs)
    for height, width, stride, beats in (
        (5, 6, 2, 2), (4, 4, 3, 1), (3, 5, 5, 3), (1, 7, 3, 1), (6, 1, 5, 2),
    ):  # fmt: skip
        reads = Stream("x", FixedPointType(4, 0), 2 * height * width * beats, 2)
        yield subsample("s", "", reads, (2 * beats, height, width), stride)
    for part, entering, leaving in ((8, 2, 3), (8, 8, 3), (10, 1, 4), (6, 3, 5), (6, 6, 4)):
        yield filled(Stream("x", FixedPointType(4, 0), 5 * part, entering), 5, leaving, "f", "")
    for make in (*GRAPHS.values(), unet):
        for goal in (3_000, 20_000):
            yield from schedule(make(), BOARD, goal_ii=goal).stages


def test_every_stage_counts_as_its_table_does() -> None:
    kinds = set()
    for stage in stages():
        kinds.add(type(stage))
        given = np.arange(0, min(3 * stage.output.beats, 5_000) + 2)
        for language in LANGUAGES:
            pairs = (
                (stage.needed(given, language), needed_beats(stage, given, language)),
                (stage.accepted(given, language), accepted_beats(stage, given, language)),
            )
            for found, expected in pairs:
                for one, other in zip(found, expected, strict=True):
                    np.testing.assert_array_equal(one, other, f"{stage}")
            for stream, room in zip(stage.inputs, pairs[1][0], strict=True):
                taken = np.arange(0, room[-1])
                least = np.searchsorted(room, taken)
                np.testing.assert_array_equal(stage.freeing(stream, taken, language), least)
    assert len(kinds) > 8


def require_equal_depths(graph: Graph, goal_ii: int | None = None) -> int:
    """How many queues there are before joins of streams."""
    found = list(schedule(graph, BOARD, goal_ii=goal_ii).stages)
    interval, count = max(stage.cycles for stage in found), 0
    for number, stage in enumerate(found):
        if stage.is_join:
            _, region = _region(found[: number + 1])
            for index in _queues(region):
                for language in LANGUAGES:
                    expected = depth_of(region, index, interval, language)
                    assert _depth(region, index, interval, language) == expected
                count += 1
    return count


@pytest.mark.parametrize("goal", [None, 2_500, 30_000])
def test_depths_are_those_counted_beat_by_beat(goal: int | None) -> None:
    for make in (*GRAPHS.values(), unet):
        assert require_equal_depths(make(), goal)


def test_depths_of_random_networks() -> None:
    count = 0
    for seed in range(12):
        model, shape = random_branches(seed)
        count += require_equal_depths(qfx.lower(model, shape), 20_000 if seed % 2 else None)
    assert count > 20


def test_the_greatest_gap_is_found() -> None:
    generator = np.random.default_rng(0)
    for size in (1, 2, 7, 100_000):
        for steps in (2, 50):
            high, low = (
                np.cumsum(generator.integers(0, steps, size + 1) // (steps - 1)) for _ in "ab"
            )
            found = greatest_gap(high.__getitem__, low.__getitem__, size, -(10**6))
            assert found == (high - low)[1:].max()
    assert greatest_gap(high.__getitem__, low.__getitem__, size, 10**6) == 10**6
