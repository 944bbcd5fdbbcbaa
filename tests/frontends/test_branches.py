"""Float models with branches to twins: the same in float, equal in integers, named, overridden."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

import qfx
from branching_models import MODELS, trained
from qfx import nn
from qfx.lowering import emulate
from qfx.nn.bypass import bypassed

IMAGE = (2, 4, 4)


def samples(name: str, count: int) -> Tensor:
    return torch.randn(count, *MODELS[name].shape, generator=torch.Generator().manual_seed(0))


def twin(name: str, **how: Any) -> nn.Network:
    net = qfx.convert(trained(name), 8, input_shape=MODELS[name].shape, **how)
    assert isinstance(net, nn.Network)
    return net


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("fold", [True, False])
def test_the_twin_computes_the_same_in_float(name: str, fold: bool) -> None:
    net, x = twin(name, fold=fold), samples(name, 16)
    with torch.no_grad(), bypassed(net):
        found, wanted = net(x), trained(name)(x)
    np.testing.assert_allclose(found, wanted, atol=1e-4 * float(wanted.abs().max()))


@pytest.mark.parametrize("name", MODELS)
def test_calibrated_it_is_near_and_equal_in_integers(name: str) -> None:
    net, x = twin(name), samples(name, 200)
    qfx.calibrate(net, x)
    graph = qfx.lower(net, MODELS[name].shape)
    data = graph.inputs[0].read(x.numpy())
    golden = graph.run(data)
    np.testing.assert_array_equal(emulate(net, graph, data.integers), golden.integers)
    with torch.no_grad():
        wanted = trained(name)(x).double().numpy()
    assert np.square(wanted - golden.to_float()).mean() < np.square(wanted).mean() / 300  # 25 dB


@pytest.mark.parametrize("name", MODELS)
def test_what_joins_has_a_grid_that_nothing_else_reads(name: str) -> None:
    net = twin(name)
    for layer, reads in net.reads.items():
        if isinstance(net.get_submodule(layer), nn.Layer) and net.get_submodule(layer).joins:
            assert all(net.readers(read) == [layer] for read in reads)


def test_shortcuts_are_named_and_overridden() -> None:
    own = {"blocks.0.shortcut": {"output": 6}, "*.second.1": {"output": 4}}
    layers = dict(twin("resnet", overrides=own).named_children())
    identity, projection = layers["blocks_0_shortcut"], layers["blocks_1_shortcut_1"]
    assert (type(identity), identity.wordlength, identity.signed) == (nn.Quantizer, 6, False)
    assert type(projection) is nn.BatchNorm2d
    assert projection.output.wordlength == 8
    assert layers["blocks_0_second_1"].output.wordlength == 4
    assert layers["blocks_0_add"].output is None  # the ReLU behind it casts
    inverted = dict(twin("inverted", overrides={"add.operand0": {"output": 7}}).named_children())
    assert inverted["add_operand0"].wordlength == 7
    assert inverted["add_1_operand0"].wordlength == 8
    assert inverted["add"].output.wordlength == 8


def test_a_chain_is_a_sequential_whatever_else_is_computed() -> None:
    class Unused(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.aside = torch.nn.Linear(4, 3), torch.nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            self.aside(x)
            return torch.cat([self.fc(x)], 1)

    net = qfx.convert(Unused(), input_shape=(4,))
    assert [name for name, _ in net.named_children()] == ["input", "fc", "cat"]
    assert type(net) is nn.Sequential


class Net(torch.nn.Module):
    def __init__(self, function: Callable[[Any, Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.a, self.b = (torch.nn.Conv2d(2, 2, 3, padding=1) for _ in range(2))
        self.act, self.over = torch.nn.ReLU(), torch.nn.ReLU(inplace=True)
        self.add, self.quantizer = nn.Add(nn.Quantizer(11)), nn.Quantizer(9)
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self, x)


@pytest.mark.parametrize(
    "function",
    [
        lambda s, x: x + x,
        lambda s, x: x * x,
        lambda s, x: s.a(x) + s.a(x).mul(0.5) if s.training else s.a(x) + s.b(x),
        lambda s, x: torch.add(input=s.a(x), other=x),
        lambda s, x: s.a(x).add(x).mul_(s.b(x)),
        lambda s, x: torch.multiply(s.a(x), x),
        lambda s, x: torch.concat(tensors=(x, s.a(x), x), dim=1).flatten(1),
        lambda s, x: torch.cat([s.a(x).flatten(1), x.flatten(1)], -1),
        lambda s, x: s.over(s.a(x)) + s.over(s.b(x)),
        lambda s, x: functional.max_pool2d(s.a(x), 2).relu() + functional.max_pool2d(x, 2),
        lambda s, x: functional.relu(s.a(x) + functional.max_pool2d(x, 3, 1, 1).relu()),
        lambda s, x: ((x - 0.5) / 2 + 1) * ((x - 0.5) * 3),
        lambda s, x: (lambda y: y.relu() + y)(functional.max_pool2d(s.a(x), 2)),
        lambda s, x: (lambda y: y * 2 + s.a(y))(x - 0.5),
        lambda s, x: s.add(s.quantizer(x), s.a(x)),
        lambda s, x: s.quantizer(x) + s.a(x),
    ],
)
def test_it_computes_the_same(function: Callable[[Any, Tensor], Tensor]) -> None:
    model = Net(function).eval()
    net = qfx.convert(model, input_shape=IMAGE)
    x = torch.randn(5, *IMAGE)
    with torch.no_grad(), bypassed(net), bypassed(model):
        assert float((net(x) - model(x)).abs().max()) < 1e-4
    qfx.calibrate(net, x)
    graph = qfx.lower(net, IMAGE)
    data = graph.inputs[0].read(x.numpy())
    golden = graph.run(data).integers
    np.testing.assert_array_equal(emulate(net, graph, data.integers), golden)


def test_what_several_read_is_cast_before_they_do() -> None:
    net = qfx.convert(Net(lambda s, x: (lambda y: y.relu() + y)(s.a(x))), input_shape=IMAGE)
    assert net.readers("a") == ["relu", "add_operand1"]
    assert net.get_submodule("a").output is not None
    assert net.get_submodule("relu").output is None


def test_layers_of_qfx_that_take_several_tensors_stay() -> None:
    net = qfx.convert(Net(lambda s, x: s.add(s.a(x), s.b(x))), input_shape=IMAGE)
    assert net.get_submodule("add").output.wordlength == 11


def test_an_input_that_two_read_gets_a_grid_though_the_model_brings_one() -> None:
    net = qfx.convert(Net(lambda s, x: s.quantizer(x) + s.a(x)), input_shape=IMAGE)
    assert net.readers("x") == ["input"]
    assert net.readers("input") == ["quantizer", "a"]


def test_a_converted_network_trains_and_is_saved(tmp_path: Any) -> None:
    net, x = twin("resnet"), samples("resnet", 200)
    with torch.no_grad():
        labels = trained("resnet")(x).argmax(1)
    history = qfx.train(net, (x, labels), epochs=4, warmup=0, progress=False)
    assert history.epochs[-1].loss < history.epochs[0].loss
    points = history.epochs[0].binary_points
    assert "blocks_0_shortcut" in points
    loaded = qfx.load(qfx.save(net, tmp_path / "m.safetensors"))
    assert torch.equal(loaded(x), net(x))
    assert str(loaded) == str(net)
