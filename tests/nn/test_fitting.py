"""Binary points know whether they were fitted to numbers; what was not is not frozen."""

import copy
import io
from collections.abc import Callable

import numpy as np
import pytest
import torch

import qfx
from qfx import fixed, nn
from qfx.fixedpoint import FixedPointType
from qfx.nn.bypass import quantizers
from qfx.nn.outdated import changed
from qfx.nn.state import unfitted


def moons() -> tuple[torch.Tensor, torch.Tensor]:
    """Two half circles, which no line parts, of small numbers."""
    generator = torch.Generator().manual_seed(0)
    angle = torch.pi * torch.rand(600, generator=generator)
    side = torch.arange(600) % 2
    x = torch.stack([torch.cos(angle) + side, torch.sin(angle) * (1 - 2.0 * side) + 0.3 * side], 1)
    return 0.2 * (x + 0.1 * torch.randn(600, 2, generator=generator)), side


def mlp() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Quantizer(8), nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))


def by_hand(model: nn.Layer, steps: int = 200) -> float:
    """A training loop as one writes it in torch; the accuracy in evaluation."""
    x, y = moons()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
    model.train()
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    model.eval()
    return float((model(x).argmax(1) == y).float().mean())


def converted() -> nn.Sequential:
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Linear(2, 16), torch.nn.BatchNorm1d(16), torch.nn.Tanh(), torch.nn.Linear(16, 2)
    )
    return qfx.convert(net, input_shape=(2,))


@pytest.mark.parametrize("build", [mlp, converted])
def test_ones_own_training_loop_learns(build: Callable[[], nn.Sequential]) -> None:
    model = build()
    assert by_hand(model) > 0.9
    model.freeze()
    x, y = moons()
    golden = qfx.lower(model, (2,)).run(x.numpy()).to_float()
    np.testing.assert_array_equal(model(x).detach().double().numpy(), golden)
    assert float((torch.tensor(golden).argmax(1) == y).float().mean()) > 0.9


def test_nothing_fitted_is_not_frozen_and_the_sentence_helps() -> None:
    model, x = converted().eval(), moons()[0]
    with pytest.raises(nn.LoweringError, match=r"call qfx.calibrate\(model, x\)"):
        model.freeze()
    with pytest.raises(nn.LoweringError, match=r"call qfx.train or qfx.calibrate\(model, x\)"):
        qfx.lower(model, (2,))
    qfx.calibrate(model, x)
    model.freeze()
    assert qfx.lower(model, (2,))


def test_evaluation_of_what_was_never_fitted_says_so() -> None:
    with pytest.warns(UserWarning, match="never fitted.*qfx.calibrate"):
        mlp().eval()(moons()[0])


def test_a_chosen_point_is_chosen() -> None:
    grid = nn.Quantizer(6, 0)
    for chosen in (grid, nn.KHot(2, fraction_bits=4), nn.Quantizer(6, -2, learned=False)):
        assert chosen.fitted
    for left in (nn.Quantizer(6), nn.KHot(2), nn.Quantizer(6, learned=False)):
        assert not left.fitted
    grid.train()(torch.tensor([0.01, 0.02]))
    assert float(grid.binary_point.detach()) == 0
    for known in (nn.Pixels(), nn.Indices(5), nn.Probabilities(4)):
        assert known.fitted
        known.eval().freeze()


def test_numbers_that_say_nothing_leave_it_to_the_next() -> None:
    grid = nn.Quantizer(8).train()
    grid(torch.zeros(5))
    grid(torch.full((5,), torch.nan))
    assert not grid.fitted
    x = torch.tensor([0.01, -0.02, torch.inf, torch.nan])
    grid(x)
    wanted = nn.Quantizer(8)
    wanted.calibrate(x[:2])
    assert grid.fitted
    assert torch.equal(grid.binary_point, wanted.binary_point)


def test_each_channel_is_fitted() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(5, 3, weight=nn.Quantizer(6, per_channel=True), bias=False)
    with torch.no_grad():
        layer.weight.mul_(torch.tensor([[1.0], [0.01], [30.0]]))
    layer.train()(torch.randn(4, 5))
    points = layer.weight_quantizer.binary_point.flatten().tolist()
    assert points[1] > points[0] > points[2]


def test_whether_it_was_fitted_goes_with_the_state() -> None:
    model, fresh = mlp(), mlp()
    by_hand(model, 1)
    state = model.state_dict()
    for taken in (state, {k: v for k, v in state.items() if not k.endswith("_extra_state")}):
        again = mlp()
        again.load_state_dict(taken)  # a state without it is of a model in use
        assert not unfitted(again)
    assert not unfitted(copy.deepcopy(model))
    assert unfitted(copy.deepcopy(fresh))
    weights = {k: v for k, v in state.items() if k.endswith(("weight", "bias"))}
    fresh.load_state_dict(weights, strict=False)
    assert unfitted(fresh)
    kept = io.BytesIO()
    torch.save(model, kept)
    kept.seek(0)
    assert not unfitted(torch.load(kept, weights_only=False))


def test_a_layer_in_fixed_point_is_fitted_before_its_types_are_read() -> None:
    class Scaled(fixed.Layer):
        def __init__(self) -> None:
            super().__init__(nn.Quantizer(8))
            self.gain = fixed.Parameter(torch.tensor([0.02, 0.03]))
            self.result = nn.Quantizer(8)

        def compute(self, x: fixed.Number) -> fixed.Number:
            return fixed.mul(x, self.gain, self.result)

    x = 0.1 * torch.randn(200, 2)
    model = nn.Sequential(nn.Quantizer(8), Scaled()).train()
    y = model(x)
    wanted = x * torch.tensor([0.02, 0.03])
    assert float((y.detach() - wanted).square().mean() / wanted.square().mean()) < 1e-3
    model.eval().freeze()
    assert not changed(model)
    golden = qfx.lower(model, (2,)).run(x.numpy()).to_float()
    np.testing.assert_array_equal(model(x).detach().double().numpy(), golden)
    assert FixedPointType(8, model[1].gain.dtype.fraction_bits) == model[1].gain.dtype


def test_every_quantizer_of_a_converted_model_is_calibrated() -> None:
    model = converted()
    assert unfitted(model)
    qfx.calibrate(model, moons()[0])
    assert all(quantizer.fitted for quantizer in quantizers(model).values())
