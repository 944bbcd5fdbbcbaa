"""Every form that data come in gives the same training and calibration, or is named."""

from collections import namedtuple
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

import qfx
from qfx import nn
from qfx.ir import Graph
from qfx.samples import arrays_of
from qfx.training import TrainingError

X = np.random.default_rng(0).normal(0, 1, (64, 6)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)
T, L = torch.from_numpy(X), torch.from_numpy(Y)
Pair = namedtuple("Pair", "label image")
Plain = namedtuple("Plain", "first second")


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Quantizer(8), nn.Linear(6, 2))


class Items(Dataset[Any]):
    """Samples by number, as `make` has them of x and y."""

    def __init__(self, make: Callable[[Any, Any], Any]) -> None:
        self.make = make

    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, number: int) -> Any:
        return self.make(X[number], Y[number])


class Flow(IterableDataset[Any]):
    def __iter__(self) -> Iterator[Any]:
        return iter(zip(T, L, strict=True))


class Table:
    """By number too, but nothing of torch's."""

    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, number: int) -> Any:
        if not 0 <= number < len(X):
            raise IndexError(number)
        return {"image": X[number].tolist(), "label": int(Y[number]), "path": "a.png"}


class Loader:
    """Gone through again and again, of no length."""

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(X), 16):
            yield T[start : start + 16], L[start : start + 16]


class Once:
    """Gone through once."""

    def __init__(self) -> None:
        self.rest = iter(Loader())

    def __iter__(self) -> Iterator[Any]:
        return self.rest


def batches(make: Callable[[Any, Any], Any] = lambda x, y: (x, y)) -> list[Any]:
    return [make(x, y) for x, y in Loader()]


FORMS: dict[str, Callable[[], Any]] = {
    "a list of two arrays": lambda: [X, Y],
    "lists of numbers": lambda: (X.tolist(), Y.tolist()),
    "a dict": lambda: {"x": X, "y": Y},
    "a namedtuple": lambda: Pair(Y, X),
    "a TensorDataset": lambda: TensorDataset(T, L),
    "items that are lists": lambda: Items(lambda x, y: [x, y]),
    "items that are dicts": lambda: Items(lambda x, y: {"label": y, "Image": x, "id": "7"}),
    "items that are namedtuples": lambda: Items(lambda x, y: Pair(y, x)),
    "items that are namedtuples of other names": lambda: Items(Plain),
    "items of flipped doubles": lambda: Items(lambda x, y: (x[::-1].astype(">f8")[::-1], y)),
    "items of tensors with gradient": lambda: Items(
        lambda x, y: (torch.tensor(x, requires_grad=True), y)
    ),
    "items of a table": Table,
    "an IterableDataset": Flow,
    "a loader of an IterableDataset": lambda: DataLoader(Flow(), 16),
    "a loader": lambda: DataLoader(TensorDataset(T, L), 16),
    "a loader of dicts": lambda: DataLoader(Items(lambda x, y: {"image": x, "label": y}), 16),
    "a loader of namedtuples": lambda: DataLoader(Items(lambda x, y: Pair(y, x)), 16),
    "a loader of doubles": lambda: DataLoader(TensorDataset(T.double(), L.int()), 16),
    "a list of batches": batches,
    "a list of dicts": lambda: batches(lambda x, y: {"inputs": x.numpy(), "targets": y}),
    "a list of samples": lambda: list(zip(T, L.tolist(), strict=True)),
    "a generator of samples": lambda: zip(T, L, strict=True),
    "a generator of batches": lambda: iter(Loader()),
    "batches of no length": Loader,
    "batches that come once": Once,
}


@pytest.fixture(scope="module")
def graph() -> Graph:
    model = net()
    qfx.calibrate(model, X)
    return qfx.lower(model, (6,))


@pytest.mark.parametrize("form", FORMS)
def test_all_are_the_same_data(form: str, graph: Graph) -> None:
    history = qfx.train(net(), FORMS[form](), (X, Y), epochs=2, warmup=0.0, progress=False)
    assert len(history.epochs) == 2
    calibrated, wanted = net(), net()
    qfx.calibrate(calibrated, FORMS[form]())
    qfx.calibrate(wanted, X)
    for name, tensor in wanted.state_dict().items():
        assert torch.equal(calibrated.state_dict()[name], tensor), name
    (samples,) = arrays_of(graph, FORMS[form]())
    np.testing.assert_array_equal(samples, X)


@pytest.mark.parametrize("form", FORMS)
def test_validation_is_whole_in_every_form(form: str) -> None:
    wanted = qfx.train(net(), (X, Y), (X, Y), epochs=1, progress=False).epochs[0]
    found = qfx.train(net(), (X, Y), FORMS[form](), epochs=1, progress=False).epochs[0]
    assert found.val_accuracy == wanted.val_accuracy
    assert found.val_loss == pytest.approx(wanted.val_loss)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([X[:32] / 1000, X[32:] * 100], np.concatenate([X[:32] / 1000, X[32:] * 100])),
        ([(X[:32] / 1000,), (X[32:] * 100,)], np.concatenate([X[:32] / 1000, X[32:] * 100])),
        (
            [(X[:32] / 1000, Y[:32]), (X[32:] * 100, Y[32:])],
            np.concatenate([X[:32] / 1000, X[32:] * 100]),
        ),
        ([X[:8], X[8:9] * 100, X[9:]], np.concatenate([X[:8], X[8:9] * 100, X[9:]])),
        (list(X), X),
        (X.tolist(), X),
        ((X, Y, Y), X),
        (TensorDataset(T, L, L), X),
        (DataLoader(TensorDataset(T)), X),
    ],
    ids=[
        *("arrays", "singles", "pairs", "three", "samples", "numbers", "more", "three of each"),
        "loader",
    ],
)
def test_calibration_uses_all_it_is_given(given: Any, wanted: Any, graph: Graph) -> None:
    found, reference = net(), net()
    qfx.calibrate(found, given)
    qfx.calibrate(reference, wanted)
    assert all(map(torch.equal, found.state_dict().values(), reference.state_dict().values()))
    np.testing.assert_array_equal(arrays_of(graph, given)[0], wanted)


