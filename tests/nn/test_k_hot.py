"""K-hot parameters: the nearest codes there are, gradients in closed form, words wide enough."""

import math
from itertools import product

import numpy as np
import pytest
import torch

import qfx
from models import as_built
from qfx import nn
from qfx.fixedpoint import FixedPointType, Overflow, Rounding, count_digits
from qfx.nn.cast import fake_cast
from qfx.nn.codes import Codes


def ones(integers: np.ndarray) -> np.ndarray:
    return np.array([bin(n).count("1") for n in integers.tolist()])


def codes(k: int, wordlength: int, signed: bool, signed_digits: bool) -> np.ndarray:
    """All of them, by counting the digits of every integer."""
    bits = wordlength - signed
    magnitudes = np.arange((1 << bits) + signed_digits)
    digits = (count_digits if signed_digits else ones)(magnitudes)
    kept = magnitudes[digits <= k]
    return np.concatenate([-kept[::-1], kept]) if signed else kept


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("signed_digits", [True, False])
@pytest.mark.parametrize("signed", [True, False])
def test_the_nearest_of_all_codes(signed: bool, signed_digits: bool, dtype: torch.dtype) -> None:
    for wordlength, k in product(range(1, 12), range(1, 5)):
        allowed, found = codes(k, wordlength, signed, signed_digits), Codes(k, signed_digits)
        low, high = found.range(wordlength, signed)
        assert (low, high) == (allowed.min(), allowed.max())
        integers = torch.arange(low, high + 1, dtype=dtype)
        given = integers.numpy().copy()
        nearest = found.project(integers, high).numpy()
        assert np.isin(nearest, allowed).all()
        least = np.abs(given[:, None] - allowed).min(1)
        np.testing.assert_array_equal(np.abs(nearest - given), least)


def test_the_errors_of_eight_bits_are_those_of_the_design_page() -> None:
    """Mean and largest relative error of every magnitude from 1 to 127, computed independently."""
    published = {
        (1, True): (16.9, 33.3),
        (2, True): (2.6, 9.1),
        (3, True): (0.27, 2.3),
        (1, False): (23.6, 49.6),
        (2, False): (6.5, 24.4),
        (3, False): (1.8, 11.8),
    }
    x = torch.arange(1.0, 128.0)
    for (k, signed_digits), (mean, largest) in published.items():
        found = Codes(k, signed_digits)
        high = found.range(8, True)[1]
        error = 100 * (found.project(x.clamp(max=high), high) - x).abs() / x
        assert float(error.mean()) == pytest.approx(mean, abs=0.06)
        assert float(error.max()) == pytest.approx(largest, abs=0.051)


def test_numbers_are_rounded_to_the_grid_first() -> None:
    quantizer = nn.KHot(1, 6, fraction_bits=2).for_parameter((4,))
    x = torch.tensor([1.45, 0.12, 8.0, -9.0])  # 5.8, 0.48, 32 and -36 LSB
    assert quantizer.integers(x).tolist() == [8, 0, 32, -32]
    assert quantizer(x).tolist() == [2.0, 0.0, 8.0, -8.0]


def test_gradients_pass_straight_through_the_choice() -> None:
    generator = torch.Generator().manual_seed(3)
    x = (4 * torch.randn(500, generator=generator, dtype=torch.float64)).requires_grad_()
    point = torch.tensor(1.2, dtype=torch.float64, requires_grad=True)
    upstream = torch.randn(500, generator=generator, dtype=torch.float64)
    y = fake_cast(
        x, point, 4, True, Rounding.RND_CONV, Overflow.SAT, codes=Codes(1, signed_digits=True)
    )
    (y * upstream).sum().backward()
    inside = x.detach().abs() <= 4  # 8 LSB of 0.5: signed digits reach one LSB further
    assert torch.equal(x.grad, upstream * inside)
    slope = torch.where(inside, x.detach() - y.detach(), -y.detach())
    expected = math.log(2) * (upstream * slope).sum()
    torch.testing.assert_close(point.grad, expected, rtol=1e-12, atol=0)


def test_the_word_grows_only_for_the_power_of_two_above_it() -> None:
    def frozen(value: float, **arguments: bool) -> FixedPointType:
        layer = nn.Linear(1, 2, weight=nn.KHot(2, 4, **arguments), bias=False, output=None)
        layer.weight.data = torch.tensor([[value], [-8.0]])
        as_built(layer)
        array = layer.weight_array()
        expected = [[value if abs(value) <= 8 else 8.0], [-8.0]]
        np.testing.assert_array_equal(array.to_float(), expected)
        return array.dtype

    assert frozen(7.0) == FixedPointType(4, 0)
    assert frozen(8.0) == FixedPointType(5, 0)
    assert frozen(9.0) == FixedPointType(5, 0)
    assert frozen(7.0, per_channel=True).wordlength <= 5


