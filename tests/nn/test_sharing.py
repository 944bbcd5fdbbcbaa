"""One rule: what learns stands in one place; what learns nothing may stand in several, and is kept
as one in files.
"""

from pathlib import Path

import numpy as np
import pytest
import torch
from layer_cases import CASES, LayerCase

import qfx
from models import as_built
from qfx import nn
from qfx.frontends import ConvertError
from qfx.training import TrainingError

STREAMED = [  # a layer of one tensor, as in a Sequential's midst
    pytest.param(cases[0], id=name)
    for name, cases in CASES.items()
    if (layer := cases[0].build()).input_count == layer.output_count == 1
]
STATELESS = {
    "ReLU": nn.ReLU,
    "ReLU6": nn.ReLU6,
    "Hardtanh": nn.Hardtanh,
    "Identity": nn.Identity,
    "Dropout": nn.Dropout,
    "Flatten": nn.Flatten,
}


@pytest.mark.parametrize("case", STREAMED)
def test_every_layer_in_two_places(case: LayerCase) -> None:
    torch.manual_seed(0)
    layer = case.build()
    learns = any(True for _ in layer.parameters())
    for build in (
        lambda: nn.Sequential(nn.Quantizer(8, 5), layer, nn.Identity(), layer),
        lambda: nn.Sequential(nn.Sequential(layer), nn.Sequential(nn.Sequential(layer))),
        lambda: nn.Network([("a", layer, "x"), ("b", layer, "a")]),
        lambda: nn.Residual(layer, layer),
    ):
        if learns:
            with pytest.raises(ValueError, match="but what learns stands in one place"):
                build()
        else:
            assert isinstance(build(), nn.Layer)


@pytest.mark.parametrize("kind", STATELESS)
def test_what_learns_nothing_runs_at_each_of_its_places(kind: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    act = STATELESS[kind]()
    q = [nn.Quantizer(8, 4) for _ in range(2)]
    layers = [nn.Quantizer(8, 5), act, nn.Linear(6, 6, output=q[0]), act, nn.Linear(6, 6), act]
    model, x = as_built(nn.Sequential(*layers)), 2 * torch.randn(60, 6)
    assert [type(layer) for layer in model] == [type(layer) for layer in layers]
    y = x
    for layer in layers:
        y = layer(y)
    assert torch.equal(model(x), y)
    golden = qfx.lower(model, (6,)).run(x.numpy()).to_float()
    np.testing.assert_array_equal(model(x).detach().double().numpy(), golden)
    loaded = qfx.load(qfx.save(model, tmp_path / "m.safetensors"))
    assert loaded[1] is loaded[3] is loaded[5]
    assert torch.equal(loaded(x), model(x))
    assert str(loaded) == str(model)


def test_in_a_network_too(tmp_path: Path) -> None:
    act = nn.ReLU()
    nodes = [
        ("q", nn.Quantizer(8, 4), "x"),
        ("a", act, "q"),
        ("fc", nn.Linear(4, 4), "a"),
        ("b", act, "fc"),
        ("sum", nn.Add(), ("a", "b")),
    ]
    model, x = as_built(nn.Network(nodes)), 3 * torch.randn(40, 4)
    loaded = qfx.load(qfx.save(model, tmp_path / "m.safetensors"))
    assert isinstance(loaded, nn.Network)
    assert loaded.get_submodule("a") is loaded.get_submodule("b")
    golden = qfx.lower(loaded, (4,)).run(x.numpy()).to_float()
    np.testing.assert_array_equal(model(x).detach().double().numpy(), golden)


def test_one_quantizer_for_two_layers_is_refused() -> None:
    grid = nn.Quantizer(6)
    with pytest.raises(ValueError, match=r"^0\.weight_quantizer and 1\.output are one Quantizer"):
        nn.Sequential(nn.Linear(4, 4, weight=grid), nn.ReLU(grid))
    alone = nn.Linear(4, 4, weight=grid, bias=grid)
    with pytest.raises(nn.LoweringError, match="weight_quantizer and bias_quantizer are one"):
        alone.freeze()


def tied() -> nn.Sequential:
    model = nn.Sequential(nn.Quantizer(8, 4), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    model[3].weight = model[1].weight
    return model


def test_tied_weights_are_refused_before_anything_is_trained(tmp_path: Path) -> None:
    x = np.zeros((8, 4), np.float32)
    said = r"^1\.weight and 3\.weight are one parameter"
    with pytest.raises(TrainingError, match=said):
        qfx.train(tied(), (x, np.zeros(8, int)), epochs=1, progress=False)
    with pytest.raises(TrainingError, match=said):
        qfx.calibrate(tied(), x)
    with pytest.raises(ValueError, match=said):
        tied().freeze()
    with pytest.raises(ValueError, match=said):
        qfx.save(tied(), tmp_path / "m.safetensors")
    with pytest.raises(ValueError, match=r"0\.1\.weight and 0\.3\.weight are one parameter"):
        nn.Sequential(tied())


def test_convert_has_the_same_rule() -> None:
    class Functional(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.randn(4, 4))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            linear = torch.nn.functional.linear
            return linear(torch.relu(linear(x, self.weight)), self.weight)

    tie = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.ReLU(), torch.nn.Linear(4, 4))
    tie[2].weight = tie[0].weight
    for model in (tie, Functional()):
        with pytest.raises(ConvertError, match="have the same weights, which hardware would"):
            qfx.convert(model)
    act, fc = torch.nn.ReLU(), torch.nn.Linear(4, 4)
    with pytest.raises(ConvertError, match="0 runs twice with the same weights"):
        qfx.convert(torch.nn.Sequential(fc, act, fc))
    twin = qfx.convert(
        torch.nn.Sequential(torch.nn.Linear(4, 4), act, torch.nn.Linear(4, 4), act),
        input_shape=(4,),
    )
    assert sum(isinstance(layer, nn.ReLU) for layer in twin) == 2
