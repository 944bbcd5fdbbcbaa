"""Calibration alone: where each method puts the binary point, and what it leaves."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

import qfx
from qfx import nn
from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.nn.quantizer import METHODS
from qfx.training import TrainingError

TAIL = torch.distributions.StudentT(3.0)


def heavy_tailed(seed: int, count: int = 4000) -> torch.Tensor:
    torch.manual_seed(seed)
    return TAIL.sample((count,))


def values_on(x: torch.Tensor, wordlength: int, fraction_bits: int) -> np.ndarray:
    """The golden cast of x: nothing of the layer's own arithmetic."""
    fine = FixedPointArray(np.rint(x.double().numpy() * 2.0**40).astype(np.int64), FINE)
    return fine.cast(
        FixedPointType(wordlength, fraction_bits), Rounding.RND, Overflow.SAT
    ).to_float()


FINE = FixedPointType(62, 40)
BY_ERROR = {"mse": np.square, "mae": np.abs}


@pytest.mark.parametrize("method", BY_ERROR)
@pytest.mark.parametrize("wordlength", [3, 5, 8])
@pytest.mark.parametrize("seed", range(4))
def test_no_other_point_has_less_error(method: str, wordlength: int, seed: int) -> None:
    x, quantizer = heavy_tailed(seed), nn.Quantizer(wordlength)
    quantizer.calibrate(x, method)
    found = int(quantizer.binary_point)

    def error(fraction_bits: int) -> float:
        return BY_ERROR[method](x.double().numpy() - values_on(x, wordlength, fraction_bits)).mean()

    assert min(range(-8, 14), key=error) == found


def test_the_absolute_error_minds_the_tail_less() -> None:
    points = {}
    for method in BY_ERROR:
        quantizer = nn.Quantizer(5)
        quantizer.calibrate(heavy_tailed(0), method)
        points[method] = int(quantizer.binary_point)
    assert points["mae"] > points["mse"]


@pytest.mark.parametrize(("percentile", "share"), [(100, 1.0), (99.9, 0.999), (90, 0.9)])
def test_the_finest_grid_that_holds_a_share(percentile: float, share: float) -> None:
    x, quantizer = heavy_tailed(1), nn.Quantizer(8)
    quantizer.calibrate(x, "percentile", percentile)

    def held(fraction_bits: float) -> float:
        return float((x.abs() * 2.0**fraction_bits < 2**7).double().mean())

    found = float(quantizer.binary_point.detach())
    assert held(found) >= share > held(found + 1)


def test_max_is_the_whole_share() -> None:
    x, points = heavy_tailed(2), []
    for how in (("max",), ("percentile", 100)):
        quantizer = nn.Quantizer(8)
        quantizer.calibrate(x, *how)
        points.append(int(quantizer.binary_point))
    assert points[0] == points[1]
    assert (x.abs() * 2.0 ** points[0]).max() < 2**7


@pytest.mark.parametrize("method", METHODS)
def test_each_channel_by_itself(method: str) -> None:
    rows = torch.stack([heavy_tailed(3), 16 * heavy_tailed(3), heavy_tailed(4) / 4])
    together = nn.Quantizer(6, per_channel=True).for_parameter(tuple(rows.shape))
    together.calibrate(rows, method)
    for row, point in zip(rows, together.binary_point.flatten(), strict=True):
        alone = nn.Quantizer(6)
        alone.rounding = together.rounding
        alone.calibrate(row, method)
        assert int(point) == int(alone.binary_point)


def model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Quantizer(8), nn.Linear(5, 8, output=None), nn.ReLU(nn.Quantizer(8, signed=False)),
        nn.Linear(8, 3),
    )  # fmt: skip


X = np.random.default_rng(0).normal(0, 1, (600, 5)).astype(np.float32)
Y = np.zeros(600, int)


@pytest.mark.parametrize(
    "data",
    [
        X,
        torch.from_numpy(X),
        (X, Y),
        TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)),
        DataLoader(TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)), batch_size=50),
    ],
    ids=["array", "tensor", "pair", "dataset", "loader"],
)
def test_any_form_of_data_gives_the_same_frozen_model(data: object) -> None:
    net, reference = model(), model()
    qfx.calibrate(net, data, samples=600)
    qfx.calibrate(reference, X, samples=600)
    assert bool(net.frozen)
    assert not net.training
    for key, tensor in net.state_dict().items():
        assert torch.equal(tensor, reference.state_dict()[key]), key
    golden = qfx.lower(net, (5,)).run(X)
    np.testing.assert_array_equal(net(torch.from_numpy(X)).detach().numpy(), golden.to_float())


@pytest.mark.parametrize("method", METHODS)
def test_every_method_leaves_a_model_that_computes_what_it_did(method: str) -> None:
    net = model()
    with nn.bypass.bypassed(net), torch.no_grad():
        wanted = net(torch.from_numpy(X)).numpy()
    qfx.calibrate(net, X, method=method)
    found = net(torch.from_numpy(X)).detach().numpy()
    assert np.abs(found - wanted).max() < 0.05 * np.abs(wanted).max()


def test_calibrating_again_forgets_the_first() -> None:
    net = model()
    qfx.calibrate(net, 100 * X)
    qfx.calibrate(net, X)
    fresh = model()
    qfx.calibrate(fresh, X)
    assert torch.equal(net[0].fraction_bits, fresh[0].fraction_bits)
    assert torch.equal(net[1].weight_integers, fresh[1].weight_integers)
    assert torch.equal(net[3].output.fraction_bits, fresh[3].output.fraction_bits)


@pytest.mark.parametrize("bad", [X[:, :4], np.full_like(X, np.nan)], ids=["shape", "nan"])
def test_data_that_are_refused_leave_a_frozen_model_as_it_was(bad: np.ndarray) -> None:
    net = model()
    qfx.calibrate(net, X)
    before = {key: tensor.clone() for key, tensor in net.state_dict().items()}
    with pytest.raises(TrainingError):
        qfx.calibrate(net, bad)
    assert not net.training
    assert all(torch.equal(before[key], tensor) for key, tensor in net.state_dict().items())
