"""Networks of several inputs and outputs: torch equals golden; files; what the graph says."""

from pathlib import Path

import numpy as np
import pytest
import torch

import qfx
from models import as_built
from qfx import nn
from qfx.fixedpoint import FixedPointArray
from qfx.ir import Graph, GraphError
from qfx.ir.file import from_bytes, to_bytes
from qfx.ir.several import alone, each_of
from qfx.lowering import emulate
from several_models import BUILDERS, frozen


def given(graph: Graph, count: int = 30) -> list[FixedPointArray]:
    generator = np.random.default_rng(0)
    return [e.read(generator.normal(0, 4, (count, *e.shape))) for e in graph.inputs]


@pytest.mark.parametrize("name", BUILDERS)
def test_torch_equals_the_golden_model(name: str) -> None:
    model, shapes = frozen(name)
    graph = qfx.lower(model, shapes)
    data = given(graph)
    golden = each_of(graph.run(*data))
    found = each_of(emulate(model, graph, alone([x.integers for x in data])))
    assert len(found) == len(golden) == len(graph.outputs) == model.output_count
    for torchs, wanted in zip(found, golden, strict=True):
        assert len(np.unique(wanted.integers)) > 8
        np.testing.assert_array_equal(torchs, wanted.integers)


@pytest.mark.parametrize("name", BUILDERS)
def test_files_keep_inputs_and_outputs(name: str, tmp_path: Path) -> None:
    model, shapes = frozen(name)
    graph = qfx.lower(model, shapes)
    loaded = from_bytes(to_bytes(graph))
    assert loaded.inputs == graph.inputs
    assert loaded.outputs == graph.outputs
    again = qfx.load(qfx.save(model, tmp_path / "m.safetensors"))
    x = [torch.from_numpy(x.to_float()) for x in given(graph)]
    for found, wanted in zip(each_of(again(*x)), each_of(model(*x)), strict=True):
        assert torch.equal(found, wanted)


def test_the_graph_calls_its_inputs_as_the_network_does() -> None:
    model, shapes = frozen("joined")
    graph = qfx.lower(model, shapes)
    assert [entry.name for entry in graph.inputs] == ["left", "right"]
    assert [entry.shape for entry in graph.inputs] == list(shapes)
    assert [entry.cast.dtype.signed for entry in graph.inputs] == [True, False]


def test_the_graph_calls_its_outputs_as_the_network_does() -> None:
    for name, wanted in (("joined", ["block", "scores"]), ("heads", ["scores", "mask"])):
        graph = qfx.lower(*frozen(name))
        assert [value.name for value in graph.outputs] == wanted
    nodes = [("q", nn.Quantizer(4, 1)), ("act", nn.ReLU(nn.Quantizer(3, 1)))]
    model = nn.Network(nodes, outputs=("q", "act")).eval()
    as_built(model)
    outputs = qfx.lower(model, (3,)).outputs
    assert [value.name for value in outputs] == ["x", "act"]  # the input itself keeps its name


def test_many_samples_in_parts_are_the_same() -> None:
    model, shapes = frozen("joined")
    graph = qfx.lower(model, shapes)
    large = [np.repeat(x.to_float(), 1200, axis=0) for x in given(graph)]  # above what is kept
    once, often = graph.run(*given(graph)), graph.run(*large)
    for few, many in zip(once, often, strict=True):
        np.testing.assert_array_equal(np.repeat(few.integers, 1200, axis=0), many.integers)


def test_inputs_come_in_as_many_samples() -> None:
    graph = qfx.lower(*frozen("added"))
    a, b = given(graph)
    with pytest.raises(GraphError, match="graph model was given 30 of a and 7 of b: give as many"):
        graph.run(a, b.integers[:7] / 2.0)


def test_a_network_of_several_inputs_can_be_a_layer() -> None:
    inner = nn.Network(
        [("grid", nn.Quantizer(5, 2), "p"), ("sum", nn.Add(nn.Quantizer(6, 2)), ("grid", "q"))],
        inputs=("p", "q"),
    )
    nodes = [
        ("pass_a", nn.Identity(), "a"),
        ("b_grid", nn.Quantizer(4, 1), "b"),
        ("inner", inner, ("pass_a", "b_grid")),
    ]
    model = nn.Network(nodes, inputs=("b", "a")).eval()
    as_built(model)
    graph = qfx.lower(model, ((3,), (3,)))
    assert [str(entry.cast.dtype) for entry in graph.inputs] == ["fixed<4,3>", "fixed<5,3>"]
    data = given(graph)
    found = model(*(torch.from_numpy(x.to_float()) for x in data))
    np.testing.assert_array_equal(found.detach().numpy(), graph.run(*data).to_float())
