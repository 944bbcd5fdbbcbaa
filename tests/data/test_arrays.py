"""The same arrays, taken by every door as the numbers they hold."""

import numpy as np
import pytest
import torch
from array_cases import CASES, INTEGERS, plain

import qfx
from models import small_mlp
from qfx import nn
from qfx.data import DataError, numbers
from qfx.ir import Graph, GraphError
from qfx.samples import arrays_of, integers_of
from qfx.training.tensors import as_tensor

X = plain(np.random.default_rng(0).normal(0, 2, (12, 16)))
Y = (X[:, 0] > 0).astype(int)


def fresh() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Quantizer(5, 2), nn.Linear(16, 3))


@pytest.fixture(scope="module")
def graph() -> Graph:
    return qfx.lower(small_mlp(), (16,), "net")


@pytest.mark.parametrize("case", CASES)
def test_floats(case: str, graph: Graph) -> None:
    def given() -> object:
        return CASES[case](X.copy())

    array = numbers(given(), "x")
    assert array.dtype.isnative
    assert array.dtype.itemsize <= 8
    np.testing.assert_array_equal(array, X)
    np.testing.assert_array_equal(as_tensor(given(), "x").double().numpy(), X)
    np.testing.assert_array_equal(graph.run(given()).integers, graph.run(X).integers)
    samples = arrays_of(graph, given())
    wanted = graph.read(X)[0].integers
    np.testing.assert_array_equal(integers_of(graph, samples)[0], wanted)


@pytest.mark.parametrize("case", CASES)
def test_training_and_calibration_take_them(case: str) -> None:
    states = []
    for given in (CASES[case](X.copy()), X):
        trained, calibrated = fresh(), fresh()
        qfx.train(trained, (given, Y), (given, Y), epochs=1, warmup=0.0, progress=False)
        qfx.calibrate(calibrated, given)
        states.append([*trained.state_dict().values(), *calibrated.state_dict().values()])
    assert all(map(torch.equal, *states))


@pytest.mark.parametrize("kind", INTEGERS)
def test_integers(kind: str, graph: Graph) -> None:
    x = np.random.default_rng(1).integers(0, 2 if kind == "bool" else 100, (12, 16))
    given = x.astype(kind)
    np.testing.assert_array_equal(as_tensor(given, "x").numpy(), x)
    np.testing.assert_array_equal(graph.run(given).integers, graph.run(x * 1.0).integers)
    for y in (given[:, 0] % 3, torch.from_numpy((x[:, 0] % 3).astype(np.int32))):
        qfx.train(fresh(), (given, y), epochs=1, progress=False)


def test_what_float64_does_not_hold_is_rounded_to_it(graph: Graph) -> None:
    odd = np.longdouble(1) + np.finfo(np.longdouble).eps * 3
    assert numbers(np.full((2, 2), odd), "x").dtype == np.float64
    assert numbers(np.full(2, np.longdouble(2) ** 3000), "x")[0] == np.inf


def test_memory_is_shared_where_it_can_be() -> None:
    for given in (X, torch.from_numpy(X)):
        assert as_tensor(given, "x").data_ptr() == X.ctypes.data
    frozen = X.copy()
    frozen.flags.writeable = False
    assert as_tensor(frozen, "x").data_ptr() == frozen.ctypes.data


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("x.npy", "input x is the text 'x.npy', not numbers: encode it, or read the file"),
        (np.full((2, 16), "one"), "input x holds <U3, not numbers: read or encode it first"),
        (
            (X + 1j).astype(np.complex64),
            "input x holds complex64, not numbers: read or encode it first",
        ),
        (torch.zeros(2, 16) + 1j, "input x holds complex64, not numbers: read or encode it first"),
        (
            np.zeros(2, "f4,f4"),
            "input x holds [('f0', '<f4'), ('f1', '<f4')], not numbers: read or",
        ),
        (np.zeros(2, "M8[s]"), "input x holds datetime64[s], not numbers: read or encode it first"),
        (None, "input x is a NoneType, not an array of numbers: give one, of numpy or torch"),
        ({"x": X}, "input x is a dict, not an array of numbers: give one, of numpy or torch"),
        (
            [[1.0, 2.0], [3.0]],
            "input x holds parts of different shapes: pad, crop or resize them to",
        ),
        (
            [X[0], X[1, :3]],
            "input x holds parts of different shapes: pad, crop or resize them to one",
        ),
        (
            np.array([1.0, None]),
            "input x at index (1,) is a NoneType, not an array of numbers: give one, of",
        ),
        (np.ma.masked_less(X, 0), "input x is masked in places: fill them, as with .filled(0)"),
        (torch.zeros(2, 16, device="meta"), "input x, a Tensor, cannot be read as an array ("),
        (
            torch.utils.data.TensorDataset(torch.zeros(2, 16)),
            "input x is a TensorDataset, not an array of numbers: give one, of numpy or torch",
        ),
        (np.full((2, 16), np.nan), "input x: nan at index (0, 0) has no fixed-point value: clean"),
    ],
)
def test_what_is_no_array_is_named(given: object, sentence: str, graph: Graph) -> None:
    with pytest.raises(GraphError) as refused:
        graph.run(given)
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


def test_lists_are_read_part_by_part() -> None:
    with pytest.raises(DataError, match=r"^x\[1\]\[0\] holds <U3, not numbers"):
        numbers([[torch.zeros(2)], [np.full(2, "two")]], "x")
