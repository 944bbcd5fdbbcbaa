"""qfx.train: what it learns, in which phases, from which data; what it refuses and how it stops."""

import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

import qfx
from qfx import nn
from qfx.nn.bypass import quantizers
from qfx.training import TrainingError

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(0, 1, (400, 6)).astype(np.float32)
Y = (X[:, 0] + X[:, 1] > 0).astype(int) + (X[:, 2] > 1)


def model(outputs: int = 3, seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Quantizer(6),
        nn.Linear(6, 16, weight=nn.Quantizer(5), output=None),
        nn.ReLU(nn.Quantizer(6, signed=False)),
        nn.Linear(16, outputs, weight=nn.Quantizer(5), output=nn.Quantizer(8)),
    )


def quick(net: nn.Layer, data=(X, Y), **options) -> qfx.training.History:
    options = {"epochs": 8, "batch_size": 40, "learning_rate": 1e-2, "progress": False} | options
    return qfx.train(net, data, **options)


def test_it_learns_and_leaves_an_exact_model() -> None:
    net = model()
    history = quick(net, epochs=24)
    assert [e.phase for e in history.epochs] == ["float"] * 6 + ["learn"] * 9 + ["freeze"] * 9
    best = history.epochs[history.best]
    assert best.val_accuracy == max(e.val_accuracy for e in history.epochs if e.phase != "float")
    assert best.val_accuracy > 0.9
    assert bool(net.frozen)
    golden = qfx.lower(net, (6,)).run(X)
    np.testing.assert_array_equal(
        net(torch.from_numpy(X)).detach().double().numpy(), golden.to_float()
    )
    assert (golden.integers.argmax(1) == Y).mean() == best.val_accuracy
    late = [e.binary_points for e in history.epochs if e.phase == "freeze"]
    assert all(points == late[0] for points in late)


def test_points_are_real_while_learned_then_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    net, seen = model(), []
    fixed = nn.Quantizer(6, 3, learned=False)
    net[2].output = fixed
    points = {name: q for name, q in quantizers(net).items() if q.learned}

    def look(*_: object) -> None:
        values = [float(q.binary_point.detach()) for q in points.values()]
        real = {q.real_step for q in points.values()}
        seen.append((net.training, real, all(v == round(v) for v in values)))

    net.register_forward_hook(look)
    history = quick(net, epochs=8)
    phases = [epoch.phase for epoch in history.epochs]
    assert phases == ["float"] * 2 + ["learn"] * 3 + ["freeze"] * 3
    training = [(real, whole) for train, real, whole in seen if train]
    steps = len(training) // 8
    learned, frozen = training[2 * steps + 1 : 5 * steps], training[5 * steps :]
    assert all(real == {True} and not whole for real, whole in learned)
    assert all(real == {False} and whole for real, whole in frozen)
    assert not any(q.real_step for q in quantizers(net).values())
    assert fixed.binary_point.grad is None


def test_the_same_seed_gives_the_same_model() -> None:
    states = []
    for seed in (1, 1, 2):
        net = model()
        torch.rand(seed + 5)  # whatever the caller did to the global generator before
        quick(net, seed=seed)
        states.append(net.state_dict())
    same = [all(torch.equal(states[0][k], state[k]) for k in state) for state in states[1:]]
    assert same == [True, False]


def test_the_callers_random_state_is_left_alone() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    net = model()
    torch.manual_seed(7)
    quick(net, epochs=1, warmup=0.0)
    assert torch.equal(torch.rand(3), expected)


def test_datasets_and_loaders() -> None:
    dataset = TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    for data in (dataset, DataLoader(dataset, 50, shuffle=True)):
        history = quick(model(), data, val_data=dataset)
        assert history.epochs[-1].loss < history.epochs[0].loss


def test_regression_and_a_callable_loss() -> None:
    target = (X[:, :1] - 0.5 * X[:, 1:2]).astype(np.float32)
    for loss in ("regression", torch.nn.functional.smooth_l1_loss):
        net = model(outputs=1)
        history = quick(net, (X, target), loss=loss, epochs=20)
        assert history.epochs[history.best].val_loss < 0.1 * float((target**2).mean())
        assert history.epochs[0].accuracy is None


def test_a_fixed_binary_point_stays() -> None:
    net = nn.Sequential(nn.Quantizer(6, 3, learned=False), nn.Linear(6, 3))
    quick(net, binary_point_learning_rate=1.0)
    assert not net[0].binary_point.requires_grad
    moved = nn.Sequential(nn.Quantizer(6, 3), nn.Linear(6, 3))
    history = quick(moved, binary_point_learning_rate=1.0)
    points = [e.binary_points["1.output"] for e in history.epochs if e.phase == "learn"]
    assert len(set(points)) > 1


def with_nan(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x[3, 2] = np.nan
    return x


def test_nan_in_the_values_of_a_regression_is_found() -> None:
    with pytest.raises(TrainingError, match=r"y of the training data holds nan at index \(3, 2\)"):
        quick(model(), (X, with_nan(X)), loss="regression")


def test_data_that_do_not_fit_leave_the_model_as_it_was() -> None:
    net = model()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    with pytest.raises(TrainingError, match="does not pass through the model"):
        quick(net, (X[:, :-1], Y))
    assert not bool(net.frozen)
    assert all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())


def test_nan_in_a_loader_is_found_where_it_is() -> None:
    dataset = TensorDataset(torch.from_numpy(with_nan(X)), torch.from_numpy(Y))
    with pytest.raises(
        TrainingError, match=r"x of batch 0 of the training data holds nan at index \(3, 2\)"
    ):
        quick(model(), DataLoader(dataset, 40), val_data=(X, Y))


def test_a_loss_that_is_not_finite_stops_and_keeps_the_best() -> None:
    net, calls = model(), []

    def loss(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        value = torch.nn.functional.cross_entropy(output, y)
        return value * float("nan") if len(calls) > 60 else value

    with pytest.raises(
        TrainingError, match=r"the loss became nan in epoch \d, batch \d, on finite"
    ):
        quick(net, loss=loss, warmup=0.0)
    assert bool(net.frozen)
    assert torch.isfinite(net(torch.from_numpy(X))).all()


def test_ctrl_c_leaves_the_best_model_so_far() -> None:
    net, calls = model(), []

    def loss(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        if len(calls) == 60:
            signal.raise_signal(signal.SIGINT)
        return torch.nn.functional.cross_entropy(output, y)

    history = quick(net, loss=loss, warmup=0.0)
    assert history.interrupted
    assert 1 <= len(history.epochs) < 8
    assert bool(net.frozen)
    qfx.lower(net, (6,))


def test_the_history_draws_itself(tmp_path: Path) -> None:
    history = quick(model())
    history.plot(tmp_path / "history.png")
    assert (tmp_path / "history.png").read_bytes().startswith(b"\x89PNG")


def test_a_warmup_of_all_epochs_quantizes_once_at_the_end() -> None:
    net = model()
    before = [q.dtype for q in quantizers(net).values()]
    history = quick(net, epochs=2, warmup=1.0)
    assert [epoch.phase for epoch in history.epochs] == ["float", "float"]
    assert history.best is None
    assert bool(net.frozen)
    assert not net.training
    assert [q.dtype for q in quantizers(net).values()] != before
