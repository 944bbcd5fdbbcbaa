"""Frozen integers are those of the parameters: whatever changes one of the two is refused."""

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.utils import parametrizations, prune

import qfx
from models import as_built, seen
from qfx import nn
from qfx.nn.file import ModelFileError
from qfx.nn.layer import LAST_PLACE
from qfx.nn.outdated import changed

SHAPE = (6,)


def mlp() -> nn.Sequential:
    """A frozen model with a folded normalization, a table and weights of several kinds."""
    torch.manual_seed(0)
    return as_built(
        nn.Sequential(
            nn.Quantizer(8, 4),
            nn.Normalize([0.5] * 6, [2.0] * 6),
            nn.Linear(6, 8, weight=nn.Quantizer(6, 5, per_channel=True), output=None),
            seen(nn.BatchNorm1d(8, fold=True, output=nn.Quantizer(8, 3))),
            nn.Sigmoid(nn.Quantizer(6, 3), nn.Quantizer(8, 8, signed=False)),
            nn.Linear(
                8,
                2,
                weight=nn.KHot(2, fraction_bits=7),
                bias=nn.Quantizer(8, 5),
                output=nn.Quantizer(8, 4),
            ),
        )
    )


def _pruned(model: nn.Sequential) -> None:
    prune.l1_unstructured(model[2], "weight", amount=0.5)


def _in_place(model: nn.Sequential) -> None:
    with torch.no_grad():
        model[2].weight[0, 0] += 1


def _data(model: nn.Sequential) -> None:
    model[5].weight.data = torch.ones(2, 8)


def _replaced(model: nn.Sequential) -> None:
    model[5].bias = torch.nn.Parameter(torch.tensor([0.5, -0.5]))


def _loaded(model: nn.Sequential) -> None:
    weights = {"2.weight": torch.ones(8, 6)}
    model.load_state_dict(weights, strict=False)


def _statistics(model: nn.Sequential) -> None:
    model[3].running_var.mul_(2)


def _mean(model: nn.Sequential) -> None:
    model[1].mean.add_(1)


def _point(model: nn.Sequential) -> None:
    model[4].input.binary_point.data += 1


def _parametrized(model: nn.Sequential) -> None:
    parametrizations.weight_norm(model[2], "weight")
    with torch.no_grad():
        model[2].parametrizations.weight.original0.mul_(2)


def _quantizer(model: nn.Sequential) -> None:
    model[0].binary_point.data.fill_(2)


EDITS: list[tuple[Callable[[nn.Sequential], None], str]] = [
    (_pruned, "2"),
    (_in_place, "2"),
    (_data, "5"),
    (_replaced, "5"),
    (_loaded, "2"),
    (_statistics, "2"),
    (_mean, "1"),
    (_point, "4.input"),
    (_parametrized, "2"),
    (_quantizer, "0"),
]


@pytest.mark.parametrize(("edit", "path"), EDITS)
def test_an_edit_after_freezing_is_named_until_it_is_frozen_too(
    edit: Callable[[nn.Sequential], None], path: str, tmp_path: Path
) -> None:
    model, x = mlp(), 4 * torch.randn(50, *SHAPE)
    before = model(x)
    edit(model)
    assert torch.equal(model(x), before)  # the border: evaluation reads integers alone
    wanted = rf"^\w+ at {path} was changed after it was frozen \(.*\): call model.freeze\(\)"
    with pytest.raises(nn.LoweringError, match=wanted):
        qfx.lower(model, SHAPE)
    with pytest.raises(nn.LoweringError, match=wanted):
        qfx.export(model, tmp_path / "p", samples=x.numpy(), argmax=True)
    with pytest.raises(ModelFileError, match=wanted):
        qfx.save(model, tmp_path / "m.safetensors")
    model.freeze()
    golden = qfx.lower(model, SHAPE).run(x.numpy()).to_float()
    np.testing.assert_array_equal(model(x).detach().double().numpy(), golden)
    assert not np.array_equal(golden, before.detach().double().numpy())
    loaded = qfx.load(qfx.save(model, tmp_path / "m.safetensors"))
    assert torch.equal(loaded(x), model(x))


