"""Every layer: torch equals the golden model once frozen; freezing is idempotent; files."""

from pathlib import Path

import numpy as np
import pytest
import torch
from layer_cases import CASES, LayerCase, model_of

import qfx
from models import as_built
from qfx import nn
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.ir import GraphBuilder, Value
from qfx.ir.several import each_of
from qfx.nn.outdated import changed
from qfx.ops import Matmul

ALL = [
    pytest.param(case, id=f"{name}{i}") for name, cs in CASES.items() for i, case in enumerate(cs)
]


def data(case: LayerCase) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return 4 * torch.randn(200, *case.shape, generator=generator)


def frozen(case: LayerCase) -> nn.Sequential:
    model = model_of(case).eval()
    as_built(model)
    return model


def test_every_layer_has_a_case() -> None:
    known = {k for k in vars(nn).values() if isinstance(k, type) and issubclass(k, nn.Layer)}
    assert known - {nn.Layer} <= set(nn.Layer.registry.values())
    assert set(CASES) == {kind.__name__ for kind in known} - {"Layer"}


@pytest.mark.parametrize("case", ALL)
def test_the_float_twin_equals_the_golden_model(case: LayerCase) -> None:
    model, x = frozen(case), data(case)
    golden = qfx.lower(model, case.shape).run_all(x.numpy())
    for found, wanted in zip(each_of(model(x)), golden, strict=True):
        np.testing.assert_array_equal(found.detach().double().numpy(), wanted.to_float())


@pytest.mark.parametrize("case", ALL)
def test_freezing_twice_changes_nothing(case: LayerCase) -> None:
    model = frozen(case)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    as_built(model)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


@pytest.mark.parametrize("case", ALL)
def test_frozen_evaluation_reads_only_integers(case: LayerCase) -> None:
    model, x = frozen(case), data(case)
    before = model(x)
    with torch.no_grad():
        for parameter in filter(lambda each: each.requires_grad, model.parameters()):
            parameter.add_(3.0)
    assert all(map(torch.equal, each_of(model(x)), each_of(before)))
    assert changed(model)  # which lowering and saving say
    model.freeze()  # anew, of what is there
    assert not changed(model)
    if not any(isinstance(layer, nn.Embedding) for layer in model.modules()):  # of whole numbers
        golden = qfx.lower(model, case.shape).run_all(x.numpy())
        for found, wanted in zip(each_of(model(x)), golden, strict=True):
            np.testing.assert_array_equal(found.detach().double().numpy(), wanted.to_float())
    model.train()  # the integers are stale now, and gone
    assert not any(bool(layer.frozen) for layer in model.modules() if isinstance(layer, nn.Layer))


@pytest.mark.parametrize("case", ALL)
def test_a_saved_model_computes_the_same(case: LayerCase, tmp_path: Path) -> None:
    model, x = frozen(case), data(case)
    loaded = qfx.load(qfx.save(model, tmp_path / "m.safetensors"))
    assert isinstance(loaded, nn.Layer)
    assert all(map(torch.equal, each_of(loaded(x)), each_of(model(x))))
    assert str(loaded) == str(model)


def test_a_layer_of_ones_own_needs_only_its_file() -> None:
    class Negated(nn.Layer):
        """y = -x, composed of what is there."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return -x

        def lower(self, builder: GraphBuilder, x: Value) -> Value:
            weight = -np.eye(x.type.shape[0], dtype=int)
            return builder.add(Matmul(FixedPointArray(weight, FixedPointType(1, 0))), x)

    model = nn.Sequential(nn.Quantizer(5, 2), Negated()).eval()
    as_built(model)
    x = torch.randn(20, 3)
    golden = qfx.lower(model, (3,)).run(x.numpy())
    np.testing.assert_array_equal(model(x).detach().double().numpy(), golden.to_float())
