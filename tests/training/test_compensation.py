"""Compensation: the same grid, results nearer; nothing to compensate where inputs are unrelated."""

import numpy as np
import pytest
import torch

import qfx
from qfx import nn
from qfx.fixedpoint import count_digits
from qfx.training import compensation


def related(samples: int, inputs: int, seed: int = 0) -> np.ndarray:
    """Inputs that are mixtures of few."""
    generator = np.random.default_rng(seed)
    mixed = generator.normal(size=(samples, 3)) @ generator.normal(size=(3, inputs))
    return (mixed + 0.1 * generator.normal(size=(samples, inputs))).astype(np.float32)


def error(model: nn.Sequential, exact: nn.Sequential, x: np.ndarray) -> float:
    with torch.no_grad(), qfx.nn.bypass.bypassed(exact):
        wanted = exact(torch.tensor(x))
    return float((model(torch.tensor(x)).float() - wanted).square().mean())


def pair(build, x: np.ndarray) -> tuple[float, float]:
    """The error of nearest weights, and of compensated ones."""
    models = []
    for compensate in (False, True):
        torch.manual_seed(0)
        model = build()
        exact = build_like(model, build)
        qfx.calibrate(model, x, compensate=compensate)
        models.append(error(model, exact, x))
    return models[0], models[1]


def build_like(model: nn.Sequential, build) -> nn.Sequential:
    other = build()
    other.load_state_dict(model.state_dict())
    return other.eval()


def linear() -> nn.Sequential:
    return nn.Sequential(
        nn.Quantizer(10), nn.Linear(12, 8, weight=nn.KHot(1, 6), output=nn.Quantizer(12))
    )


def convolution() -> nn.Sequential:
    """Its normalization scales each channel, one of them by a negative number."""
    norm = nn.BatchNorm2d(4, fold=True, output=nn.Quantizer(12))
    with torch.no_grad():
        norm.gamma.copy_(torch.tensor([0.3, -2.0, 5.0, 1.0]))
        norm.running_var.copy_(torch.tensor([0.1, 3.0, 1.0, 7.0]))
    return nn.Sequential(
        nn.Quantizer(10),
        nn.Conv2d(4, 4, 3, padding=1, stride=2, dilation=2, groups=2, weight=nn.KHot(1, 6),
                  output=None),
        norm,
    )  # fmt: skip


def line() -> nn.Sequential:
    return nn.Sequential(
        nn.Quantizer(10), nn.Conv1d(3, 4, 4, weight=nn.Quantizer(3, per_channel=True), output=None),
        nn.Quantizer(12),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("build", "shape"), [(linear, (12,)), (convolution, (4, 6, 6)), (line, (3, 8))]
)
def test_results_are_nearer(build, shape: tuple[int, ...]) -> None:
    x = related(400, int(np.prod(shape))).reshape(-1, *shape)
    nearest, compensated = pair(build, x)
    assert compensated < 0.8 * nearest


def test_weights_are_codes() -> None:
    torch.manual_seed(0)
    model = convolution()
    qfx.calibrate(model, related(50, 144).reshape(-1, 4, 6, 6), compensate=True)
    assert count_digits(model[1].weight_integers.numpy()).max() == 1


def test_unrelated_inputs_leave_nothing_to_compensate() -> None:
    torch.manual_seed(0)
    model = linear()
    x = np.vstack([np.eye(12), -np.eye(12)]).astype(np.float32)
    qfx.calibrate(model, x)
    nearest = model[1].weight_integers.clone()
    qfx.calibrate(model, x, compensate=True)
    assert torch.equal(model[1].weight_integers, nearest)


def test_a_dead_input_keeps_its_nearest_weight() -> None:
    x = related(100, 12)
    x[:, 5] = 0
    torch.manual_seed(0)
    model = linear()
    qfx.calibrate(model, x)
    nearest = model[1].weight_integers[:, 5].clone()
    qfx.calibrate(model, x, compensate=True)
    assert torch.equal(model[1].weight_integers[:, 5], nearest)


def test_inputs_that_are_all_dead_keep_the_nearest_weights() -> None:
    torch.manual_seed(0)
    model = linear()
    x = np.zeros((20, 12), np.float32)
    qfx.calibrate(model, x)
    nearest = model[1].weight_integers.clone()
    qfx.calibrate(model, x, compensate=True)
    assert torch.equal(model[1].weight_integers, nearest)


def test_what_stops_it_leaves_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Quantizer(10), nn.Linear(12, 8), nn.Linear(8, 3))
    before = [layer.weight.detach().clone() for layer in (model[1], model[2])]
    chosen, calls = compensation._chosen, []

    def stop(layer: nn.Linear, products: torch.Tensor) -> torch.Tensor:
        calls.append(layer)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return chosen(layer, products)

    monkeypatch.setattr(compensation, "_chosen", stop)
    with pytest.raises(KeyboardInterrupt):
        qfx.calibrate(model, related(50, 12), compensate=True)
    for layer, weight in zip((model[1], model[2]), before, strict=True):
        assert torch.equal(layer.weight, weight)
