"""Models of other tools, known by the name of their module or file: what they are, and the way
round until qfx reads them. None of those tools need be installed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from qfx.errors import QfxError


class ConvertError(QfxError):
    """A model that has no fixed-point twin; the sentence names the layer and what to use."""


_SAME = "make the same model of torch.nn layers"


def named(thing: Any) -> str | None:
    """One sentence on a foreign model: what it is, and what to do; None for all else.

    Args:
        thing: what somebody gave for a model: an object, or the path of a file.
    """
    if isinstance(thing, (str, Path)):
        say = _FILES.get(Path(thing).suffix.lower())
        return None if say is None else say(Path(thing))
    name = type(thing).__name__
    for package in packages(thing):
        if package in _OBJECTS:
            return _OBJECTS[package](name, thing)
    parts = getattr(thing, "named_modules", None)
    if not callable(parts) or isinstance(thing, type):
        return None
    for path, part in parts():
        for package in packages(part):
            if package == "brevitas":
                return _brevitas(f"{name} holds the Brevitas layer {type(part).__name__} ({path})")
            if package in _KERAS:
                return _keras(f"{name} holds the Keras layer {type(part).__name__} ({path})")
    return None


def packages(thing: Any) -> list[str]:
    """The top packages of its class and of what that is derived from, the nearest first;
    torch.export is one here.
    """
    modules = [str(each.__module__) for each in type(thing).__mro__]
    return ["torch.export" if m.startswith("torch.export") else m.split(".")[0] for m in modules]


def _brevitas(what: str) -> str:
    return (
        f"{what}, whose quantizers qfx does not read yet: {_SAME}, load its state_dict() into that"
        " (load_state_dict(..., strict=False)), and give it to qfx.convert, the bit widths as"
        " wordlength and overrides"
    )


def _keras(what: str) -> str:
    return (
        f"{what}, and qfx follows torch modules: {_SAME}, copy the weights into it (a Dense kernel"
        " transposed, a Conv2D kernel by transpose(3, 2, 0, 1)), and give that to qfx.convert"
    )


def _onnx(what: str, producer: str) -> str:
    if producer == "qfx":
        return (
            f"{what} is what qfx wrote for readers of QONNX: the model.qfx of the same project is"
            " the same graph, which qfx.load reads and qfx.export takes; to train it, load the"
            " .safetensors that qfx.save wrote of the model"
        )
    return (
        f"{what} is an ONNX model, which qfx does not read yet: {_SAME}, copy its initializers into"
        " it (onnx.numpy_helper.to_array), and give that to qfx.convert"
    )


def _of_onnx(name: str, thing: Any) -> str:
    """A ModelProto, or what holds one, as qonnx's ModelWrapper does."""
    proto = getattr(thing, "model", thing)
    return _onnx(name, str(getattr(proto, "producer_name", "")))


def _onnx_file(path: Path) -> str:
    producer = ""
    with suppress(Exception):  # a file that onnx cannot read is none of qfx's either
        import onnx

        producer = onnx.load(str(path), load_external_data=False).producer_name
    return _onnx(path.name, producer)


def _torch_file(path: Path) -> str:
    return (
        f"{path.name} is a file of torch's: make its module, load the weights into that"
        " (load_state_dict(torch.load(...))), and give it to qfx.convert"
    )


_KERAS = ("keras", "tf_keras", "tensorflow", "qkeras", "hgq")
_OBJECTS: dict[str, Callable[[str, Any], str]] = {
    "brevitas": lambda name, _: _brevitas(f"{name} is a layer of Brevitas"),
    **dict.fromkeys(_KERAS, lambda name, _: _keras(f"{name} is a Keras model")),
    **dict.fromkeys(("onnx", "onnxruntime", "qonnx"), _of_onnx),
    "torch.export": lambda name, _: (
        f"{name} is what torch.export made of a module: give that module itself to qfx.convert"
    ),
}
_FILES: dict[str, Callable[[Path], str]] = {
    ".onnx": _onnx_file,
    **dict.fromkeys(
        (".h5", ".hdf5", ".keras", ".tflite"),
        lambda path: _keras(f"{path.name} is a file of Keras or TensorFlow"),
    ),
    **dict.fromkeys((".pt", ".pth", ".ckpt"), _torch_file),
}
