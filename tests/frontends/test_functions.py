"""Functions of one element: those of torch that have no layer, and what forwards compute of one
tensor by several calls, each one table.
"""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

import qfx
from qfx import nn
from qfx.fixedpoint import FixedPointArray
from qfx.foreign import ConvertError
from qfx.nn.expression import FUNCTIONS

Function = Callable[[Tensor], Any]

MODULES = (
    torch.nn.CELU(1.5), torch.nn.ELU(0.5), torch.nn.GELU("tanh"), torch.nn.Hardshrink(0.3),
    torch.nn.LogSigmoid(), torch.nn.Mish(), torch.nn.RReLU(0.1, 0.3), torch.nn.SELU(),
    torch.nn.Softplus(2, 10), torch.nn.Softshrink(0.2), torch.nn.Softsign(), torch.nn.Tanhshrink(),
    torch.nn.Threshold(0.1, -1.0),
)  # fmt: skip
CALLS: dict[str, Function] = {
    "abs": torch.abs,
    "an abs of Python": abs,
    "atan": torch.atan,
    "clamp below": lambda x: x.clamp(min=-0.3),
    "clamp above": lambda x: x.clamp(max=1.0),
    "cos": torch.cos,
    "elu": lambda x: functional.elu(x, 0.7, inplace=True),
    "erf": lambda x: torch.special.erf(x),
    "exp": torch.exp,
    "factor below 0": lambda x: x * -0.5,
    "less": lambda x: 1 - x,
    "negative": lambda x: -x,
    "over": lambda x: 1 / (1 + x * x),
    "power": lambda x: x**2,
    "power of 2": lambda x: 2**x,
    "round": lambda x: torch.round(x * 16) / 16,
    "sign": torch.sign,
    "softplus": lambda x: functional.softplus(input=x, beta=2),
    "square": torch.square,
    # of one tensor, which several calls read
    "GELU by hand": lambda x: 0.5 * x * (1 + torch.erf(x / 2**0.5)),
    "logarithm": lambda x: torch.log1p(x.abs()),
    "maximum": lambda x: torch.maximum(x, torch.sin(x)),
    "Mish by hand": lambda x: x * torch.tanh(functional.softplus(x)),
    "of signs": lambda x: functional.relu(x) - 0.5 * functional.relu(-x),
    "quick GELU": lambda x: x * torch.sigmoid(1.702 * x),
    "root": lambda x: torch.sqrt(functional.relu(x)),
    "step": lambda x: (x > 0).float() * x,
    "Swish": lambda x: x * x.sigmoid(),
    "where": lambda x: torch.where(x > 0, x, 0.1 * x),
    "with itself": lambda x: x - torch.tanh(x),
}


class Between(torch.nn.Module):
    """A function between two layers."""

    def __init__(self, function: Function) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.function = function
        self.first, self.second = torch.nn.Linear(6, 5), torch.nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.second(self.function(self.first(x)))
        return y


def converted(model: torch.nn.Module, **options: Any) -> tuple[Any, Tensor]:
    """The frozen twin, and samples."""
    x = torch.randn(256, 6, generator=torch.Generator().manual_seed(1))
    twin = qfx.convert(model, input_shape=(6,), **options)
    qfx.calibrate(twin, x)
    twin.eval().freeze()
    return twin, x


def require_one_table(model: torch.nn.Module, **options: Any) -> None:
    twin, x = converted(model.eval(), **options)
    wanted, found = model(x), twin(x)
    assert (found - wanted).norm() < 0.16 * wanted.norm()  # steps are off where they are
    tables = [layer for layer in twin.children() if isinstance(layer, nn.lookup.Lookup)]
    assert [type(layer) for layer in tables] == [nn.Function]
    assert len(list(twin.children())) == 4  # nothing but the input's grid and two layers beside it
    graph = qfx.lower(twin, (6,))
    integers = twin[0].integers(x).numpy().astype(int)
    golden = graph.run(FixedPointArray(integers, graph.inputs[0].cast.dtype))
    assert (golden.to_float() == found.detach().numpy()).all()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: type(module).__name__)
def test_modules_without_a_layer_are_tables(module: torch.nn.Module) -> None:
    require_one_table(Between(module))


@pytest.mark.parametrize("name", CALLS)
def test_calls_of_one_tensor_are_one_table(name: str) -> None:
    require_one_table(Between(CALLS[name]))


