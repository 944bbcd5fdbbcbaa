"""Models and data in float64, half and bfloat16, and torch's default set to float64."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

import qfx
from qfx import nn
from qfx.lowering import emulate, float_values
from qfx.nn import Layer
from qfx.nn.precision import in_float32

X = np.round(np.random.default_rng(0).normal(0, 1, (64, 6)) * 8) / 8
Y = (X[:, 0] > 0).astype(int)


@pytest.fixture(params=[torch.float32, torch.float64], ids=["float32", "float64"])
def default(request: pytest.FixtureRequest) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(request.param)
    yield
    assert torch.get_default_dtype() == request.param  # left as it was
    torch.set_default_dtype(before)


CAST: dict[str, Callable[[torch.nn.Module], torch.nn.Module]] = {
    "float": torch.nn.Module.float,
    "double": torch.nn.Module.double,
    "half": torch.nn.Module.half,
    "bfloat16": torch.nn.Module.bfloat16,
}


def model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Quantizer(6), nn.Linear(6, 8, output=None), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2)
    )


def proved(net: Layer) -> None:
    """The frozen layers give the golden integers, and the float model is compared with."""
    graph = qfx.lower(net, (6,))
    stimuli = graph.read(X)[0].integers
    np.testing.assert_array_equal(emulate(net, graph, stimuli), graph.run(X).integers)
    assert float_values(net, X)


@pytest.mark.parametrize("cast", CAST)
@pytest.mark.usefixtures("default")
def test_models_are_trained_and_calibrated(cast: str) -> None:
    for x in (X, torch.from_numpy(X).half(), X.astype(np.float32)):
        trained = CAST[cast](model())
        qfx.train(trained, (x, Y), epochs=2, warmup=0.5, progress=False)
        proved(trained)
        calibrated = CAST[cast](model())
        qfx.calibrate(calibrated, x)
        proved(calibrated)
        qfx.calibrate(CAST[cast](model()), x, compensate=True)
    assert {p.dtype for p in trained.parameters()} == {torch.float32}


@pytest.mark.parametrize("cast", CAST)
@pytest.mark.usefixtures("default")
def test_float_models_are_converted_and_left_as_they_are(cast: str) -> None:
    torch.manual_seed(0)
    body = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2))
    net = CAST[cast](body)
    kinds = {p.dtype for p in net.parameters()}
    twin = qfx.convert(net, input_shape=(6,))
    assert {p.dtype for p in net.parameters()} == kinds
    weight = next(iter(net.parameters()))
    assert torch.equal(next(p for p in twin.parameters() if p.ndim == 2), weight.float())
    qfx.calibrate(twin, X)
    proved(twin)


@pytest.mark.parametrize("cast", CAST)
def test_a_frozen_model_is_exported_in_any_type(cast: str, tmp_path: Path) -> None:
    net = model()
    qfx.calibrate(net, X)
    for parameter in net.parameters():  # which every type holds
        parameter.data.copy_(parameter.data.bfloat16())
    qfx.calibrate(net, X)
    wanted = qfx.lower(net, (6,)).run(X).integers
    project = qfx.export(CAST[cast](net), tmp_path / "p", samples=X)
    np.testing.assert_array_equal(project.batches("torch")[0][: len(X)], wanted)


@pytest.mark.parametrize("cast", CAST)
def test_known_means_stay_as_exact_as_they_were_given(cast: str) -> None:
    given = nn.Normalize([123.675, 116.28], [58.395, 57.12])
    mean, std = given.mean.clone(), given.std.clone()
    body = nn.Sequential(nn.Pixels(), given, nn.Conv2d(2, 3, 3))
    CAST[cast](body)
    assert torch.equal(given.mean, mean)
    assert torch.equal(given.std, std)
    CAST["float"](body)
    assert in_float32(body) is body
