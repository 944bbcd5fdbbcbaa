"""What `save` writes `load` reads, or `save` refuses it with the next step."""

import re
from pathlib import Path

import pytest
import torch

import qfx
from models import as_built
from qfx import nn
from qfx.nn.file import ModelFileError


def mlp() -> nn.Sequential:
    torch.manual_seed(0)
    return as_built(nn.Sequential(nn.Quantizer(8, 4), nn.Linear(4, 3), nn.ReLU(nn.Quantizer(6, 3))))


def own_buffer(model: nn.Sequential) -> None:
    model[1].register_buffer("ages", torch.zeros(3))


def own_parameter(model: nn.Sequential) -> None:
    model[1].temperature = torch.nn.Parameter(torch.ones(1))


def own_module(model: nn.Sequential) -> None:
    model[1].extra = torch.nn.Linear(2, 2)


def own_layer(model: nn.Sequential) -> None:
    model.head = nn.ReLU6()


def another_size(model: nn.Sequential) -> None:
    model[1].weight = torch.nn.Parameter(torch.ones(3, 5))
    model.train()


def lost(model: nn.Sequential) -> None:
    model[1].bias = None
    model.train()


def hook(model: nn.Sequential) -> None:
    model[2].register_forward_hook(lambda module, given, y: 2 * y)


REFUSED = {
    own_buffer: "1.ages is not what a Linear is made with",
    own_parameter: "1.temperature is not what a Linear is made with",
    own_module: "1.extra (Linear) was added to a layer that is made without it",
    own_layer: "head (ReLU6) was added to a layer that is made without it",
    another_size: "1.weight is of shape (3, 5) now, and the layer was made with (3, 4)",
    lost: "the model has no 1.bias any more",
    hook: "2 (ReLU) has hooks, which may change what it computes",
}


@pytest.mark.parametrize("change", REFUSED, ids=lambda change: change.__name__)
def test_what_load_could_not_put_back_is_refused(change: object, tmp_path: Path) -> None:
    model = mlp()
    change(model)
    with pytest.raises(ModelFileError, match="^" + re.escape(REFUSED[change])):
        qfx.save(model, tmp_path / "m.safetensors")
    assert not list(tmp_path.iterdir())


def test_a_hook_is_refused_by_lowering_too() -> None:
    model = mlp()
    hook(model)
    with pytest.raises(nn.LoweringError, match=r"^2 \(ReLU\) has hooks"):
        qfx.lower(model, (4,))


def test_what_is_not_to_be_saved_is_not_missed(tmp_path: Path) -> None:
    model = mlp()
    model[1].register_buffer("scratch", torch.zeros(3), persistent=False)
    assert qfx.load(qfx.save(model, tmp_path / "m.safetensors"))


def test_a_layer_without_its_arguments_in_config_is_refused(tmp_path: Path) -> None:
    class Forgetful(nn.Layer):
        def __init__(self, share: float) -> None:
            super().__init__()
            self.share = share

    class Odd(nn.Layer):
        def config(self) -> dict[str, object]:
            return {"by": torch.ones(1)}

    for layer in (Forgetful(0.5), Odd()):
        with pytest.raises(ModelFileError, match=r"could not be rebuilt from its layers' config"):
            qfx.save(nn.Sequential(nn.Quantizer(8, 4), layer), tmp_path / "m.safetensors")
        del nn.Layer.registry[type(layer).__name__]


def test_saving_leaves_torchs_random_numbers_alone(tmp_path: Path) -> None:
    model = mlp()
    before = torch.random.get_rng_state()
    qfx.save(model, tmp_path / "m.safetensors")
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_trainable_model_is_saved_at_any_time(tmp_path: Path) -> None:
    fresh = nn.Sequential(nn.Quantizer(8), nn.Linear(4, 3))
    loaded = qfx.load(qfx.save(fresh, tmp_path / "m.safetensors"))
    with pytest.raises(nn.LoweringError, match="never fitted"):
        loaded.freeze()
