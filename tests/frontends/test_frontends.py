"""A model's frontend is found by what the model is; none is loaded before one comes."""

import inspect
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch

import qfx
from qfx import frontends
from qfx.frontends import FRONTENDS, ConvertError, Frontend, convert
from qfx.frontends.torch import twin


def test_the_door_to_them_loads_none() -> None:
    """Nor does a model that none of them reads, foreign or not."""
    code = """
import sys
import qfx

Model = type("Model", (), {"__module__": "keras.src.models.model"})
for model, said in ((Model(), "Model is a Keras model"), (3, "int is not a torch module")):
    try:
        qfx.convert(model)
    except qfx.QfxError as error:
        assert str(error).startswith(said), error
    else:
        raise AssertionError(said)
assert qfx.frontends.FRONTENDS
assert not {"torch", "qfx.nn", "qfx.frontends.torch"} & set(sys.modules)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def of(module: str, name: str, *bases: type) -> object:
    """A thing of a class that this module would define."""
    return type(name, bases or (object,), {"__module__": module})()


def test_a_row_is_enough_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []

    def reads(model: object, wordlength: int, **options: object) -> str:
        given.append((model, wordlength, options))
        return "its twin"

    monkeypatch.setitem(sys.modules, "another.twin", SimpleNamespace(convert=reads))
    monkeypatch.setitem(FRONTENDS, "another", Frontend("model of Another", "another.twin"))
    model = of("another.models", "Model")
    assert convert(model, 6, fold=False) == "its twin"
    usual = dict.fromkeys(("input_shape", "input", "overrides", "functions"))
    assert given == [(model, 6, {"fold": False, "per_channel": False, **usual})]
    on_torch = of("another.layers", "Layer", torch.nn.Module)  # the nearest library's frontend
    derived = type("Own", (type(model),), {"__module__": "user"})()
    assert [convert(each) for each in (on_torch, derived)] == ["its twin"] * 2
    with pytest.raises(ConvertError) as refused:
        convert("a word")
    said = "str is not a torch module or a model of Another: pass the model itself"
    assert str(refused.value) == said


def test_torch_takes_what_the_door_takes() -> None:
    door, own = (inspect.signature(call).parameters for call in (convert, twin.convert))
    assert list(door) == list(own)
    assert [p.default for p in door.values()] == [p.default for p in own.values()]
    assert qfx.convert is frontends.convert
