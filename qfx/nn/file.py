"""The trainable model on disk: one safetensors file, its header holding the architecture as
JSON.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from qfx.nn.layer import Layer

FORMAT_VERSION = "1"


class ModelFileError(ValueError):
    """A file that holds no model we can rebuild."""


def to_bytes(model: Layer) -> bytes:
    """Architecture, parameters and frozen integers; no code, no pickle."""
    origin = getattr(model, "origin", None)
    if origin is not None:
        origin.warn()
    tensors = {
        name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()
    }
    header = {"format": "qfx model", "version": FORMAT_VERSION, "model": json.dumps(_encode(model))}
    return bytes(save(tensors, metadata=header))


def read(path: str | Path) -> Layer:
    """The model saved at `path`, in evaluation mode.

    Raises:
        ModelFileError: not such a file, a newer version, or a layer whose module has not been
            imported.
    """
    path = Path(path)
    try:
        with safe_open(str(path), framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except SafetensorError as error:
        raise ModelFileError(
            f"{path.name} is not a whole safetensors file ({error}): save the model again"
        ) from error
    if header.get("format") != "qfx model" or header.get("version") != FORMAT_VERSION:
        raise ModelFileError(
            f"{path.name} holds no qfx model of version {FORMAT_VERSION}: save it again"
        )
    model: Layer = _decode(json.loads(header["model"]))
    model.load_state_dict(tensors)
    return model.eval()


def _encode(value: Any) -> Any:
    if isinstance(value, Layer):
        return {"layer": type(value).__name__, "config": _encode(value.config())}
    if isinstance(value, dict):
        return {key: _encode(entry) for key, entry in value.items()}
    return [_encode(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(entry) for entry in value]
    if not (isinstance(value, dict) and "layer" in value):
        return value
    name = value["layer"]
    if name not in Layer.registry:
        raise ModelFileError(
            f"layer {name} is unknown: import the module that defines it before loading"
        )
    config = {key: _decode(entry) for key, entry in value["config"].items()}
    return Layer.registry[name](*config.pop("layers", ()), **config)
