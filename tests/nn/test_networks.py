"""Networks: random ones are equal in torch, golden and QONNX; what folds; what trains."""

import weakref
from pathlib import Path

import numpy as np
import pytest
import torch

import qfx
from branches import random_branches
from models import as_built, seen
from qfx import nn
from qfx.backends import qonnx
from qfx.fixedpoint import FixedPointArray
from qfx.ir import Graph
from qfx.lowering import emulate, float_values
from qfx.nn.bypass import bypassed, quantizers
from qfx.ops import Add, Concat, Conv2d, Multiply, MultiplyConstant

SEEDS = range(36)


def integers(graph: Graph, seed: int) -> FixedPointArray:
    shape = (40, *graph.inputs[0].shape)
    return graph.inputs[0].read(np.random.default_rng(seed).normal(0, 4, shape))


@pytest.mark.parametrize("seed", SEEDS)
def test_torch_equals_the_golden_model(seed: int) -> None:
    model, shape = random_branches(seed)
    graph = qfx.lower(model, shape)
    data = integers(graph, seed)
    np.testing.assert_array_equal(emulate(model, graph, data.integers), graph.run(data).integers)


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if seed % 3])  # of modes that QONNX has
def test_qonnx_equals_the_golden_model(seed: int, tmp_path: Path) -> None:
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx

    graph = qfx.lower(*random_branches(seed))
    data = integers(graph, seed)
    qonnx.write(graph, tmp_path / "model.onnx")
    model = ModelWrapper(str(tmp_path / "model.onnx"))
    wanted = graph.run(data).to_float()
    for x, y in zip(data.to_float()[:6], wanted, strict=False):
        (found,) = execute_onnx(model, {"x_raw": x[None].astype(np.float32)}).values()
        np.testing.assert_array_equal(found[0], y)


def test_the_random_networks_are_as_varied_as_said() -> None:
    graphs = [qfx.lower(*random_branches(seed)) for seed in SEEDS]
    ops = [{type(node.op) for node in graph.nodes} for graph in graphs]
    for op in (Add, Multiply, Concat):
        assert sum(op in kinds for kinds in ops) > len(SEEDS) / 4
    outputs = [graph.run(integers(graph, seed)) for seed, graph in zip(SEEDS, graphs, strict=True)]
    assert np.median([len(np.unique(y.integers)) for y in outputs]) > 5
    models = [random_branches(seed)[0] for seed in SEEDS]
    networks = [m for model in models for m in model.modules() if isinstance(m, nn.Network)]
    assert any(isinstance(m, nn.Network) for n in networks for m in n.children())  # nested
    assert any(max(map(len, network.reads.values())) > 2 for network in networks)


@pytest.mark.parametrize("join", [nn.Add, nn.Multiply])
def test_what_float32_would_round_is_exact(join: type[nn.Layer]) -> None:
    nodes = [
        ("q", nn.Quantizer(30, 20)),
        ("fine", nn.Quantizer(22, 20, overflow="WRAP")),
        ("coarse", nn.Quantizer(12, 2), "q"),
        ("join", join(None), ("fine", "coarse")),
    ]
    model = nn.Network(nodes).eval()
    as_built(model)
    x = 100 * np.random.default_rng(0).normal(size=(50, 3))
    graph = qfx.lower(model, (3,))
    assert graph.outputs[0].dtype.wordlength > 24
    np.testing.assert_array_equal(model(torch.from_numpy(x)), graph.run(x).to_float())


def _conv(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 1, output=None)


def test_what_has_one_reader_folds_and_what_has_two_does_not() -> None:
    nodes = [
        ("q", nn.Quantizer(6, 3)),
        ("conv", _conv(2, 3)),
        ("norm", seen(nn.BatchNorm2d(3, fold=True))),
        ("scaled", nn.Normalize(0.5, 2), "norm"),
        ("folds", _conv(3, 2), "scaled"),
        ("apart", nn.Normalize(0.25, 3), "norm"),
        ("near", _conv(3, 2), "apart"),
        ("too", nn.Conv2d(3, 2, 1), "apart"),
        ("sum", nn.Add(), ("folds", "near", "too")),
    ]
    network = nn.Network(nodes).eval()
    layers = dict(network.named_children())
    assert layers["conv"].folds == (layers["norm"],)
    assert layers["scaled"].folded
    assert not layers["apart"].folded
    as_built(network)
    kinds = [type(node.op) for node in qfx.lower(network, (2, 3, 3)).nodes]
    assert kinds.count(Conv2d) == 4
    assert kinds.count(MultiplyConstant) == 1


