"""What cannot be built is refused before it is trained or calibrated; what can is left alone."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

import qfx
from qfx import nn
from qfx.buildable import require_buildable
from qfx.nn import LoweringError

X = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
Y = torch.arange(40) % 3


def wide() -> nn.Sequential:
    return nn.Sequential(nn.Quantizer(30), nn.Linear(6, 3, weight=nn.Quantizer(30)))


def exact_port() -> nn.Sequential:
    return nn.Sequential(
        nn.Quantizer(16), nn.Linear(6, 3, weight=nn.Quantizer(16), bias=False, output=None)
    )


def reordered() -> nn.Sequential:
    return nn.Sequential(
        nn.Quantizer(8), nn.Reshape((1, 2, 3)), nn.Permute((2, 1, 3)), nn.MaxPool2d(1),
        nn.Flatten(), nn.Linear(6, 3),
    )  # fmt: skip


def without_grid() -> nn.Sequential:
    return nn.Sequential(nn.Linear(6, 3))


CASES = {
    wide: "bits exceeds the 53 that torch emulates exactly",
    exact_port: "a port carries elements of at most 32 bits",
    reordered: "was reshaped or permuted",
    without_grid: "so its input has no grid",
}


@pytest.mark.parametrize("make", CASES)
@pytest.mark.parametrize(
    "begin",
    [
        lambda model: qfx.calibrate(model, X),
        lambda model: qfx.train(model, (X, Y), epochs=1, warmup=0, progress=False),
        lambda model: qfx.train(model, (X, Y), epochs=1, warmup=1, progress=False),
    ],
)
def test_it_is_refused_before(
    make: Callable[[], nn.Sequential], begin: Callable[[Any], object]
) -> None:
    model = make()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    with pytest.raises(LoweringError, match=CASES[make]):
        begin(model)
    after = model.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before if "frozen" not in key)


def test_it_changes_nothing() -> None:
    model = nn.Sequential(
        nn.Quantizer(8), nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(3, 2), nn.Dropout(),
    )  # fmt: skip
    before = {key: value.clone() for key, value in model.state_dict().items()}
    random = torch.random.get_rng_state()
    require_buildable(model, [(2, 6, 6)])
    assert all(torch.equal(value, model.state_dict()[key]) for key, value in before.items())
    assert torch.equal(random, torch.random.get_rng_state())
    assert model.training
    assert not model.get_submodule("3").seen  # any image may come


def test_samples_that_do_not_fit_are_left_to_the_model() -> None:
    require_buildable(wide(), [(5,)])
