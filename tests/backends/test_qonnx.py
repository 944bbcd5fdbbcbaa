"""QONNX: every mode pair is executed alike or refused by name; hls4ml reads it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import qfx
from models import MODES, small_mlp, tiny_graphs
from qfx.backends import qonnx
from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.ir import Graph, GraphBuilder
from qfx.onnx_modes import QONNX_NARROW, QONNX_ROUNDING
from qfx.ops import Cast, DivideConstant, Matmul, MultiplyConstant, Op, Sqrt

ENTRY = FixedPointType(8, 4)


def cast_graph(dtype: FixedPointType, rounding: Rounding, overflow: Overflow) -> Graph:
    builder = GraphBuilder("modes")
    x = builder.input((1,), Cast(4, ENTRY, Rounding.TRN))
    return builder.build(builder.cast(x, dtype, rounding, overflow))


def execute(graph: Graph, path: Path, values: np.ndarray) -> np.ndarray:
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx

    qonnx.write(graph, path)
    model = ModelWrapper(str(path))
    rows = [execute_onnx(model, {"x_raw": row[None].astype(np.float32)}) for row in values]
    return np.concatenate([next(iter(row.values())) for row in rows])


@pytest.mark.parametrize(("rounding", "overflow"), MODES)
@pytest.mark.parametrize("dtype", [FixedPointType(4, 1), FixedPointType(3, 0, False)])
def test_every_pair_of_modes(
    dtype: FixedPointType, rounding: Rounding, overflow: Overflow, tmp_path: Path
) -> None:
    graph = cast_graph(dtype, rounding, overflow)
    if QONNX_ROUNDING[rounding] is None or QONNX_NARROW[overflow] is None:
        name = rounding.name if QONNX_ROUNDING[rounding] is None else overflow.name
        with pytest.raises(qonnx.QonnxError, match=f"modes_|cast: .*{name}"):
            qonnx.model(graph)
        return
    every = FixedPointArray(np.arange(-128, 128)[:, None], ENTRY)
    found = execute(graph, tmp_path / "model.onnx", every.to_float())
    np.testing.assert_array_equal(found, graph.run(every).to_float())


def test_wrap_that_never_wraps_is_expressed(tmp_path: Path) -> None:
    graph = cast_graph(FixedPointType(10, 5), Rounding.RND_MIN_INF, Overflow.WRAP)
    every = FixedPointArray(np.arange(-128, 128)[:, None], ENTRY)
    found = execute(graph, tmp_path / "model.onnx", every.to_float())
    np.testing.assert_array_equal(found, graph.run(every).to_float())


def test_a_value_wider_than_float32_is_refused_and_named() -> None:
    builder = GraphBuilder("wide")
    x = builder.input((64,), Cast(0, FixedPointType(12, 0)))
    weight = FixedPointArray(np.full((64, 1), 127), FixedPointType(8, 0))
    graph = builder.build(builder.add(Matmul(weight), x))
    with pytest.raises(
        qonnx.QonnxError, match="matmul needs 25 bits, and qonnx computes in float32"
    ):
        qonnx.model(graph)


def executed_at_once(op: Op, integers: np.ndarray, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """What qonnx and the golden model give for one long vector of 24-bit integers."""
    builder = GraphBuilder("wide")
    entry = FixedPointType(24, 0, False)
    x = builder.input((len(integers),), Cast(0, entry, Rounding.TRN))
    graph = builder.build(builder.add(op, x))
    rows = FixedPointArray(integers[None], entry)
    return execute(graph, path, rows.to_float()), graph.run(rows).to_float()


def test_roots_next_to_every_square_of_24_bits(tmp_path: Path) -> None:
    roots = np.arange(1, 1 << 12)
    squares = np.concatenate([roots**2 - 1, roots**2, [(1 << 24) - 1]])
    found, expected = executed_at_once(Sqrt(0), squares, tmp_path / "model.onnx")
    np.testing.assert_array_equal(found, expected)


def test_quotients_next_to_multiples_of_24_bits(tmp_path: Path) -> None:
    divisors = np.concatenate([np.arange(1, 4000, 7), 1 << np.arange(23)])
    largest = ((1 << 24) - 1) // divisors * divisors
    numerators = np.concatenate([largest - 1, largest, np.full(len(divisors), (1 << 24) - 1)])
    constant = FixedPointArray(np.concatenate([divisors] * 3), FixedPointType(24, 0, False))
    op = DivideConstant(constant)
    found, expected = executed_at_once(op, numerators, tmp_path / "model.onnx")
    np.testing.assert_array_equal(found, expected)


def test_a_signed_bit_is_refused() -> None:
    graph = cast_graph(FixedPointType(1, 0), Rounding.TRN, Overflow.SAT)
    with pytest.raises(qonnx.QonnxError, match="signed 1-bit"):
        qonnx.model(graph)


def test_a_constant_of_one_signed_bit_is_not_read_as_bipolar(tmp_path: Path) -> None:
    builder = GraphBuilder("one_bit")
    x = builder.input((2,), Cast(4, ENTRY, Rounding.TRN))
    constant = FixedPointArray(np.array([0, -1]), FixedPointType(1, 0))
    graph = builder.build(builder.add(MultiplyConstant(constant), x))
    data = FixedPointArray(np.array([[5, 7]]), ENTRY)
    found = execute(graph, tmp_path / "model.onnx", data.to_float())
    np.testing.assert_array_equal(found, graph.run(data).to_float())


def test_the_same_graph_gives_the_same_bytes(tmp_path: Path) -> None:
    graph = qfx.lower(small_mlp(), (16,))
    qonnx.write(graph, tmp_path / "a.onnx")
    qonnx.write(graph, tmp_path / "b.onnx")
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_hls4ml_computes_the_same(tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    require_tool("g++")
    samples = np.random.default_rng(0).normal(0, 3, (100, 16))
    project = qfx.export(small_mlp(), tmp_path / "p", samples=samples, goal_ii=32, name="net")
    result = qfx.cosim(project, ("golden", "hls4ml"))
    assert result.equal, result.verdict()


def test_an_inputs_cast_is_of_floats_whatever_binary_point_it_names(tmp_path: Path) -> None:
    graph = tiny_graphs()["only_matmul"]  # its cast is said to be from 0 fraction bits to 2
    values = np.random.default_rng(0).normal(0, 3, (20, 4))
    entry = graph.inputs[0].read(values).to_float()
    np.testing.assert_array_equal(
        execute(graph, tmp_path / "model.onnx", entry), graph.run(entry).to_float()
    )


@pytest.mark.parametrize("rounding", Rounding)
def test_floats_are_rounded_on_the_way_in_as_the_input_says(
    rounding: Rounding, tmp_path: Path
) -> None:
    builder = GraphBuilder("way_in")
    x = builder.input((1,), Cast(1, FixedPointType(4, 1), rounding))
    graph = builder.build(builder.cast(x, FixedPointType(6, 2), Rounding.TRN, Overflow.SAT))
    if QONNX_ROUNDING[rounding] is None:
        with pytest.raises(qonnx.QonnxError, match=f"x: .*{rounding.name}"):
            qonnx.model(graph)
        return
    values = np.arange(-20, 20)[:, None] / 8
    found = execute(graph, tmp_path / "model.onnx", values)
    np.testing.assert_array_equal(found, graph.run(values).to_float())


@pytest.mark.parametrize("bits", [31, 32, 62, 63])
def test_values_as_wide_as_there_are_refused_by_name_too(bits: int) -> None:
    builder = GraphBuilder("wide")
    x = builder.input((1,), Cast(0, FixedPointType(bits, 0, signed=False), Rounding.TRN))
    y = builder.cast(x, FixedPointType(8, -4), Rounding.RND, Overflow.SAT)
    with pytest.raises(qonnx.QonnxError, match=r"needs \d+ bits, and qonnx"):
        qonnx.model(builder.build(y))
