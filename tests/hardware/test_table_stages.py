"""Stages that look constants up: where their tables lie, and what cannot be streamed into them."""

import numpy as np
import pytest

from qfx import boards
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.hardware import ScheduleError, schedule
from qfx.ir import Graph, GraphBuilder
from qfx.ops import Cast, Embedding, Reshape, Softmax

BOARD = boards.load("ultra96")


def rows_of(count: int, shape: tuple[int, ...]) -> Graph:
    builder = GraphBuilder("rows")
    index = FixedPointType((count - 1).bit_length(), 0, signed=False)
    x = builder.input(shape, Cast(0, index))
    x = builder.add(Reshape((int(np.prod(shape)),)), x)
    integers = np.random.default_rng(0).integers(-128, 128, (count, 8))
    return builder.build(builder.add(Embedding(FixedPointArray(integers, FixedPointType(8, 0))), x))


def test_a_large_table_lies_in_block_ram_and_a_small_one_in_luts() -> None:
    small, large = (
        schedule(rows_of(count, (4,)), BOARD, goal_ii=40).resources() for count in (8, 1024)
    )
    assert small.bram_18k == 0
    assert large.bram_18k == 4  # 1024 x 64 bits, or 8192 x 8 bits
    assert large.luts < small.luts + 1000


def test_the_rows_of_an_image_are_refused() -> None:
    with pytest.raises(ScheduleError, match="in the order of the stream: feed it a vector"):
        schedule(rows_of(8, (2, 2, 2)), BOARD)


def test_the_probabilities_of_an_image_are_refused() -> None:
    builder = GraphBuilder("image")
    x = builder.input((2, 2, 2), Cast(0, FixedPointType(2, 0)))
    dtype = FixedPointType(5, 3)
    exponentials, reciprocals = np.array([8, 5, 3, 0]), np.array([7, 5])
    op = Softmax(FixedPointArray(exponentials, dtype), FixedPointArray(reciprocals, dtype))
    graph = builder.build(builder.add(op, builder.add(Reshape((8,)), x)))
    with pytest.raises(ScheduleError, match="flattened image would give its probabilities"):
        schedule(graph, BOARD)