def test_each_channel_has_its_own_number_of_digits() -> None:
    layer = nn.Conv2d(2, 3, 2, weight=nn.KHot((1, 2, 3), 8, per_channel=True), bias=False)
    layer.weight.data = torch.randn(3, 2, 2, 2, generator=torch.Generator().manual_seed(0))
    layer.weight_quantizer.binary_point.data.fill_(6.0)
    as_built(layer)
    digits = count_digits(layer.weight_integers.numpy()).reshape(3, -1).max(1)
    assert digits.tolist() == [1, 2, 3]
    for channel, k in enumerate((1, 2, 3)):
        alone = nn.KHot(k, 8, fraction_bits=6).for_parameter((2, 2, 2))
        assert torch.equal(
            layer.weight_integers[channel].double(), alone.integers(layer.weight[channel])
        )


def test_a_channel_of_fewer_digits_has_its_own_greatest_code() -> None:
    plain = nn.KHot((1, 3), 6, signed_digits=False, fraction_bits=0)
    quantizer = plain.for_parameter((2, 3))
    x = torch.tensor([[40.0, -28.0, 25.0], [40.0, -28.0, 27.0]])
    assert quantizer(x).tolist() == [[16.0, -16.0, 16.0], [28.0, -28.0, 28.0]]


def test_channels_of_other_digits_are_calibrated_and_fitted() -> None:
    torch.manual_seed(0)
    weight = 0.3 * torch.randn(3, 400)
    found = []
    for start in ("calibrate", "train"):
        quantizer = nn.KHot((1, 2, 3), 6).for_parameter((3, 400))
        quantizer.calibrate(weight) if start == "calibrate" else quantizer.train()(weight)
        found.append(int(quantizer.binary_point))
    errors = {}
    for point in range(-2, 12):
        quantizer = nn.KHot((1, 2, 3), 6, fraction_bits=point).for_parameter((3, 400))
        errors[point] = float((quantizer(weight) - weight).square().mean())
    assert found == [min(errors, key=errors.get)] * 2
    model = nn.Sequential(nn.Quantizer(8), nn.Linear(4, 3, weight=nn.KHot((1, 2, 3))))
    qfx.calibrate(model, torch.randn(50, 4))


def test_as_many_digits_as_bits_are_a_plain_cast() -> None:
    x = torch.randn(2000, generator=torch.Generator().manual_seed(1))
    plain = nn.Quantizer(6, 4).for_parameter((2000,))
    all_ones = nn.KHot(6, 6, fraction_bits=4, signed_digits=False).for_parameter((2000,))
    assert torch.equal(all_ones(x.clamp(-1.9, 1.9)), plain(x.clamp(-1.9, 1.9)))


@pytest.mark.parametrize("k", [1, 2])
def test_calibration_takes_the_least_squared_error(k: int) -> None:
    x = 0.3 * torch.randn(3000, generator=torch.Generator().manual_seed(1))
    quantizer = nn.KHot(k, 6).for_parameter((3000,))
    quantizer.calibrate(x)
    errors = {}
    for point in range(-4, 16):
        grid = codes(k, 6, True, True) * 2.0**-point
        nearest = np.abs(np.rint(x.numpy()[:, None] * 2.0**point) * 2.0**-point - grid).argmin(1)
        errors[point] = float(np.square(grid[nearest] - x.numpy()).mean())
    chosen = quantizer.dtype.fraction_bits
    assert errors[chosen] <= min(errors.values()) * 1.01  # ties are broken another way here


def test_the_binary_point_is_learned_with_it() -> None:
    quantizer = nn.KHot(2, 5, fraction_bits=1).for_parameter((400,))
    quantizer.real_step = True
    x = torch.randn(400, generator=torch.Generator().manual_seed(0)) / 4
    optimizer = torch.optim.Adam([quantizer.binary_point], 0.05)
    first = float((quantizer(x) - x).detach().square().mean())
    for _ in range(100):
        optimizer.zero_grad()
        error = (quantizer(x) - x).square().mean()
        error.backward()
        optimizer.step()
    assert float(error.detach()) < 0.2 * first
    assert quantizer.dtype.fraction_bits > 2


def test_what_is_kept_of_the_distance_is_for_training_alone() -> None:
    quantizer = nn.KHot(1, 8).for_parameter((3,))
    x = torch.tensor([11.0, -5.0, 64.0])
    quantizer.kept = 0.25
    assert quantizer(x).tolist() == [8 + 0.25 * 3, -4 - 0.25, 64.0]
    quantizer.kept = 1.0
    assert quantizer(x).tolist() == x.tolist()
    assert quantizer.eval()(x).tolist() == [8.0, -4.0, 64.0]


def test_a_saved_model_has_its_codes(tmp_path) -> None:
    model = nn.Sequential(
        nn.Quantizer(6, 3),
        nn.Linear(4, 2, weight=nn.KHot((1, 2), 7, per_channel=True), bias=nn.KHot(2, 6)),
        nn.PReLU(2, slope=nn.KHot(1, 6, signed_digits=False), output=None),
    )
    as_built(model)
    loaded = qfx.load(qfx.save(model, tmp_path / "model.safetensors"))
    assert qfx.lower(loaded, (4,)).run(np.eye(4)) == qfx.lower(model, (4,)).run(np.eye(4))
    assert loaded[1].weight_quantizer.k == (1, 2)
    assert not loaded[2].slope.signed_digits
