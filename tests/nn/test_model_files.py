"""What `save` writes `load` reads, or `save` refuses it with the next step."""

import json
import re
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

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


def module_of(name: str, layer: str) -> type[nn.Layer]:
    """A layer as a module of that name would define it: its values times a number of its own."""

    def forward(self: nn.Layer, x: torch.Tensor) -> torch.Tensor:
        return x * 2

    return type(layer, (nn.Layer,), {"__module__": name, "forward": forward})


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, type[nn.Layer]]:
    """A copy, which keeps what a test defines from others."""
    copy = dict(nn.Layer.registry)
    monkeypatch.setattr(nn.Layer, "registry", copy)
    return copy


def written_with(path: Path, old: str, new: str) -> Path:
    """The file with one name in its header replaced, of whatever length."""
    tensors = load_file(path)
    with safe_open(str(path), framework="pt") as file:
        header = dict(file.metadata())
    assert json.dumps(old) in header["model"]
    header["model"] = header["model"].replace(json.dumps(old), json.dumps(new))
    save_file(tensors, path, metadata=header)
    return path


def layers_in(path: Path) -> str:
    with safe_open(str(path), framework="pt") as file:
        return str(file.metadata()["model"])


def test_a_layer_of_ones_own_takes_no_others_place(
    tmp_path: Path, registry: dict[str, type[nn.Layer]]
) -> None:
    path = qfx.save(mlp(), tmp_path / "m.safetensors")
    assert '"layer": "Linear"' in layers_in(path)  # as in every file so far
    taken = module_of("user.layers", "Linear")
    loaded = qfx.load(path)
    assert type(loaded[1]) is nn.Linear
    own = as_built(nn.Sequential(nn.Quantizer(8, 4), taken(), nn.Linear(4, 3)))
    again = qfx.load(qfx.save(own, tmp_path / "own.safetensors"))
    assert [type(each) for each in again] == [nn.Quantizer, taken, nn.Linear]


def test_bare_names_are_of_one_layer_each() -> None:
    ours = [k.__name__ for k in nn.Layer.registry.values() if k.__module__.startswith("qfx.")]
    assert len(ours) == len(set(ours)) > 40


def test_two_layers_of_one_name_are_two(
    tmp_path: Path, registry: dict[str, type[nn.Layer]]
) -> None:
    first, second = module_of("a.gates", "Gate"), module_of("b.gates", "Gate")
    model = as_built(nn.Sequential(nn.Quantizer(8, 4), first(), second()))
    path = qfx.save(model, tmp_path / "m.safetensors")
    assert [type(each) for each in qfx.load(path)][1:] == [first, second]
    del registry["a.gates:Gate"]
    with pytest.raises(ModelFileError) as said:  # the other does not stand in for it
        qfx.load(path)
    assert str(said.value) == "layer a.gates:Gate is unknown: import a.gates before loading"


def test_files_from_before_there_were_modules_in_them_load(
    tmp_path: Path, registry: dict[str, type[nn.Layer]]
) -> None:
    gate = module_of("a.gates", "Gate")
    model = as_built(nn.Sequential(nn.Quantizer(8, 4), gate()))
    path = qfx.save(model, tmp_path / "m.safetensors")
    written_with(path, "a.gates:Gate", "Gate")
    assert type(qfx.load(path)[1]) is gate
    module_of("b.gates", "Gate")
    said = "layer Gate is one of a.gates:Gate, b.gates:Gate, and the file does not say which"
    with pytest.raises(ModelFileError, match="^" + re.escape(said)):
        qfx.load(path)


def test_what_a_program_defines_loads_where_it_is_imported(
    tmp_path: Path, registry: dict[str, type[nn.Layer]]
) -> None:
    module_of("__main__", "Gate")
    model = as_built(nn.Sequential(nn.Quantizer(8, 4), registry["__main__:Gate"]()))
    path = qfx.save(model, tmp_path / "m.safetensors")
    assert type(qfx.load(path)[1]) is registry["__main__:Gate"]
    del registry["__main__:Gate"]
    imported = module_of("program", "Gate")
    assert type(qfx.load(path)[1]) is imported


@pytest.mark.parametrize("name", ["a b", "a:b:c", "", ":", "os:system()", "x" * 500, "Layer\n"])
def test_a_name_that_is_none_is_refused_in_a_line(name: str, tmp_path: Path) -> None:
    path = qfx.save(mlp(), tmp_path / "m.safetensors")
    with pytest.raises(ModelFileError) as refused:
        qfx.load(written_with(path, "ReLU", name))
    said = str(refused.value)
    assert re.fullmatch("layer .* is unknown: import .* before loading", said)
    assert len(said) < 700


def test_ones_own_group_norm_is_not_advised(registry: dict[str, type[nn.Layer]]) -> None:
    module_of("user.layers", "GroupNorm")
    with pytest.raises(TypeError) as said:
        nn.Sequential(torch.nn.GroupNorm(1, 4))
    assert "use qfx.nn.GroupNorm" not in str(said.value)
