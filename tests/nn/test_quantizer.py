"""The differentiable cast: exact in every mode, gradients in closed form, calibration optimal."""

import math

import numpy as np
import pytest
import torch

from models import MODES
from qfx import nn
from qfx.fixedpoint import FixedPointError, FixedPointType, Overflow, Rounding, quantize
from qfx.nn.cast import fake_cast, power_of_two


@pytest.mark.parametrize(("rounding", "overflow"), MODES)
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_forward_is_the_grid_value(
    rounding: Rounding, overflow: Overflow, signed: bool, dtype: torch.dtype
) -> None:
    generator = torch.Generator().manual_seed(0)
    for wordlength, fraction_bits in ((1, 0), (4, 2), (8, -3), (6, 9)):
        x = torch.randn(4000, generator=generator, dtype=dtype) * 2.0 ** (
            wordlength - fraction_bits
        )
        halves = (torch.arange(-200, 200) / 2).to(dtype) * 2.0**-fraction_bits
        near = torch.nextafter(halves, torch.tensor(math.inf, dtype=dtype))
        x = torch.cat([x, halves, near, torch.tensor([0.49999997, 0.5 - 2.0**-25], dtype=dtype)])
        point = torch.tensor(fraction_bits + 0.3)
        y = fake_cast(x, point, wordlength, signed, rounding, overflow)
        expected = quantize(
            x.numpy(), FixedPointType(wordlength, fraction_bits, signed), rounding, overflow
        )
        np.testing.assert_array_equal(y.double().numpy(), expected.to_float())


def closed_form(
    x: torch.Tensor, y: torch.Tensor, low: float, high: float, overflow: Overflow
) -> tuple[torch.Tensor, torch.Tensor]:
    """Element by element: dy/dx, and dy/df over ln 2."""
    inside = (x >= low) & (x <= high)
    dx = torch.ones_like(x) if overflow is Overflow.WRAP else inside.to(x.dtype)
    held = torch.zeros_like(x) if overflow in (Overflow.WRAP, Overflow.SAT_ZERO) else -y
    return dx, torch.where(inside, x - y, held)


@pytest.mark.parametrize("overflow", Overflow)
@pytest.mark.parametrize("signed", [True, False])
def test_gradients_are_the_closed_form(overflow: Overflow, signed: bool) -> None:
    generator = torch.Generator().manual_seed(3)
    x = (4 * torch.randn(500, generator=generator, dtype=torch.float64)).requires_grad_()
    point = torch.tensor(1.2, dtype=torch.float64, requires_grad=True)
    upstream = torch.randn(500, generator=generator, dtype=torch.float64)
    y = fake_cast(x, point, 4, signed, Rounding.RND_CONV, overflow)
    (y * upstream).sum().backward()
    low = (-7 if overflow is Overflow.SAT_SYM else -8) if signed else 0
    dx, df = closed_form(x.detach(), y.detach(), low / 2, (7 if signed else 15) / 2, overflow)
    assert torch.equal(x.grad, upstream * dx)
    expected = math.log(2) * (upstream * df).sum()  # summed in another order
    torch.testing.assert_close(point.grad, expected, rtol=1e-12, atol=0)


def test_each_channel_has_the_gradient_of_its_own_binary_point() -> None:
    generator = torch.Generator().manual_seed(3)
    x = (4 * torch.randn(3, 2, 5, generator=generator, dtype=torch.float64)).requires_grad_()
    points = torch.tensor([1.2, 0.0, 2.0], dtype=torch.float64).reshape(3, 1, 1).requires_grad_()
    upstream = torch.randn(3, 2, 5, generator=generator, dtype=torch.float64)
    y = fake_cast(x, points, 4, True, Rounding.RND_CONV, Overflow.SAT)
    (y * upstream).sum().backward()
    for channel, lsb in enumerate((0.5, 1.0, 0.25)):
        values = x.detach()[channel], y.detach()[channel]
        dx, df = closed_form(*values, -8 * lsb, 7 * lsb, Overflow.SAT)
        assert torch.equal(x.grad[channel], upstream[channel] * dx)
        expected = math.log(2) * (upstream[channel] * df).sum()
        torch.testing.assert_close(points.grad[channel, 0, 0], expected, rtol=1e-12, atol=0)


def test_a_real_step_is_no_power_of_two() -> None:
    generator = torch.Generator().manual_seed(3)
    x = (4 * torch.randn(500, generator=generator, dtype=torch.float64)).requires_grad_()
    point = torch.tensor(1.3, dtype=torch.float64, requires_grad=True)
    upstream = torch.randn(500, generator=generator, dtype=torch.float64)
    y = fake_cast(x, point, 4, True, Rounding.RND_CONV, Overflow.SAT, real_step=True)
    lsb = 2.0**-1.3
    np.testing.assert_allclose(y.detach(), lsb * np.clip(np.rint(x.detach() / lsb), -8, 7), 1e-12)
    (y * upstream).sum().backward()
    dx, df = closed_form(x.detach(), y.detach(), -8 * lsb, 7 * lsb, Overflow.SAT)
    assert torch.equal(x.grad, upstream * dx)
    expected = math.log(2) * (upstream * df).sum()
    torch.testing.assert_close(point.grad, expected, rtol=1e-12, atol=0)