def test_a_condition_that_others_read_is_a_table_of_its_own() -> None:
    def chosen(x: Tensor) -> Tensor:
        above = x > 0
        return torch.where(above, 1.0, -1.0) + torch.cat([above.float(), x], 1).narrow(1, 0, 5)

    twin, x = converted(Between(chosen).eval())
    tables = [layer for layer in twin.children() if isinstance(layer, nn.Function)]
    assert [layer.expression.text for layer in tables] == ["x > 0", "where(x, 1.0, -1.0)"]
    steps = (twin(x) - Between(chosen).eval()(x)).abs() > 0.2
    assert steps.any(1).float().mean() < 0.1  # where the operand is within its step of 0


def test_what_has_layers_and_is_exact_stays() -> None:
    for function in (
        lambda x: x * functional.relu(x),
        lambda x: x + functional.relu(x),
        lambda x: functional.relu(x * 2),
    ):
        twin, _ = converted(Between(function))
        assert not any(isinstance(layer, nn.Function) for layer in twin.children())


def test_a_function_of_two_tensors_is_none_of_one() -> None:
    class Apart(Between):
        def forward(self, x: Tensor) -> Tensor:
            a = self.first(x)
            y: Tensor = self.second(torch.tanh(a) / torch.exp(self.third(a)))
            return y

    model = Apart(torch.abs)
    model.third = torch.nn.Linear(5, 5)
    with pytest.raises(ConvertError, match="reads tanh and exp: of several tensors there are sums"):
        qfx.convert(model, input_shape=(6,))


class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return grad


def leaky(x: Tensor) -> Tensor:
    return x if x.sum() > 1e9 else torch.where(x > 0, x, 0.1 * x)


class Bounded(torch.nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x if x.abs().max() > 1e9 else torch.tanh(x)


TOLD: dict[Any, tuple[Function, str]] = {
    Swish: (lambda x: Swish.apply(x), "x * sigmoid(x)"),
    leaky: (lambda x: leaky(x), "where(x > 0, x, x / 10)"),
    Bounded: (Bounded(), "tanh(x)"),
}


def test_an_apply_is_found_in_an_attribute() -> None:
    require_one_table(Between(Swish.apply), functions={Swish: "x * sigmoid(x)"})


def test_an_apply_that_is_not_found_is_refused() -> None:
    applies = [Swish.apply]
    with pytest.raises(ConvertError, match=r"call it by the name of its class, as Round.apply"):
        qfx.convert(Between(lambda x: applies[0](x)), input_shape=(6,))


def test_a_function_of_torch_is_told() -> None:
    assert "i0" not in FUNCTIONS
    bessel = Between(lambda x: torch.special.i0(x) / 2)
    with pytest.raises(ConvertError, match="no qfx layer computes special_i0"):
        qfx.convert(bessel, input_shape=(6,))
    require_one_table(bessel, functions={torch.special.i0: "1 + x**2 / 4 + x**4 / 64 + x**6 / 2304"
                                         " + x**8 / 147456 + x**10 / 14745600"})  # fmt: skip


@pytest.mark.parametrize("key", TOLD)
def test_what_cannot_be_followed_is_told(key: Any) -> None:
    function, text = TOLD[key]
    model, apply = Between(function).eval(), torch.autograd.Function.__dict__["apply"]
    with pytest.raises(ConvertError):
        qfx.convert(model, input_shape=(6,))
    require_one_table(model, functions={key: text})
    assert torch.autograd.Function.__dict__["apply"] is apply
    assert leaky is TOLD_LEAKY


TOLD_LEAKY = leaky


def test_a_wrong_text_is_noticed() -> None:
    with pytest.raises(ConvertError, match=r"what functions says of Swish is not what the model"):
        qfx.convert(Between(Swish.apply), input_shape=(6,), functions={Swish: "x"})


def test_it_is_saved_and_loaded(tmp_path: Any) -> None:
    twin, x = converted(Between(CALLS["quick GELU"]))
    qfx.save(twin, tmp_path / "net.safetensors")
    assert torch.equal(qfx.load(tmp_path / "net.safetensors")(x), twin(x))


def test_a_sign_is_kept_wherever_values_turn_negative() -> None:
    for text in ("200 - x", "1e6 - abs(x)", "x * x - 1e-3", "cos(x)", "where(x < 5000, 1, -1)"):
        assert nn.Function(text).output.signed
    for text in ("exp(-x * x)", "abs(x)", "1 / (1 + x * x)", "softplus(x)", "x > 3"):
        assert not nn.Function(text).output.signed
    assert not nn.Function("sqrt(x) + x", nn.Quantizer(8, signed=False)).output.signed
