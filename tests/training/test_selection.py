"""By what the best epoch is chosen, and what stops a training: validation that says nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

import qfx
from qfx import nn
from qfx.report.training import training_record
from qfx.training import History, TrainingError

X = np.random.default_rng(0).normal(0, 1, (60, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)
VAL = (X[:20], Y[:20])


def net(outputs: int = 2) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Quantizer(6), nn.Linear(4, outputs))


def trained(
    model: nn.Layer | None = None, data: Any = (X, Y), val: Any = VAL, **how: Any
) -> History:
    how = {"epochs": 6, "warmup": 0.0, "learning_rate": 0.1, "progress": False} | how
    return qfx.train(model or net(), data, val, **how)


def callable_loss(output: Tensor, y: Tensor) -> Tensor:
    return functional.cross_entropy(output, y)


@pytest.mark.parametrize(
    ("how", "selected_by"),
    [
        ({}, "accuracy"),
        ({"metric": "loss"}, "loss"),
        ({"loss": callable_loss}, "loss"),
        ({"loss": callable_loss, "metric": "accuracy"}, "accuracy"),
    ],
)
def test_what_selects_is_recorded_and_does(how: dict[str, Any], selected_by: str) -> None:
    model = net()
    history = trained(model, **how)
    assert history.selected_by == selected_by
    assert all(epoch.val_accuracy is not None for epoch in history.epochs)

    def score(number: int) -> tuple[float, float]:
        epoch = history.epochs[number]
        return (-epoch.val_accuracy if selected_by == "accuracy" else 0.0, epoch.val_loss)

    assert history.best == min(range(6), key=score)
    found = qfx.lower(model, (4,)).run(VAL[0]).to_float()
    assert (found.argmax(1) == VAL[1]).mean() == history.epochs[history.best].val_accuracy


@pytest.mark.parametrize(("sign", "best"), [(1, 5), (-1, 0)])
def test_the_greatest_of_a_callable_is_the_best(sign: int, best: int) -> None:
    seen: list[tuple[Any, ...]] = []

    def growing(output: Tensor, y: Tensor) -> Tensor:
        assert output.device == y.device == torch.device("cpu")
        assert not output.requires_grad
        seen.append((tuple(output.shape), tuple(y.shape)))
        return torch.tensor(float(sign * len(seen)))

    history = trained(metric=growing)
    assert seen == [((20, 2), (20,))] * 6
    assert (history.best, history.selected_by) == (best, "growing")
    assert [epoch.val_metric for epoch in history.epochs] == [sign * n for n in range(1, 7)]


def test_regressions_are_selected_by_their_loss() -> None:
    history = trained(net(1), (X, X[:, :1]), (X, X[:, :1]), loss="regression")
    assert history.selected_by == "loss"
    losses = [epoch.val_loss for epoch in history.epochs]
    assert history.best == int(np.argmin(losses))


def test_several_outputs_reach_the_metric_as_tuples() -> None:
    torch.manual_seed(0)
    nodes = [("q", nn.Quantizer(6)), ("a", nn.Linear(4, 2), "q"), ("b", nn.Linear(4, 1), "q")]
    model = nn.Network(nodes, outputs=("a", "b"))
    seen = []

    def loss(output: Any, y: Any) -> Tensor:
        return functional.cross_entropy(output[0], y[0]) + functional.mse_loss(output[1], y[1])

    def metric(output: Any, y: Any) -> float:
        seen.append([tuple(each.shape) for each in (*output, *y)])
        return 0.0

    y = (Y, X[:, :1])
    trained(
        model, (X, y), (X[:20], tuple(each[:20] for each in y)), loss=loss, metric=metric, epochs=1
    )
    assert seen == [[(20, 2), (20, 1), (20,), (20, 1)]]


def test_the_record_of_a_training_says_it() -> None:
    history = trained(epochs=1, metric=lambda output, y: 0.5)
    record = training_record(history)
    assert record is not None
    assert (record.selected_by, record.epochs[0].val_metric) == ("<lambda>", 0.5)
    assert history.rows()[0]["val_metric"] == 0.5
    assert "val_metric" not in trained(epochs=1).rows()[0]
    said = "best: epoch 1 of 1, by the validation data's <lambda>, which the model has"
    assert said in str(history)
    older = history.to_dict()
    del older["selected_by"], older["epochs"][0]["val_metric"]
    assert training_record_of(older).selected_by == ""


def training_record_of(content: dict[str, Any]) -> Any:
    class Kept:
        def to_dict(self) -> dict[str, Any]:
            return content

    return training_record(Kept())  # type: ignore[arg-type]


def after(calls: int) -> Callable[[Tensor, Tensor], Tensor]:
    """A loss that is nan of validation data, told by their size, from an epoch on."""
    counted = []

    def loss(output: Tensor, y: Tensor) -> Tensor:
        value = callable_loss(output, y)
        counted.extend([1] * (len(y) == 20))
        return value * float("nan") if len(y) == 20 and len(counted) > calls else value

    return loss


def test_a_validation_loss_that_is_not_finite_stops_and_keeps_the_best() -> None:
    model = net()
    with pytest.raises(TrainingError) as refused:
        trained(model, loss=after(3))
    assert str(refused.value) == (
        "the validation loss became nan in epoch 3, batch 0, on finite data: lower learning_rate or"
        " scale the data; the model keeps its best so far"
    )
    assert bool(model.frozen)


class Fleeting:
    """Batches that are there for so many passes."""

    def __init__(self, passes: int) -> None:
        self.passes = passes

    def __iter__(self) -> Iterator[Any]:
        self.passes -= 1
        return iter([VAL] if self.passes >= 0 else [])


def test_validation_that_runs_dry_stops() -> None:
    with pytest.raises(TrainingError) as refused:
        trained(val=Fleeting(5))
    assert str(refused.value) == (
        "the validation data gave batches once, and none when gone through again: give a list of"
        " them, a Dataset or a DataLoader"
    )


@pytest.mark.parametrize("val", [([], []), (X[:0], Y[:0]), [], Fleeting(0)])
def test_empty_validation_is_refused_before_training(val: Any) -> None:
    model = net()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(TrainingError, match=r"the validation data"):
        trained(model, val=val)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_a_later_batch_that_does_not_fit_is_named() -> None:
    good = (X[:20], Y[:20])
    for position, what in ((1, "training"), (2, "validation")):
        data = [[good, good], [good, good]]
        data[position - 1] = [good, good, (X[:20, :3], Y[:20])]
        with pytest.raises(TrainingError, match=f"^batch 2 of the {what} data, x of shape"):
            trained(data=data[0], val=data[1])
