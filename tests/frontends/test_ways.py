"""The twin goes the way of `net(x)`, or is refused: at once, or as soon as data come."""

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import qfx
from models import as_built
from qfx import nn
from qfx.frontends import ConvertError

X = np.random.default_rng(0).standard_normal((24, 4)).astype("f4")


class Ways(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.plain, self.other = torch.nn.Linear(4, 3), torch.nn.Linear(4, 3)


def net(forward: Callable[..., Any]) -> Ways:
    return type("Net", (Ways,), {"forward": forward})()


def _mask(self, x, mask=None):
    return self.plain(x) if mask is None else self.other(x)


def _flag(self, x, flag=True):
    return self.plain(x) if flag is True else self.other(x)


def _number(self, x, depth=2, scale=1.0):
    return self.plain(x) if depth == 2 and scale < 2 else self.other(x)


def _by_name(self, x, *, mode="plain"):
    return self.plain(x) if mode == "plain" else self.other(x)


def _more(self, x, *rest, **named):
    return self.other(x) if rest or named else self.plain(x)


def _any(self, *xs):
    return self.plain(xs[0]) if len(xs) == 1 else self.other(xs[0])


def _default(self, x=None):
    return self.other(x) if x is None else self.plain(x)


def _isinstance(self, x):
    return self.plain(x) if isinstance(torch.relu(x), Tensor) else self.other(x)


def _is_tensor(self, x):
    return self.plain(x) if torch.is_tensor(x) else self.other(x)


def _hasattr(self, x):
    return self.other(x) if hasattr(x, "mask") else self.plain(x)


def _training(self, x):
    return self.other(x) if self.training else self.plain(x)


def _kept(self, x):
    self.seen = x
    return self.plain(self.seen)


@pytest.mark.parametrize(
    "forward",
    [
        _mask, _flag, _number, _by_name, _more, _any, _default, _isinstance, _is_tensor, _hasattr,
        _training, _kept,
    ],
)  # fmt: skip
def test_it_goes_the_way_of_tensors(forward: Callable[..., Any]) -> None:
    model = net(forward)
    attributes = set(vars(model))
    for shape in (None, (4,)):
        twin = qfx.convert(model, input_shape=shape)
        assert [name for name, _ in twin.named_children()] == ["input", "plain"]
    assert set(vars(model)) == attributes
    qfx.calibrate(twin, X)


def test_a_tensor_by_name_is_an_input() -> None:
    model = net(lambda self, x, *, y: self.plain(x) + self.other(y))
    model.forward = lambda x, *, y: model.plain(x) + model.other(y)  # the instance's own
    twin = qfx.convert(model, input_shape=((4,), (4,)))
    assert twin.inputs == ("x", "y")


def test_several_tensors_are_told_by_the_shapes() -> None:
    twin = qfx.convert(
        net(lambda self, *xs: self.plain(xs[0]) + self.other(xs[-1])), input_shape=((4,), (4,))
    )
    assert twin.inputs == ("xs_0", "xs_1")


def test_an_argument_with_a_default_has_no_shape() -> None:
    with pytest.raises(ConvertError) as refused:
        qfx.convert(net(_mask), input_shape=((4,), (4,)))
    assert str(refused.value) == (
        "forward takes x alone: input_shape is its shape, as (1, 28, 28), not ((4,), (4,));"
        " mask=None is constant, as in net(x): an argument without default is an input"
    )


def test_constants_are_named_where_the_way_is_another() -> None:
    model = net(lambda self, x, k=2: self.plain(x) if type(x) is Tensor else self.other(x))
    with pytest.raises(ConvertError, match=r"net\(x\) \(k=2 is constant\) runs plain and"):
        qfx.convert(model, input_shape=(4,))


def _type(self, x):
    return self.plain(x) if x.dtype is torch.float32 else self.other(x)


def _tried(self, x):
    try:
        return self.plain(x) if len(x) else x
    except RuntimeError:
        return self.other(x)


OTHER = (
    "Net.forward goes another way for tensors than for torch.fx, by which convert follows it:"
    " net(x) runs plain and does not run other: its way must not depend on the type of x (x.dtype,"
    " type(x), try), nor on anything that changes from call to call"
)


@pytest.mark.parametrize("forward", [_type, _tried])
@pytest.mark.parametrize(
    "begin",
    [
        lambda twin: qfx.calibrate(twin, X),
        lambda twin: qfx.train(twin, (X, np.arange(24) % 3), epochs=1, progress=False),
        lambda twin: qfx.lower(twin.eval(), (4,)),
        lambda twin: twin(torch.from_numpy(X)),
        lambda twin: copy.deepcopy(twin)(torch.from_numpy(X)),
        lambda twin: nn.Sequential(nn.Quantizer(8), twin)(torch.from_numpy(X)),
    ],
)
def test_another_way_is_refused_when_data_come(
    forward: Callable[..., Any], begin: Callable[[Any], object]
) -> None:
    twin = qfx.convert(net(forward))
    as_built(twin)
    with pytest.raises(ConvertError) as refused:
        begin(twin)
    assert str(refused.value) == OTHER


def test_an_export_refuses_it_too(tmp_path: Path) -> None:
    twin = qfx.convert(net(_type)).eval()
    as_built(twin)
    for argmax in (False, True):
        with pytest.raises(ConvertError, match="goes another way"):
            qfx.export(twin, tmp_path / "p", samples=X, argmax=argmax)


def test_it_is_compared_once_and_as_it_was_converted() -> None:
    model = net(_mask)
    twin = qfx.convert(model)
    with torch.no_grad():
        model.plain.weight.add_(1)  # trained on
        twin.get_submodule("plain").weight.mul_(3)  # loaded
    before = torch.random.get_rng_state()
    twin(torch.from_numpy(X))
    assert torch.equal(before, torch.random.get_rng_state())  # training draws the same numbers
    assert twin.origin.compare is None


def test_data_of_another_shape_are_not_compared() -> None:
    twin = qfx.convert(net(_type))
    with pytest.raises(ValueError, match="compare a sample's shape with the first layer"):
        qfx.calibrate(twin, X[:, :3])
    with pytest.raises(ConvertError, match="goes another way"):
        qfx.calibrate(twin, X)


def test_what_is_saved_is_the_twin_alone(tmp_path: Path) -> None:
    twin = qfx.convert(net(_mask))
    with pytest.warns(UserWarning, match="never compared with its float model"):
        loaded = pickle.loads(pickle.dumps(twin))
    loaded(torch.from_numpy(X))
    with pytest.warns(UserWarning, match="never compared with its float model"):
        qfx.save(twin, tmp_path / "t.safetensors")


def test_a_small_difference_of_small_outputs_counts() -> None:
    model = net(lambda self, x: self.plain(x) if type(x) is Tensor else self.other(x))
    with torch.no_grad():
        for each in model.parameters():
            each.mul_(1e-4)
    with pytest.raises(ConvertError, match="goes another way"):
        qfx.convert(model, input_shape=(4,))


def test_rounding_where_large_numbers_cancel_does_not_count() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(400, 200), torch.nn.BatchNorm1d(200))
    with torch.no_grad():
        model[0].weight.copy_(torch.ones(200, 400) * 0.1 + torch.randn(200, 400) * 1e-4)
        model[0].bias.copy_(-model[0].weight @ torch.full((400,), 1e3))
        model[1].running_var.fill_(1e-3)
    x = 1e3 + torch.randn(32, 400, generator=torch.Generator().manual_seed(0)) * 1e-3
    qfx.calibrate(qfx.convert(model.eval()), x)
