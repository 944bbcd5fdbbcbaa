"""Library stages alone between two ports: lane ratios, ragged frames, depths, random stalls."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qfx import boards, flow
from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.hardware import Contract, Design, Embed, Fifo, Resize
from qfx.hardware.layout import lay_out
from qfx.hardware.sections import plan
from qfx.ir import Graph, GraphBuilder
from qfx.ops import (
    AddConstant,
    ArgMax,
    Cast,
    Clip,
    Embedding,
    Matmul,
    MaxPool2d,
    Pad,
    Softmax,
    Upsample,
)
from qfx.simulation.rtl import verilator

BOARD = boards.load("pynq_z2")


def identity(elements: int) -> Graph:
    builder = GraphBuilder("alone")
    return builder.build(builder.input((elements,), Cast(0, FixedPointType(5, 0))))


def through(lanes: list[int], depth: int, elements: int) -> Design:
    """A chain of resizes to these lanes, a fifo of that depth after each."""
    base = lay_out(plan(identity(elements), BOARD.dma_width_bits), BOARD, [], "a test")
    stages, stream = [], base.inputs[0].stream
    for number, count in enumerate([*lanes, base.outputs[0].stream.lanes]):
        wider = replace(stream, name=f"r{number}", lanes=count)
        stages.append(Resize(f"resize{number}", "", stream, wider))
        stream = replace(wider, name=f"f{number}")
        if number == len(lanes):
            stream = base.outputs[0].stream
        stages.append(Fifo(f"fifo{number}", "", wider, stream, depth))
    return replace(base, stages=tuple(stages))


def check(design: Design, folder: Path, shape: tuple[int, ...]) -> float:
    """Simulate stalled three times and unstalled once; the cycles of the latter."""
    project = flow.write(design, folder)
    dtype = design.graph.inputs[0].cast.dtype
    data = np.random.default_rng(0).integers(
        dtype.min_int, dtype.max_int, (60, *shape), endpoint=True
    )
    expected = design.graph.run(FixedPointArray(data, dtype)).integers
    for percent, seed in ((20, 1), (50, 2), (90, 3)):
        stalled = verilator.simulate(project, data, stall_percent=percent, seed=seed)
        np.testing.assert_array_equal(stalled.integers, expected)
    unstalled = verilator.simulate(project, data)
    np.testing.assert_array_equal(unstalled.integers, expected)
    return unstalled.cycles_per_frame


@pytest.mark.parametrize(
    ("lanes", "depth", "elements"),
    [
        ([1], 1, 8),
        ([2, 5, 3, 1], 2, 11),  # every beat ragged
        ([7, 4], 3, 28),
        ([16, 3], 5, 20),  # wider than a frame's rest
        ([13], 17, 1),  # a frame of one element
        ([6, 10, 15], 2, 30),
        ([16], 500, 20),  # queues in block RAM
        ([5], 2, 10),  # two narrow beats fill two wide ones
        ([2, 3], 2, 10),  # and five of them four
    ],
)
def test_resize_and_fifo(
    lanes: list[int], depth: int, elements: int, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    design = through(lanes, depth, elements)
    cycles = check(design, tmp_path / "p", (elements,))
    if depth > 1:  # a queue of one beat takes and gives in turn
        assert cycles == design.initiation_interval


@pytest.mark.parametrize("folding", [(1, 1), (1, 12), (6, 1), (3, 4), (2, 3), (6, 12)])
def test_contract_takes_the_cycles_of_its_folding(
    folding: tuple[int, int], tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    builder = GraphBuilder("alone")
    x = builder.input((12,), Cast(0, FixedPointType(5, 0)))
    weight = np.random.default_rng(1).integers(-8, 8, (12, 6))
    y = builder.add(Matmul(FixedPointArray(weight, FixedPointType(4, 0))), x)
    graph = builder.build(builder.cast(y, FixedPointType(8, 0), Rounding.TRN, Overflow.WRAP))
    design = lay_out(plan(graph, BOARD.dma_width_bits), BOARD, [folding], "a test")
    assert check(design, tmp_path / "p", (12,)) == design.initiation_interval
    assert design.initiation_interval == max(2, 72 // (folding[0] * folding[1]))


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("lanes", [1, 2])
def test_pool_takes_the_largest_of_either_sign(
    lanes: int, signed: bool, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    builder = GraphBuilder("alone")
    x = builder.input((2, 4, 5), Cast(0, FixedPointType(5, 0, signed)))
    graph = builder.build(builder.add(MaxPool2d((2, 1), (2, 2)), x))
    design = lay_out(plan(graph, BOARD.dma_width_bits), BOARD, [(lanes, lanes)], "a test")
    check(design, tmp_path / "p", (2, 4, 5))


@pytest.mark.parametrize("pe", [1, 3, 6])
def test_contract_stores_mantissas_and_shifts_their_sums(
    pe: int, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    builder = GraphBuilder("alone")
    x = builder.input((4,), Cast(0, FixedPointType(5, 0)))
    shifts = np.array([0, 4, 1, 2, 0, 4])
    mantissas = np.random.default_rng(1).integers(-8, 8, (4, 6)) | 1
    mantissas[:, 4] = 0  # an output that no input reaches
    weight = FixedPointArray(mantissas << shifts, FixedPointType(8, 0))
    y = builder.add(Matmul(weight), x)
    graph = builder.build(builder.cast(y, FixedPointType(12, 0), Rounding.TRN, Overflow.SAT))
    design = lay_out(plan(graph, BOARD.dma_width_bits), BOARD, [(pe, 2)], "a test")
    contract = next(stage for stage in design.stages if isinstance(stage, Contract))
    np.testing.assert_array_equal(contract.row_shifts, [shifts])
    assert contract.mantissa.dtype == FixedPointType(4, 0)
    np.testing.assert_array_equal(contract.mantissa.integers[0], mantissas)
    check(design, tmp_path / "p", (4,))


def test_zeros_that_save_nothing_stay_in_the_rom() -> None:
    builder = GraphBuilder("alone")
    x = builder.input((2,), Cast(0, FixedPointType(5, 0)))
    weight = FixedPointArray(np.array([[2, -7], [4, 1]]), FixedPointType(4, 0))
    graph = builder.build(builder.add(Matmul(weight), x))
    design = lay_out(plan(graph, BOARD.dma_width_bits), BOARD, [(1, 1)], "a test")
    contract = next(stage for stage in design.stages if isinstance(stage, Contract))
    assert not contract.row_shifts.any()
    assert contract.mantissa is contract.weights.whole


@pytest.mark.parametrize("lanes", [1, 2])
def test_pixels_are_padded_and_repeated_at_one_a_cycle(
    lanes: int, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    builder = GraphBuilder("alone")
    x = builder.input((2, 3, 1), Cast(0, FixedPointType(5, 0)))
    y = builder.add(Upsample((2, 3)), builder.add(Pad((0, 5), (2, 0)), x))
    graph = builder.build(builder.add(Upsample((1, 2)), y))
    design = lay_out(plan(graph, BOARD.dma_width_bits), BOARD, [(lanes, lanes)] * 3, "a test")
    assert (
        design.initiation_interval == 2 * (2 * 8) * (3 * 3 * 2) // lanes
    )  # channels, rows, columns
    assert check(design, tmp_path / "p", (2, 3, 1)) == design.initiation_interval


@pytest.mark.parametrize(("classes", "lanes"), [(6, 1), (6, 3), (4, 4), (2, 1)])
def test_argmax_takes_the_first_of_equal_ones(
    classes: int, lanes: int, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    builder = GraphBuilder("alone")
    x = builder.input((classes,), Cast(0, FixedPointType(2, 0)))  # two bits: many are equal
    graph = builder.build(builder.add(ArgMax(), x))
    design = lay_out(plan(graph, BOARD.dma_width_bits), BOARD, [(1, lanes)], "a test")
    check(design, tmp_path / "p", (classes,))


@pytest.mark.parametrize("pe", [1, 2, 6])  # three, two and a half beats a row
def test_embed_sends_row_after_row(
    pe: int, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    rows = np.random.default_rng(1).integers(-16, 16, (7, 6))
    rows[0] = rows[6] = 500  # out of reach, and too wide for the result
    builder = GraphBuilder("alone")
    x = builder.input((4,), Cast(0, FixedPointType(3, 0, signed=False)))
    x = builder.add(Clip(1, 5), x)
    x = builder.add(Embedding(FixedPointArray(rows, FixedPointType(10, 2))), x)
    bias = FixedPointArray(np.arange(6), FixedPointType(4, 2))
    graph = builder.build(builder.add(AddConstant(bias), x))  # for each element of a row
    design = lay_out(plan(graph, BOARD.dma_width_bits), BOARD, [(pe, 1)], "a test")
    embed = next(stage for stage in design.stages if isinstance(stage, Embed))
    assert (embed.words, embed.table.dtype.wordlength) == (6 * 6 // pe, 5)
    assert check(design, tmp_path / "p", (4,)) == design.initiation_interval
    assert design.initiation_interval == max(4 * 6 // pe, design.outputs[0].stream.beats)


@pytest.mark.parametrize(
    ("count", "signed", "index_bits"), [(2, True, 1), (3, False, 4), (5, True, 6), (33, True, 3)]
)
def test_softmax_of_frames_back_to_back(
    count: int,
    signed: bool,
    index_bits: int,
    tmp_path: Path,
    require_tool: Callable[[str], None],
) -> None:
    require_tool("verilator")
    builder = GraphBuilder("alone")
    x = builder.input((count,), Cast(0, FixedPointType(5, 0, signed)))
    each = np.round(64 * np.exp(-np.arange(32) / 8)).astype(int)
    steps = np.arange(1 << index_bits) / (1 << index_bits)
    op = Softmax(
        FixedPointArray(each, FixedPointType(7, 6, signed=False)),
        FixedPointArray(np.round(255 / (1 + steps)).astype(int), FixedPointType(8, 8, False)),
    )
    graph = builder.build(builder.add(op, x))
    design = lay_out(plan(graph, BOARD.dma_width_bits), BOARD, [(1, 1)], "a test")
    assert check(design, tmp_path / "p", (count,)) == design.initiation_interval == 2 * count + 3
