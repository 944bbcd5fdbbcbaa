"""Models of other tools, given where a model is asked for: named for what they are, with the way
round. The tools are stood in for by classes that say they come from there.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

import qfx
from models import small_mlp
from qfx import foreign

X = np.zeros((4, 16), np.float32)


def of(module: str, name: str, *bases: type) -> type:
    """A class as that module would define it."""
    return type(name, bases or (object,), {"__module__": module})


def brevitas_net() -> torch.nn.Module:
    """A plain module with one layer of Brevitas."""
    linear = of("brevitas.nn.quant_linear", "QuantLinear", torch.nn.Linear)
    return torch.nn.Sequential(torch.nn.Flatten(), linear(16, 4))


def keras_net() -> object:
    """What a user derives of keras.Model."""
    model = of("keras.src.models.model", "Model")
    return type("Classifier", (model,), {})()


def keras_layer_of_torch() -> torch.nn.Module:
    """Keras' layers on its torch backend are modules of torch."""
    dense = of("keras.src.layers.core.dense", "Dense", torch.nn.Linear)
    return torch.nn.Sequential(dense(16, 4))


def proto(producer: str = "") -> onnx.ModelProto:
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, 16)) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", ends[:1], ends[1:])
    return helper.make_model(graph, producer_name=producer)


def wrapped() -> object:
    wrapper = of("qonnx.core.modelwrapper", "ModelWrapper")()
    wrapper.model = proto("qfx")
    return wrapper


BREVITAS = "the Brevitas layer QuantLinear (1), whose quantizers qfx does not read yet"
KERAS = "and qfx follows torch modules: make the same model of torch.nn layers"
ONNX = "is an ONNX model, which qfx does not read yet"
OURS = "is what qfx wrote for readers of QONNX: the model.qfx of the same project"
MODELS: dict[str, tuple[Callable[[], Any], str]] = {
    "brevitas": (brevitas_net, f"Sequential holds {BREVITAS}"),
    "brevitas layer": (lambda: brevitas_net()[1], "QuantLinear is a layer of Brevitas, whose"),
    "keras": (keras_net, f"Classifier is a Keras model, {KERAS}"),
    "keras on torch": (
        keras_layer_of_torch,
        f"Sequential holds the Keras layer Dense (0), {KERAS}",
    ),
    "tensorflow": (lambda: of("tensorflow.python.module.module", "Net")(), "Net is a Keras model"),
    "hgq": (lambda: of("hgq.layers.core.dense", "QDense")(), "QDense is a Keras model"),
    "onnx": (proto, f"ModelProto {ONNX}"),
    "our onnx": (lambda: proto("qfx"), f"ModelProto {OURS}"),
    "our onnx in qonnx": (wrapped, f"ModelWrapper {OURS}"),
    "onnxruntime": (
        lambda: of("onnxruntime.capi.onnxruntime_inference_collection", "InferenceSession")(),
        f"InferenceSession {ONNX}",
    ),
    "exported": (
        lambda: of("torch.export.exported_program", "ExportedProgram")(),
        "ExportedProgram is what torch.export made of a module: give that module itself",
    ),
}
DOORS: dict[str, Callable[[Any, Path], Any]] = {
    "convert": lambda model, _: qfx.convert(model),
    "train": lambda model, _: qfx.train(model, (X, X), progress=False),
    "calibrate": lambda model, _: qfx.calibrate(model, X),
    "export": lambda model, folder: qfx.export(model, folder / "p", samples=X),
    "lower": lambda model, _: qfx.lower(model, (16,)),
    "save": lambda model, folder: qfx.save(model, folder / "m.safetensors"),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", MODELS)
def test_a_foreign_model_is_named_at_every_door(kind: str, door: str, tmp_path: Path) -> None:
    make, says = MODELS[kind]
    with pytest.raises((ValueError, RuntimeError)) as caught:
        DOORS[door](make(), tmp_path)
    said = str(caught.value)
    assert said.startswith(says)
    assert said.count(". ") == 0  # one sentence
    assert not list(tmp_path.iterdir())


@pytest.fixture
def files(tmp_path: Path) -> Path:
    onnx.save(proto(), tmp_path / "net.onnx")
    onnx.save(proto("qfx"), tmp_path / "model.onnx")
    (tmp_path / "torn.onnx").write_bytes(b"\x08\x0a\xff")
    for name in ("net.keras", "net.h5", "net.tflite", "net.pt", "net.PTH"):
        (tmp_path / name).write_bytes(b"0")
    return tmp_path


FILES = {
    "net.onnx": f"net.onnx {ONNX}",
    "model.onnx": f"model.onnx {OURS}",
    "torn.onnx": f"torn.onnx {ONNX}",
    "net.keras": f"net.keras is a file of Keras or TensorFlow, {KERAS}",
    "net.h5": f"net.h5 is a file of Keras or TensorFlow, {KERAS}",
    "net.tflite": f"net.tflite is a file of Keras or TensorFlow, {KERAS}",
    "net.pt": "net.pt is a file of torch's: make its module",
    "net.PTH": "net.PTH is a file of torch's: make its module",
}


@pytest.mark.parametrize("door", ["load", "cosim", *DOORS])
@pytest.mark.parametrize("name", FILES)
def test_a_foreign_file_is_named_at_every_door(name: str, door: str, files: Path) -> None:
    doors = {"load": lambda path, _: qfx.load(path), "cosim": lambda path, _: qfx.cosim(path)}
    before = sorted(files.iterdir())
    for path in (files / name, str(files / name)):
        with pytest.raises((ValueError, RuntimeError)) as caught:
            (doors | DOORS)[door](path, files)
        assert str(caught.value).startswith(FILES[name])
    assert sorted(files.iterdir()) == before


def test_the_command_line_names_it_too(files: Path) -> None:
    command = [sys.executable, "-m", "qfx", "export", "model.onnx", "-o", "p"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=files)
    assert result.returncode == 1
    assert f"model.onnx {OURS}" in " ".join(result.stderr.split())


def test_what_is_ours_is_not_foreign(tmp_path: Path) -> None:
    model = small_mlp()
    graph = qfx.lower(model, (16,))
    things = (model, graph, torch.nn.Linear(2, 2), X, "net.qfx", tmp_path, None, torch.nn.Linear)
    assert [foreign.named(thing) for thing in things] == [None] * len(things)


def test_model_onnx_of_a_project_is_known_as_ours(tmp_path: Path) -> None:
    project = qfx.export(small_mlp(), tmp_path / "p", samples=X, name="net")
    with pytest.raises(ValueError, match=r"model\.onnx is what qfx wrote for readers of QONNX"):
        qfx.load(project.path / "model.onnx")
