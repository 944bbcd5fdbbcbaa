"""Gradients: the closed form of a cast, and those of the real functions everywhere else."""

import math
from collections.abc import Callable

import pytest
import torch
from layers import Magnitude, Rescale

from qfx import fixed, nn
from qfx.fixed import FixedPointType
from qfx.nn.bypass import bypassed

FINE = FixedPointType(40, 30)  # so fine that finite differences show the slope
STEP = 2.0**-8


def test_a_cast_has_the_gradient_of_the_closed_form() -> None:
    x = torch.tensor([0.3, -0.7, 5.0, -9.0, 3.9], requires_grad=True)
    y = fixed.tensor(x, FixedPointType(4, 1))
    assert y.values.tolist() == [0.5, -0.5, 3.5, -4.0, 3.5]
    y.values.backward(torch.tensor([1.0, 2, 3, 4, 5]))
    assert x.grad is not None
    assert x.grad.tolist() == [1, 2, 0, 0, 0]


def test_a_quantizer_is_taught_its_binary_point() -> None:
    quantizer = nn.Quantizer(4, 1)
    x = torch.tensor([0.3, -0.7, 5.0, -9.0])
    y = fixed.tensor(x, quantizer)
    assert y.dtype == FixedPointType(4, 1)
    y.values.sum().backward()
    closed = math.log(2) * ((0.3 - 0.5) + (-0.7 + 0.5) - 3.5 + 4.0)
    assert quantizer.binary_point.grad is not None
    assert float(quantizer.binary_point.grad) == pytest.approx(closed, abs=1e-6)


def test_the_cast_of_a_product_has_the_gradient_of_both() -> None:
    a = torch.tensor([1.5, 2.0], requires_grad=True)
    b = torch.tensor([0.5, 3.0], requires_grad=True)
    t = FixedPointType(6, 2)
    y = fixed.mul(fixed.tensor(a, t), fixed.tensor(b, t), FixedPointType(4, 1))
    assert y.values.tolist() == [1.0, 3.5]
    y.values.sum().backward()
    assert a.grad is not None
    assert b.grad is not None
    assert a.grad.tolist() == [0.5, 0]  # the second saturates
    assert b.grad.tolist() == [1.5, 0]


@pytest.mark.parametrize(
    "function",
    [
        lambda x, w: fixed.mul(x, w, FINE),
        lambda x, w: fixed.add(x, w),
        lambda x, w: w - x,
        lambda x, w: fixed.div(x, w),
        lambda x, w: fixed.div(fixed.cast(w, FixedPointType(33, 30)), x),
        lambda x, w: fixed.sqrt(fixed.cast(x, FixedPointType(22, 18)), fraction_bits=20),
        lambda x, w: fixed.relu(x),
    ],
)
def test_where_a_function_is_smooth_its_slope_is_that_of_finite_differences(
    function: Callable[[fixed.Tensor, fixed.Tensor], fixed.Tensor],
) -> None:
    values = torch.tensor([0.75, 1.25, 2.5], dtype=torch.float64)
    factor = fixed.tensor([1.5, -0.75, 1.25], FixedPointType(5, 3))

    def evaluate(x: torch.Tensor) -> torch.Tensor:
        return function(fixed.tensor(x, FixedPointType(23, 19)), factor).values

    x = values.clone().requires_grad_()
    evaluate(x).sum().backward()
    ahead, behind = (evaluate(values + step).double() for step in (STEP, -STEP))
    slope = (ahead - behind) / (2 * STEP)
    assert x.grad is not None
    torch.testing.assert_close(x.grad, slope.detach(), atol=1e-3, rtol=1e-4)


def test_a_root_of_zero_and_below_has_no_slope() -> None:
    x = torch.tensor([0.0, -1.0, 4.0], requires_grad=True)
    fixed.sqrt(fixed.tensor(x, FixedPointType(6, 2))).values.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 0, 0.25]


@pytest.mark.parametrize("layer", [Rescale, Magnitude])
def test_before_calibration_a_layer_is_its_real_function(layer: type[fixed.Layer]) -> None:
    torch.manual_seed(0)
    model = layer().double()
    shape = (4, 3) if layer is Rescale else (4, 2, 2, 2)
    x = torch.randn(shape, dtype=torch.float64) + 0.1
    with bypassed(model):
        assert torch.autograd.gradcheck(model, (x.requires_grad_(),))
    assert not torch.equal(model(x), x)


class Ratio(fixed.Layer):
    """x a / b, where the quotient of the parameters is a number of its own."""

    def __init__(self) -> None:
        super().__init__(FixedPointType(8, 4))
        self.a = fixed.Parameter(torch.tensor(0.3), nn.Quantizer(4))
        self.b = fixed.Parameter(torch.tensor(0.7), nn.Quantizer(4))

    def compute(self, x: fixed.Number) -> fixed.Number:
        return x * (self.a / self.b)


def test_before_calibration_parameters_are_not_cast_either() -> None:
    model, x = Ratio(), torch.tensor([[0.11, -0.7]])
    with bypassed(model):
        torch.testing.assert_close(model(x), x * 0.3 / 0.7)


def test_every_parameter_and_binary_point_of_a_layer_is_trained() -> None:
    torch.manual_seed(0)
    model = Rescale()
    model(torch.randn(50, 3)).square().sum().backward()
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            assert parameter.grad is not None, name
            assert parameter.grad.any(), name
