"""Calls as people write them: the same in float, whatever the mode of the model; or refused."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

import qfx
from qfx import nn
from qfx.frontends import ConvertError
from qfx.nn.bypass import bypassed

VECTOR, LINE, IMAGE = (4,), (4, 4), (2, 4, 4)


class Net(torch.nn.Module):
    def __init__(self, function: Callable[[Any, Tensor], Any]) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.fc = torch.nn.Linear(4, 4)
        self.norm = torch.nn.BatchNorm1d(4)
        self.act = torch.nn.ReLU()
        self.plain = torch.relu  # a callable that is no module
        self.shift = torch.tensor(0.5)
        self.function = function
        self.norm.running_mean = torch.randn(4)

    def forward(self, x: Tensor, scale: float = 2.0) -> Any:
        return self.function(self, x * scale)


def differs(model: torch.nn.Module, shape: tuple[int, ...], **keywords: Any) -> float:
    net = qfx.convert(model, **keywords).eval()
    x = torch.randn(3, *shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad(), bypassed(net):
        found, wanted = net(x), model.eval()(x)
    assert found.shape == wanted.shape
    return float((found - wanted).abs().max())


@pytest.mark.parametrize(
    ("function", "shape", "known"),
    [
        (lambda s, x: 1 + s.fc(x), VECTOR, False),
        (lambda s, x: 2 * s.fc(x), VECTOR, False),
        (lambda s, x: torch.mul(0.5, s.fc(x)), VECTOR, False),
        (lambda s, x: s.fc(x) - s.shift, VECTOR, False),
        (lambda s, x: (s.fc(x) - 0.5) / 0.25, VECTOR, False),
        (lambda s, x: s.act(s.fc(s.act(x))), VECTOR, False),
        (lambda s, x: s.plain(s.fc(x)), VECTOR, False),
        (lambda s, x: functional.relu(s.fc(x), inplace=True), VECTOR, False),
        (lambda s, x: s.fc(x).clamp_(-1, 1), VECTOR, False),
        (lambda s, x: s.fc(input=x), VECTOR, False),
        (lambda s, x: functional.linear(input=x, weight=s.fc.weight), VECTOR, False),
        (lambda s, x: functional.dropout(s.fc(x), 0.3, s.training), VECTOR, False),
        (lambda s, x: functional.dropout2d(x, training=s.training), IMAGE, False),
        (lambda s, x: s.fc(x) if s.training else s.act(s.fc(x)), VECTOR, False),
        (lambda s, x: s.norm(s.fc(x)), VECTOR, False),
        (lambda s, x: s.fc(x).detach(), VECTOR, False),
        (lambda s, x: functional.relu(x).view(x.size(0), x.size(1), -1), IMAGE, True),
        (lambda s, x: x.view(x.shape[0], x.shape[1] * x.shape[2], x.size(3) // 2, 2), IMAGE, True),
        (lambda s, x: x.flatten(x.dim() - 2), IMAGE, True),
        (lambda s, x: x.reshape(shape=(x.size(0), -1)), IMAGE, False),
        (lambda s, x: x.permute(dims=(0, 2, 3, 1)), IMAGE, False),
        (lambda s, x: torch.flatten(x, 1, 2), IMAGE, True),
        (lambda s, x: x.flatten(-2), IMAGE, True),
        (lambda s, x: x.mean((2, 3), keepdim=True), IMAGE, False),
        (lambda s, x: functional.relu(x.amax((2, 3))), IMAGE, False),
        (lambda s, x: torch.amax(x.flatten(2), -1, keepdim=True), IMAGE, True),
        (lambda s, x: functional.adaptive_max_pool2d(x, (1, None)), IMAGE, True),
        (lambda s, x: functional.adaptive_max_pool1d(x.flatten(2), 1), IMAGE, True),
        (lambda s, x: functional.avg_pool2d(x, kernel_size=x.size()[2:]), IMAGE, True),
    ],
)
@pytest.mark.parametrize("training", [True, False])
def test_it_computes_the_same(
    function: Callable[[Any, Tensor], Any], shape: tuple[int, ...], known: bool, training: bool
) -> None:
    model = Net(function).train(training)
    model.norm.train(not training)  # modes are kept module by module
    modes = [module.training for module in model.modules()]
    net = qfx.convert(model, input_shape=shape if known else None)
    assert [module.training for module in model.modules()] == modes
    assert net.training == training
    assert differs(model, shape, **({"input_shape": shape} if known else {})) < 1e-4


def test_what_no_hardware_can_be_is_refused_where_the_shape_is_known() -> None:
    model = Net(lambda s, x: s.norm(s.fc(x)))
    with pytest.raises(ConvertError) as refused:
        qfx.convert(model, input_shape=LINE)
    assert str(refused.value) == "fc_matmul: matmul over (4, 4) needs Flatten before it"


def test_a_normalization_of_unknown_sequences_is_refused_when_they_come() -> None:
    net = qfx.convert(Net(lambda s, x: s.norm(s.fc(x)))).eval()
    with pytest.raises(nn.LoweringError) as refused:
        net(torch.zeros(2, *LINE))
    assert str(refused.value) == (
        "BatchNorm1d(fold=True) behind a Linear normalizes vectors, whose axis is the Linear's; a"
        " sample here has 2 axes: pass fold=False"
    )


def test_names_that_a_sequential_has_get_another() -> None:
    model = torch.nn.Sequential()
    model.add_module("lower", torch.nn.Linear(4, 4))
    model.add_module("names", torch.nn.ReLU())
    assert [name for name, _ in qfx.convert(model).named_children()] == [
        "input", "lower_", "names_",
    ]  # fmt: skip


def test_a_model_that_overwrites_its_input_is_compared_with_a_copy() -> None:
    model = torch.nn.Sequential(torch.nn.LeakyReLU(0.5, inplace=True))
    assert type(qfx.convert(model, input_shape=VECTOR)[1]) is nn.LeakyReLU


class Hooked(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.act = torch.nn.ReLU()
        self.act.register_forward_hook(lambda module, x, y: y + 1)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.act(x)
        return y


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (
            Hooked(),
            "act (ReLU) has hooks, which may change what it computes and are not followed: remove"
            " them first, by the handle's remove()",
        ),
        (
            Net(lambda s, x: x[0]),
            "getitem: the sizes must be known: pass input_shape=(...) to convert",
        ),
        (
            Net(lambda s, x: (functional.relu(x, inplace=True), s.fc(x))[1]),
            "relu (relu) overwrites mul, which fc reads afterwards: give its result on, or leave"
            " out inplace",
        ),
    ],
)
def test_it_is_refused(model: torch.nn.Module, sentence: str) -> None:
    with pytest.raises(ConvertError) as refused:
        qfx.convert(model)
    assert str(refused.value) == sentence
