"""How right a model, a graph and a design are, by one call; and by hand."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import qfx
from qfx import nn
from qfx.data import score
from qfx.project.findings import Verdict, state_of
from qfx.report import page

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (300, 4)).astype(np.float32)
Y = (X[:, 0] + X[:, 1] > 0).astype(np.int64)


@pytest.fixture(scope="module")
def model() -> nn.Sequential:
    torch.manual_seed(0)
    hidden = nn.Linear(4, 8, weight=nn.Quantizer(3), output=None)
    model = nn.Sequential(
        nn.Quantizer(4), hidden, nn.ReLU(nn.Quantizer(3, signed=False)), nn.Linear(8, 2)
    )
    qfx.train(model, (X, Y), epochs=4, progress=False, learning_rate=1e-2)
    return model


@pytest.fixture(scope="module")
def project(model: nn.Sequential, tmp_path_factory: pytest.TempPathFactory) -> object:
    return qfx.export(model, tmp_path_factory.mktemp("p") / "p", samples=X[:20], name="net")


def test_a_model_is_right_in_float_and_emulated(model: nn.Sequential) -> None:
    found = qfx.evaluate(model, (X, Y))
    emulated = (model(torch.tensor(X)).argmax(1).numpy() == Y).mean()
    weights = [p.detach().double().numpy() for p in model.parameters() if p.ndim]
    hidden = np.maximum(X @ weights[0].T + weights[1], 0)
    plain = ((hidden @ weights[2].T + weights[3]).argmax(1) == Y).mean()
    assert found["emulated"] == emulated
    assert found["float"] == pytest.approx(plain, abs=0.004)  # a sample at the border may turn
    assert found["float"] != found["emulated"]
    assert found.samples == 300
    assert str(found).endswith(f"emulated: {100 * emulated:.2f} % right, on 300 samples")
    with pytest.raises(KeyError, match="'golden' was not evaluated: there are float, emulated"):
        found["golden"]


def test_a_design_is_as_right_as_its_integers(model: nn.Sequential, project: object) -> None:
    graph = qfx.lower(model, (4,))
    right = (graph.run(X).integers.argmax(1) == Y).mean()
    assert qfx.evaluate(graph, (X, Y))["golden"] == right == qfx.evaluate(model, (X, Y))["emulated"]
    found = qfx.evaluate(project, (X, Y), simulators=("golden", "csim"))
    assert [row.label for row in found.rows] == ["golden", "csim"]
    assert found["csim"] == right


def test_every_form_of_data(model: nn.Sequential) -> None:
    dataset = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    wanted = qfx.evaluate(model, (X, Y))
    for data in (dataset, torch.utils.data.DataLoader(dataset, 32), {"x": X, "label": Y}):
        assert qfx.evaluate(model, data) == wanted


def test_a_torch_model_and_a_regression() -> None:
    net = torch.nn.Linear(4, 1)
    y = RNG.normal(size=(300, 1))
    error = ((net(torch.tensor(X)).detach().double().numpy() - y) ** 2).mean()
    found = qfx.evaluate(net, (X, y))
    assert found["float"] == pytest.approx(error, rel=1e-6)  # torch computes in float32
    assert "mean squared error" in found.verdict()
    assert not found.outputs[0]


def test_class_numbers_are_compared_as_such() -> None:
    y = np.array([0, 1, 2, 1])
    assert score(np.eye(3)[[0, 1, 1, 1]], y).value == 0.75
    assert score(np.array([[0.0], [1.0], [2.0], [2.0]]), y).value == 0.75  # as ArgMax gives them
    assert score(np.array([[0.5], [1.0], [2.0], [2.0]]), y).metric == "mean squared error"
    assert score(np.zeros((4, 3)), y).value == 0.25  # the first of equal scores wins


def test_the_command(model: nn.Sequential, project: object, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y)
    saved = qfx.save(model, tmp_path / "m.safetensors")
    for thing, label in ((saved, "emulated"), (project.path, "golden")):
        files = ("--samples", "x.npy", "--labels", "y.npy")
        result = subprocess.run(
            [sys.executable, "-m", "qfx", "evaluate", thing, *files, "--json"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        told = json.loads(result.stdout)
        assert told["rows"][-1]["label"] == label
        assert told["rows"][-1]["scores"][0]["value"] == qfx.evaluate(project, (X, Y))["golden"]


def test_labels_given_to_export_tell_how_right_each_simulator_is(
    model: nn.Sequential, tmp_path: Path
) -> None:
    project = qfx.export(model, tmp_path / "p", samples=X[:50], labels=Y[:50], name="net")
    wanted = qfx.evaluate(model, (X[:50], Y[:50]))
    scores = {name: each[0].value for name, each in project.manifest.vectors.scores.items()}
    assert scores["float"] == wanted["float"]
    assert scores["golden"] == scores["emulated"] == wanted["emulated"]
    found = qfx.cosim(project, ("torch", "golden", "csim"), progress=False)
    assert {row.scores[0].value for row in found.rows} == {wanted["emulated"]}
    said = f"{100 * wanted['emulated']:.2f} % right by emulated, golden, torch, csim"
    assert said in str(found)
    page.refresh(project)
    assert said in page.html(project)
    kept = Verdict.read(project, state_of(project))
    assert kept is not None
    assert kept.rows[-1].scores == found.rows[-1].scores
    few = qfx.cosim(project, ("golden",), samples=2, progress=False)  # the first, and a random one
    assert few.rows[0].scores[0].value in (0, 1)


def test_a_simulator_that_differs_is_as_right_as_what_it_gives(
    model: nn.Sequential, tmp_path: Path
) -> None:
    project = qfx.export(model, tmp_path / "p", samples=X[:50], labels=Y[:50], name="net")
    file = project.path / "vectors" / "torch.npy"
    np.save(file, np.zeros_like(np.load(file)))
    row = qfx.cosim(project, ("torch",), progress=False).rows[0]
    assert row.mismatches
    assert row.scores[0].value == (Y[:50] == 0).mean()
