"""The trainable model on disk: one safetensors file, its header holding the architecture as
JSON. `file_reading` reads it back.
"""

from __future__ import annotations

import json
from typing import Any

from safetensors.torch import save

from qfx.nn.file_reading import FORMAT, FORMAT_VERSION, ModelFileError, read
from qfx.nn.layer import Layer

__all__ = ["FORMAT_VERSION", "ModelFileError", "read", "to_bytes"]


def to_bytes(model: Layer) -> bytes:
    """Architecture, parameters and frozen integers; no code, no pickle."""
    origin = getattr(model, "origin", None)
    if origin is not None:
        origin.warn()
    tensors = {
        name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()
    }
    header = {"format": FORMAT, "version": FORMAT_VERSION, "model": json.dumps(_encode(model))}
    return bytes(save(tensors, metadata=header))


def _encode(value: Any) -> Any:
    if isinstance(value, Layer):
        return {"layer": type(value).__name__, "config": _encode(value.config())}
    if isinstance(value, dict):
        return {key: _encode(entry) for key, entry in value.items()}
    return [_encode(entry) for entry in value] if isinstance(value, (list, tuple)) else value
