"""How K-hot weights come to their codes in training."""

import numpy as np
import pytest
import torch
from test_train import X, Y

import qfx
from qfx import nn
from qfx.fixedpoint import count_digits


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Quantizer(6),
        nn.Linear(6, 16, weight=nn.KHot(1, 6), output=None),
        nn.ReLU(nn.Quantizer(6, signed=False)),
        nn.Linear(16, 3, weight=nn.KHot(2, 6), output=nn.Quantizer(8)),
    )


def kept_while_training(**options) -> tuple[nn.Sequential, list[float]]:
    """The shares of the distance left at each step, of a model that is then trained."""
    model, seen = net(), []
    quantizer = model[1].weight_quantizer

    def look(*_: object) -> None:
        if quantizer.training and not quantizer.bypassed:
            seen.append(quantizer.kept)

    hook = quantizer.register_forward_pre_hook(look)
    qfx.train(model, (X, Y), epochs=8, batch_size=40, learning_rate=1e-2, progress=False, **options)
    hook.remove()
    return model, seen


def test_the_distance_falls_to_nothing_over_three_quarters_of_the_quantized_steps() -> None:
    _, seen = kept_while_training()
    steps = 6 * 10  # of 8 epochs, the first two are in float
    expected = [max(0.0, 1 - step / (0.75 * steps)) for step in range(steps)]
    np.testing.assert_allclose(seen, expected)


def test_straight_through_projects_from_the_first_step() -> None:
    _, seen = kept_while_training(projection="straight_through")
    assert seen == [0.0] * 60


@pytest.mark.parametrize("projection", ["gradual", "straight_through"])
def test_it_learns_codes(projection: str) -> None:
    model, _ = kept_while_training(projection=projection)
    assert count_digits(model[1].weight_integers.numpy()).max() == 1
    assert count_digits(model[3].weight_integers.numpy()).max() == 2
    golden = qfx.lower(model, (6,)).run(X)
    assert (golden.integers.argmax(1) == Y).mean() > 0.75
    assert model[1].weight_quantizer.kept == 0.0


def test_an_interrupted_training_leaves_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    model, calls = net(), []

    def stop(*_: object) -> None:
        calls.append(0)
        if len(calls) == 30:
            raise KeyboardInterrupt

    model.register_forward_pre_hook(stop)
    history = qfx.train(model, (X, Y), epochs=8, batch_size=40, progress=False)
    assert history.interrupted
    assert model[1].weight_quantizer.kept == 0.0
