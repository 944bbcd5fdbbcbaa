"""Training and calibrating models of several inputs and outputs."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

import qfx
from qfx import nn
from qfx.lowering import emulate
from qfx.training import TrainingError


def model() -> nn.Network:
    torch.manual_seed(0)
    nodes = [
        ("left_grid", nn.Quantizer(8), "left"),
        ("right_grid", nn.Quantizer(8), "right"),
        ("both", nn.Concat(nn.Quantizer(8)), ("left_grid", "right_grid")),
        ("body", nn.Linear(5, 12, output=None)),
        ("act", nn.ReLU(nn.Quantizer(8, signed=False))),
        ("kind", nn.Linear(12, 2)),
        ("size", nn.Linear(12, 1), "act"),
    ]
    return nn.Network(nodes, inputs=("left", "right"), outputs=("kind", "size"))


def data(count: int = 600, seed: int = 1) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    left, right = (torch.randn(count, size, generator=generator) for size in (3, 2))
    kind = (left[:, 0] > right[:, 1]).long()
    size = left[:, :1] - right[:, :1]
    return (left, right), (kind, size)


def both(outputs: tuple[Tensor, Tensor], y: tuple[Tensor, Tensor]) -> Tensor:
    kind = torch.nn.functional.cross_entropy(outputs[0], y[0])
    return kind + torch.nn.functional.mse_loss(outputs[1], y[1])


class Pairs(Dataset[Any]):
    """Samples one by one: a DataLoader makes lists of tensors of them."""

    def __init__(self) -> None:
        self.x, self.y = data()

    def __len__(self) -> int:
        return len(self.x[0])

    def __getitem__(self, index: int) -> Any:
        return tuple(x[index] for x in self.x), tuple(y[index] for y in self.y)


@pytest.mark.parametrize("loaded", [False, True])
def test_both_outputs_are_learned_from_both_inputs(loaded: bool) -> None:
    torch.manual_seed(1)
    net, given = model(), DataLoader(Pairs(), 64, shuffle=True) if loaded else data()
    history = qfx.train(
        net, given, epochs=24, batch_size=64, loss=both, learning_rate=1e-2, progress=False
    )
    assert history.epochs[-1].accuracy is None
    x, (kind, size) = data(200, seed=2)
    graph = qfx.lower(net, ((3,), (2,)))
    kinds, sizes = graph.run(*(each.numpy() for each in x))
    assert (kinds.integers.argmax(1) == kind.numpy()).mean() > 0.85
    assert np.square(sizes.to_float() - size.numpy()).mean() < 0.3 * float(size.var())
    read = [entry.read(each.numpy()) for entry, each in zip(graph.inputs, x, strict=True)]
    torchs = emulate(net, graph, tuple(each.integers for each in read))
    for found, wanted in zip(torchs, (kinds, sizes), strict=True):
        np.testing.assert_array_equal(found, wanted.integers)


@pytest.mark.parametrize("compensate", [False, True])
def test_every_form_of_data_calibrates_the_same(compensate: bool) -> None:
    x, y = data()
    states = []
    for given in (x, (x, y), DataLoader(Pairs(), 256)):
        net = model()
        qfx.calibrate(net, given, compensate=compensate)
        states.append(net.state_dict())
    for state in states[1:]:
        assert all(torch.equal(state[name], states[0][name]) for name in state)
    assert states[0]["left_grid.binary_point"] != 0


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda x, y: qfx.train(model(), (x, y), progress=False),
            "loss 'classification' compares one output with y, and the model gives 2: pass a"
            " callable of the tuple of outputs and y",
        ),
        (
            lambda x, y: qfx.train(model(), (x[0], y), loss=both, progress=False),
            "the model takes 2 tensors: the training data must have x as a tuple of as many"
            " arrays, not a Tensor",
        ),
        (
            lambda x, y: qfx.train(model(), ((x[0], x[1][:7]), y), loss=both, progress=False),
            "the training data has 600 and 7 samples of x and 600 and 600 of y: give as many of"
            " each, at least one",
        ),
        (
            lambda x, y: qfx.train(model(), (x, y[0]), loss=both, progress=False),
            "batch 0 of the training data, x of shape (600, 3) and (600, 2) and y of shape"
            " (600,), does not pass",
        ),
        (
            lambda x, y: qfx.calibrate(model(), x[0]),
            "the model takes 2 tensors: the calibration data must have x as a tuple of as many"
            " arrays, not a Tensor",
        ),
        (
            lambda x, y: qfx.calibrate(model(), (x[0], x[1][:7])),
            "the calibration data has 600 and 7 samples of x: give as many of each, at least one",
        ),
        (
            lambda x, y: qfx.calibrate(model(), (x[0], x[1] / 0)),
            "right of the calibration data holds ",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call: Any, sentence: str) -> None:
    with pytest.raises(TrainingError) as refused:
        call(*data())
    assert str(refused.value).startswith(sentence)
