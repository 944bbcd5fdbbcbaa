"""A bias, and the factor of an average pooling, are part of the Conv where float32 holds every sum;
hls4ml reads padding, pooling and bias in all combinations.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

import qfx
from models import as_built
from qfx import nn
from qfx.backends import qonnx
from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.ir import Graph, GraphBuilder
from qfx.ops import AddConstant, Cast, Conv2d, MultiplyConstant


def kinds(graph: Graph) -> list[tuple[str, int]]:
    """Of the nodes that compute, how many inputs each has."""
    nodes = qonnx.model(graph).graph.node
    return [(node.op_type, len(node.input)) for node in nodes if node.op_type != "Quant"]


def biased(bits: int, bias: FixedPointArray, *, read_twice: bool = False) -> Graph:
    """A convolution, its bias, and a cast."""
    builder = GraphBuilder("biased")
    x = builder.input((2, 3, 3), Cast(0, FixedPointType(bits, 2), Rounding.TRN))
    weight = FixedPointArray(np.arange(-8, 8).reshape(2, 2, 2, 2), FixedPointType(5, 3))
    sums = builder.add(Conv2d(weight, padding=(1, 0)), x)
    y = builder.add_constant(sums, bias)
    y = builder.cast(y, FixedPointType(8, 2), Rounding.RND_CONV, Overflow.SAT)
    return builder.build(y, sums) if read_twice else builder.build(y)


@pytest.mark.parametrize("point", [2, 5, 9])  # coarser than the sums, the same, finer
def test_a_bias_is_an_input_of_the_convolution(point: int, tmp_path: Path) -> None:
    bias = FixedPointArray(np.array([5, -7]).reshape(2, 1, 1), FixedPointType(4, point))
    graph = biased(6, bias)
    assert kinds(graph) == [("Conv", 3)]
    samples = np.random.default_rng(0).normal(0, 4, (30, 2, 3, 3))
    project = qfx.export(graph, tmp_path / "p", samples=samples)
    result = qfx.cosim(project, ("golden", "qonnx"))
    assert [row.mismatches for row in result.rows] == [0, 0], result.verdict()


def test_where_it_would_round_or_another_reads_the_sum_it_is_added() -> None:
    small = FixedPointArray(np.array([5, -7]).reshape(2, 1, 1), FixedPointType(4, 5))
    whole = FixedPointArray(np.array([5]).reshape(1, 1, 1), FixedPointType(4, 5))
    assert kinds(biased(6, small)) == [("Conv", 3)]
    assert kinds(biased(6, whole)) == [("Conv", 2), ("Add", 2)]
    assert kinds(biased(6, small, read_twice=True)) == [("Conv", 2), ("Add", 2)]
    assert kinds(differences(9)) == [("Conv", 3)]
    assert kinds(differences(10)) == [("Conv", 2), ("Add", 2)]  # float32 holds the result alone
    with pytest.raises(qonnx.QonnxError, match="needs 25 bits"):
        qonnx.model(differences(11))


def differences(point: int) -> Graph:
    """Sums that are smaller than what is summed up on the way."""
    builder = GraphBuilder("differences")
    x = builder.input((2, 2, 2), Cast(0, FixedPointType(8, 0, signed=False), Rounding.TRN))
    weight = FixedPointArray(np.array([[7, -7] * 4]).reshape(1, 2, 2, 2), FixedPointType(4, 0))
    bias = FixedPointArray(np.array([1]).reshape(1, 1, 1), FixedPointType(2, point))
    return builder.build(builder.add_constant(builder.add(Conv2d(weight), x), bias))


def test_what_is_not_an_addition_stays_behind() -> None:
    builder = GraphBuilder("scaled")
    x = builder.input((1, 2, 2), Cast(0, FixedPointType(4, 0), Rounding.TRN))
    weight = FixedPointArray(np.ones((2, 1, 1, 1), np.int64), FixedPointType(2, 0))
    each = FixedPointArray(np.array([3, -2]).reshape(2, 1, 1), FixedPointType(3, 0))
    y = builder.add(MultiplyConstant(each), builder.add(Conv2d(weight), x))
    graph = builder.build(builder.add(AddConstant(each), y))
    assert kinds(graph) == [("Conv", 2), ("Mul", 2), ("Add", 2)]


@pytest.mark.parametrize("kernel", [2, 3])
def test_an_average_pooling_is_one_convolution(kernel: int, tmp_path: Path) -> None:
    pool = nn.AvgPool2d(kernel, 1, output=nn.Quantizer(7, 4))
    model = nn.Sequential(nn.Quantizer(6, 3), pool).eval()
    as_built(model)
    said = [kind for kind, _ in kinds(qfx.lower(model, (2, 4, 4)))]
    assert (said.count("Conv"), said.count("Mul")) == (1, 0)
    samples = np.random.default_rng(0).normal(0, 4, (30, 2, 4, 4))
    project = qfx.export(model, tmp_path / "p", samples=samples)
    result = qfx.cosim(project, ("golden", "torch", "qonnx"))
    assert [row.mismatches for row in result.rows] == [0, 0, 0], result.verdict()


POOLINGS = {
    "none": [],
    "max": [nn.MaxPool2d(2)],
    "avg": [nn.AvgPool2d(2, output=nn.Quantizer(7, 4))],
}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("rounding", ["RND", "RND_CONV", "TRN"])
def test_half_an_lsb_of_a_cast_is_part_of_the_bias(
    rounding: str, bias: bool, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(
        2, 3, 3, padding=1, weight=nn.Quantizer(5, 4), bias=nn.Quantizer(6, 9) if bias else False,
        output=nn.Quantizer(7, 3, rounding=rounding),
    )  # fmt: skip
    model = nn.Sequential(nn.Quantizer(6, 4), conv).eval()
    as_built(model)
    samples = np.random.default_rng(0).normal(0, 4, (40, 2, 4, 4))
    project = qfx.export(model, tmp_path / "p", samples=samples)
    inputs = 3 if bias or rounding == "RND" else 2
    found = kinds(project.graph())
    assert found[-1] == ("Conv", inputs)
    assert [kind for kind, _ in found].count("Add") == 1  # the input's own, of floats
    result = qfx.cosim(project, ("golden", "torch", "qonnx"))
    assert [row.mismatches for row in result.rows] == [0, 0, 0], result.verdict()


def small_net(padding: int, pooling: str, bias: bool) -> nn.Sequential:
    """Half of the nets cast before their ReLU, the others behind it."""
    torch.manual_seed(0)
    size = (4 + 2 * padding) // (1 if pooling == "none" else 2)
    model = nn.Sequential(
        nn.Quantizer(6, 4),
        nn.Conv2d(
            2, 3, 3, padding=padding, weight=nn.Quantizer(5, 4),
            output=nn.Quantizer(7, 4) if padding else None,
            bias=nn.Quantizer(6, 5) if bias else False,
        ),
        nn.ReLU(None if padding else nn.Quantizer(6, 4, signed=False)),
        *POOLINGS[pooling],
        nn.Flatten(),
        nn.Linear(3 * size * size, 2, weight=nn.Quantizer(5, 4), output=nn.Quantizer(8, 4)),
    ).eval()  # fmt: skip
    as_built(model)
    return model


@pytest.mark.long
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("bias", [False, True])
def test_hls4ml_reads_it(
    padding: int, pooling: str, bias: bool, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("g++")
    samples = np.random.default_rng(0).normal(0, 1, (10, 2, 6, 6))
    project = qfx.export(small_net(padding, pooling, bias), tmp_path / "p", samples=samples)
    result = qfx.cosim(project, ("golden", "qonnx", "hls4ml"))
    assert [row.mismatches for row in result.rows] == [0, 0, 0], result.verdict()