def test_a_normalization_that_others_could_overhear_is_not_folded() -> None:
    """What its neighbour gives is read by another too, or leaves the network."""
    nodes = [
        ("conv", _conv(2, 2)),
        ("norm", nn.BatchNorm2d(2, fold=True)),
        ("sum", nn.Add(), ("norm", "conv")),
    ]
    network = nn.Network(nodes)
    with pytest.raises(nn.LoweringError, match="needs a Conv2d or Linear directly before it"):
        network(torch.zeros(1, 2, 3, 3))
    ended = nn.Network([("scaled", nn.Normalize(1, 2)), ("conv", _conv(2, 2))], outputs="conv")
    assert dict(ended.named_children())["scaled"].folded


def residual_net() -> nn.Sequential:
    torch.manual_seed(0)
    body = nn.Sequential(nn.Linear(6, 8, output=None), nn.ReLU(nn.Quantizer(4)), nn.Linear(8, 6))
    return nn.Sequential(
        nn.Quantizer(6), nn.Residual(body, nn.Quantizer(4), output=None),
        nn.ReLU(nn.Quantizer(5, signed=False)), nn.Linear(6, 3),
    )  # fmt: skip


def test_the_shortcut_learns_a_binary_point_of_its_own() -> None:
    model = residual_net()
    x = torch.randn(600, 6) * torch.tensor([8.0, 1, 1, 1, 1, 1])
    qfx.train(model, (x, (x[:, 0] > 1).long() + (x[:, 1] > 0).long()), epochs=4, progress=False)
    residual = model[1]
    assert isinstance(residual, nn.Residual)
    grids = [residual.shortcut.binary_point, model[0].binary_point, residual.body[2].output]
    assert "1.shortcut" in quantizers(model)
    assert grids[0] != 0
    assert grids[0] != grids[1]
    graph = qfx.lower(model, (6,))
    np.testing.assert_array_equal(model(x).detach().double(), graph.run(x.numpy()).to_float())


def test_gradients_reach_every_branch() -> None:
    model, x = residual_net(), torch.randn(50, 6)
    qfx.calibrate(model, x)
    model.train()(x).square().sum().backward()
    body, shortcut = model[1].body, model[1].shortcut
    for found in (body[0].weight, body[2].output.binary_point, shortcut.binary_point):
        assert found.grad is not None
        assert found.grad.abs().sum() > 0


def test_in_float_a_residual_is_a_sum() -> None:
    model = residual_net().eval()
    as_built(model)
    x = torch.randn(7, 6)
    values = float_values(model, x.double().numpy())
    body, shortcut = (values[f"1.{name}"].astype(np.float32) for name in ("body", "shortcut"))
    np.testing.assert_array_equal(values["1"], body + shortcut)
    np.testing.assert_array_equal(values["1.shortcut"], values["0"])
    with bypassed(model), torch.no_grad():
        np.testing.assert_array_equal(model(x).double(), values[""])


def test_evaluation_holds_no_more_than_is_still_read() -> None:
    made: list[weakref.ref[torch.Tensor]] = []
    held: list[int] = []

    class Watch(nn.Layer):
        """Passes a copy on, and counts the copies that somebody still holds."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            held.append(sum(copy() is not None for copy in made))
            y = x.clone()
            made.append(weakref.ref(y))
            return y

    chain = nn.Network([(f"w{n}", Watch()) for n in range(8)])
    with torch.no_grad():
        chain(torch.zeros(1, 2))
    assert held == [0, *[1] * 7]


def test_names_say_what_reads_what() -> None:
    network = nn.Network(
        [
            ("a", nn.ReLU()),
            ("b", nn.ReLU6(), "data"),
            ("sum", nn.Add(None), ("a", "b")),
            ("act", nn.ReLU()),
        ],
        inputs="data",
    )
    assert network.extra_repr() == "b reads data\nsum reads a, b"
    assert network.readers("data") == ["a", "b"]