def test_one_lsb_is_an_edit_and_what_machines_differ_by_is_not() -> None:
    model = mlp()
    function = model[4].function
    model[4].function = lambda x: function(x) * (1 + LAST_PLACE / 4)
    assert not changed(model)
    model[5].bias_integers[1] += 1
    assert "Linear at 5 was changed after it was frozen (1 of 2 bias integers differ)" in str(
        changed(model)
    )


@pytest.mark.parametrize(
    "end",
    [
        lambda m, x, y: qfx.train(m, (x, y), epochs=3, progress=False),
        lambda m, x, y: qfx.train(m, (x, y), epochs=1, warmup=1, progress=False),
        lambda m, x, y: qfx.calibrate(m, x),
        lambda m, x, y: qfx.calibrate(m, x, compensate=True),
    ],
    ids=["train", "float", "calibrate", "compensate"],
)
def test_what_qfx_leaves_is_as_frozen(end: Callable[..., object]) -> None:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((96, *SHAPE)).astype(np.float32)
    model = mlp().train()
    end(model, x, (x[:, 0] > 0).astype(int))
    assert all(bool(m.frozen) for m in model.modules() if isinstance(m, nn.Layer))
    assert not changed(model)
    assert not changed(copy.deepcopy(model))
    assert qfx.lower(model, SHAPE)


def test_a_whole_state_may_be_loaded_and_part_of_one_may_not() -> None:
    torch.manual_seed(1)
    model, other = mlp(), mlp()
    with torch.no_grad():
        other[2].weight.mul_(-1)
    other.freeze()
    model.load_state_dict(other.state_dict())
    assert not changed(model)
    integers = {name: t for name, t in mlp().state_dict().items() if name.endswith("integers")}
    model.load_state_dict(integers, strict=False)
    assert changed(model)


def test_the_same_numbers_in_double_are_no_edit() -> None:
    assert not changed(mlp().double())


@pytest.mark.parametrize("plain", ["pruned", "weight_norm", "old weight_norm", "old spectral_norm"])
def test_masks_and_parametrizations_train_and_are_baked_into_files(
    plain: str, tmp_path: Path
) -> None:
    x = np.random.default_rng(0).standard_normal((96, *SHAPE)).astype(np.float32)
    model = mlp().train()
    if plain == "pruned":
        prune.l1_unstructured(model[2], "weight", amount=0.5)
        prune.random_unstructured(model[2], "weight", amount=0.2)
    elif plain == "weight_norm":
        parametrizations.weight_norm(model[2], "weight")
    elif plain == "old weight_norm":
        torch.nn.utils.weight_norm(model[2], "weight")
    else:
        torch.nn.utils.spectral_norm(model[2], "weight")
    qfx.train(model, (x, (x[:, 0] > 0).astype(int)), epochs=3, progress=False)
    assert not changed(model)
    if plain == "pruned":
        assert (model[2].weight_array().integers[model[2].weight_mask == 0] == 0).all()
    loaded = qfx.load(qfx.save(model, tmp_path / "m.safetensors"))
    assert torch.equal(loaded(torch.tensor(x)), model(torch.tensor(x)))
    assert set(loaded.state_dict()) == set(mlp().state_dict())
    assert not changed(loaded)


def test_a_bias_that_is_taken_away_is_0() -> None:
    model = mlp()
    model[5].bias = None
    with pytest.raises(nn.LoweringError, match="Linear at 5 was changed after it was frozen"):
        qfx.lower(model, SHAPE)
    model.freeze()
    x = torch.randn(20, *SHAPE)
    assert not model[5].bias_integers.any()
    np.testing.assert_array_equal(qfx.lower(model, SHAPE).run(x).to_float(), model(x).detach())
    assert model.train()(x).isfinite().all()