def test_where_it_saturates_the_slope_of_a_real_step_is_exact() -> None:
    x, point = torch.tensor([50.0, -70.0]), torch.tensor(1.3, requires_grad=True)

    def held(at: float) -> torch.Tensor:
        return fake_cast(x, torch.tensor(at), 4, True, Rounding.RND, Overflow.SAT, real_step=True)

    fake_cast(x, point, 4, True, Rounding.RND, Overflow.SAT, real_step=True).sum().backward()
    difference = (held(1.31) - held(1.29)).sum() / 0.02
    torch.testing.assert_close(point.grad, difference, rtol=1e-3, atol=0)


def test_a_quantizer_has_a_real_step_in_training_alone() -> None:
    quantizer, x = nn.Quantizer(6), torch.linspace(-3, 3, 50)
    quantizer.binary_point.data.fill_(2.4)
    on_grid = quantizer.eval()(x)
    quantizer.real_step = True
    assert torch.equal(quantizer(x), on_grid)
    quantizer.train()
    assert not torch.equal(quantizer(x), on_grid)


def test_the_gradient_of_the_binary_point_changes_sign_at_the_mse_optimum() -> None:
    x = torch.randn(20_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def slope_and_error(fraction_bits: int) -> tuple[float, float]:
        point = torch.tensor(float(fraction_bits), requires_grad=True)
        error = (fake_cast(x, point, 4, True, Rounding.RND_CONV, Overflow.SAT) - x).square().mean()
        error.backward()
        return float(point.grad), float(error.detach())

    (falling, at_1), (rising, at_2) = slope_and_error(1), slope_and_error(2)
    assert falling < 0 < rising
    assert at_1 < at_2


@pytest.mark.parametrize("scale", [1e-3, 0.3, 1.0, 700.0])
@pytest.mark.parametrize("wordlength", [2, 4, 8])
def test_calibration_takes_the_least_squared_error(scale: float, wordlength: int) -> None:
    x = scale * torch.randn(5000, generator=torch.Generator().manual_seed(1))
    quantizer = nn.Quantizer(wordlength)
    quantizer.calibrate(x)
    errors = {}
    for fraction_bits in range(-20, 30):
        dtype = FixedPointType(wordlength, fraction_bits)
        grid = quantize(x.numpy(), dtype, Rounding.RND, Overflow.SAT).to_float()
        errors[fraction_bits] = float(((grid - x.double().numpy()) ** 2).mean())
    assert quantizer.dtype.fraction_bits == min(errors, key=errors.get)


def test_calibration_on_zeros_leaves_the_binary_point() -> None:
    quantizer = nn.Quantizer(8, 3)
    quantizer.calibrate(torch.zeros(10))
    assert quantizer.dtype.fraction_bits == 3


def test_power_of_two_is_exact() -> None:
    exponents = torch.arange(-120, 121)
    for dtype in (torch.float32, torch.float64):
        expected = torch.tensor([2.0 ** int(e) for e in exponents], dtype=dtype)
        assert torch.equal(power_of_two(exponents, dtype), expected)


@pytest.mark.parametrize("wordlength", [0, -3, 64, 200])
def test_wordlengths_out_of_range_are_refused(wordlength: int) -> None:
    with pytest.raises(FixedPointError, match=f"wordlength must be 1 to 63 bits, not {wordlength}"):
        nn.Quantizer(wordlength)


def test_words_wider_than_float64_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 53 bits"):
        nn.Quantizer(54)


def test_a_parameter_rounds_half_to_even_unless_told_otherwise() -> None:
    assert nn.Linear(2, 2).weight_quantizer.active_rounding is Rounding.RND_CONV
    own = nn.Linear(2, 2, weight=nn.Quantizer(4, rounding="TRN"))
    assert own.weight_quantizer.active_rounding is Rounding.TRN
    assert nn.Quantizer(4).active_rounding is Rounding.RND


def test_the_binary_point_of_images_learns_alike_in_either_order_of_memory() -> None:
    generator = torch.Generator().manual_seed(0)
    x, grad = (3 * torch.randn(2, 3, 4, 5, generator=generator) for _ in range(2))
    found = []
    for layout in (torch.contiguous_format, torch.channels_last):
        quantizer = nn.Quantizer(4, 2)
        y = quantizer(x.contiguous(memory_format=layout))
        assert y.is_contiguous(memory_format=layout)
        y.backward(grad.contiguous(memory_format=layout))
        found.append(float(quantizer.binary_point.grad))
    assert found[0] == pytest.approx(found[1], rel=1e-5)