def test_every_batch_of_a_list_is_looked_at_however_many_there_are() -> None:
    many = [np.full((1000, 6), 0.01), *[np.full((1000, 6), 0.5)] * 5, np.full((1000, 6), 100.0)]
    found, limited = net(), net()
    qfx.calibrate(found, many, method="max")
    qfx.calibrate(limited, many, method="max", samples=1000)
    assert (int(found[0].fraction_bits), int(limited[0].fraction_bits)) == (0, 13)


def test_a_stream_is_trained_at_the_rates_of_a_loader() -> None:
    states = []
    for data in (DataLoader(TensorDataset(T, L), 16), Loader(), DataLoader(Flow(), 16)):
        trained = net()
        qfx.train(trained, data, epochs=3, progress=False)
        states.append(list(trained.state_dict().values()))
    assert all(map(torch.equal, *states[:2]))
    assert all(map(torch.equal, *states[1:]))


def two() -> nn.Network:
    torch.manual_seed(0)
    nodes = [("a", nn.Quantizer(8), "left"), ("b", nn.Quantizer(8), "right"),
             ("both", nn.Concat(), ("a", "b")), ("kind", nn.Linear(6, 2))]  # fmt: skip
    return nn.Network(nodes, inputs=("left", "right"))


@pytest.mark.parametrize(
    "given",
    [
        ((X[:, :2], X[:, 2:]), Y),
        [(X[:, :2], X[:, 2:]), Y],
        (X[:, :2], X[:, 2:], Y),
        {"right": X[:, 2:], "left": X[:, :2], "label": Y},
        ({"right": X[:, 2:], "left": X[:, :2]}, Y),
        TensorDataset(T[:, :2], T[:, 2:], L),
        Items(lambda x, y: ((x[:2], x[2:]), y)),
        DataLoader(Items(lambda x, y: {"right": x[2:], "left": x[:2], "kind": y}), 64),
        [((x[:, :2], x[:, 2:]), y) for x, y in Loader()],
    ],
)
def test_several_inputs_in_every_form(given: Any) -> None:
    qfx.train(two(), given, (((X[:, :2], X[:, 2:]), Y)), epochs=1, progress=False)
    found, wanted = two(), two()
    qfx.calibrate(found, given)
    qfx.calibrate(wanted, (X[:, :2], X[:, 2:]))
    assert all(map(torch.equal, found.state_dict().values(), wanted.state_dict().values()))
    graph = qfx.lower(wanted, ((2,), (4,)))
    left, right = arrays_of(graph, given)
    np.testing.assert_array_equal(np.concatenate([left, right], 1), X)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (TensorDataset(T), " of the training data holds x alone: give (x, y)"),
        ((X, Y[:3]), "the training data has 64 samples of x and 3 of y: give as many of each"),
        ([(X, Y), (X, Y[:3])], "batch 1 of the training data has 64 samples of x and 3 of y"),
        (Items(lambda x, y: (x[: 5 + y], y)), " of the training data holds a tensor of shape ("),
        (
            Items(lambda x, y: (x, "cat")),
            " of the training data is the text 'cat', not numbers: encode",
        ),
        (Items(lambda x, y: {"a": x, "y": y}), " of the training data has the keys a and y, none"),
        (
            {"image": X, "data": X, "y": Y},
            "the training data has the keys image, data and y, image",
        ),
        (Items(lambda x, y: (np.where(x == X[5, 2], np.nan, x), y)), "item 5 of the training"),
        ((X.astype(np.float64) * 1e39, Y), ", which float32 does not hold: scale the data first"),
        (DataLoader([(1, 2)]), "x of batch 0 of the training data, of shape (1,), is no batch of"),
        (Items(lambda x, y: 1 / 0), "batch 0 of the training data cannot be read (division"),
        ("data.csv", "the training data must be arrays, not the text 'data.csv': read"),
        (7, "the training data holds x alone: give (x, y)"),
        ([], "the training data holds nothing: give at least one sample"),
        ([X, X, X], "the training data holds 3 arrays: give (x, y), or batches of (x, y)"),
        (iter([]), "the training data holds nothing: give at least one sample"),
        (object(), "the training data must be arrays (x, y), a Dataset, a DataLoader or"),
    ],
    ids=range(17),
)
@pytest.mark.parametrize("validation", [False, True])
def test_what_does_not_fit_is_named(given: Any, sentence: str, validation: bool) -> None:
    if not isinstance(given, Iterator) or not validation:
        with pytest.raises(TrainingError) as refused:
            qfx.train(net(), *([(X, Y), given] if validation else [given]), progress=False)
        wanted = sentence.replace("the training", "the validation") if validation else sentence
        assert wanted in str(refused.value)
