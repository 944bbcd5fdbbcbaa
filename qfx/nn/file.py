"""The trainable model on disk: one safetensors file, its header holding the architecture as
JSON. `file_reading` reads it back.
"""

from __future__ import annotations

import json
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn.utils import parametrize

from qfx.nn.derived import plain_tensors
from qfx.nn.file_reading import FORMAT, FORMAT_VERSION, ModelFileError, decoded, read
from qfx.nn.layer import Layer
from qfx.nn.outdated import obstacle
from qfx.nn.quantizer import Quantizer
from qfx.nn.registry import written_name

__all__ = ["FORMAT_VERSION", "ModelFileError", "read", "to_bytes"]


def to_bytes(model: Layer) -> bytes:
    """Return architecture, parameters and frozen integers; no code, no pickle. Masks and
    parametrizations are baked into the weights that they give.

    Raises:
        ModelFileError: what `read` could not put back, or integers that are not the parameters'.
    """
    origin = getattr(model, "origin", None)
    if origin is not None:
        origin.warn()
    stands = obstacle(model)
    if stands:
        raise ModelFileError(stands)
    architecture = _Writer().encode(model)
    try:
        described = json.dumps(architecture)
        with torch.random.fork_rng(devices=()):  # what layers begin with is nobody's to notice
            again = decoded(json.loads(described))
    except (TypeError, ValueError, LookupError) as error:
        raise ModelFileError(
            f"the model could not be rebuilt from its layers' config ({error}): config"
            " gives the constructor's arguments, as plain JSON values and layers"
        ) from error
    tensors = _tensors(model, again)
    header = {"format": FORMAT, "version": FORMAT_VERSION, "model": described}
    return bytes(save(tensors, metadata=header))


def _tensors(model: Layer, again: Layer) -> dict[str, Tensor]:
    """What the file holds: whatever the same model would have, built `again` from the file."""
    wanted = again.state_dict()
    owners = dict(again.named_modules(remove_duplicate=False))
    tensors = {}
    for path, module in model.named_modules(remove_duplicate=False):
        kind = _class_of(module).__name__ if isinstance(module, Layer) else type(module).__name__
        if "parametrizations" in path.split("."):  # baked into what it gives
            continue
        if path not in owners:
            raise ModelFileError(
                f"{path} ({kind}) was added to a layer that is made without it, so load could not"
                " put it back: build the model with it, or keep it elsewhere"
            )
        for name, tensor in plain_tensors(module).items():
            full = f"{path}.{name}" if path else name
            if full not in wanted or wanted[full].shape != tensor.shape:
                raise ModelFileError(
                    f"{full} is not what a {kind} is made with, so load could not put it back: keep"
                    " it elsewhere, or write a qfx.nn.Layer of your own that has it"
                )
            tensors[full] = tensor
        if isinstance(module, Quantizer):
            full = f"{path}._extra_state" if path else "_extra_state"
            tensors[full] = module.get_extra_state()
    for full in wanted:
        if full not in tensors:
            raise ModelFileError(
                f"the model has no {full} any more, so load could not put it back: build the model"
                " anew with what it is to have"
            )
    return {full: _apart(tensor) for full, tensor in tensors.items()}


def _apart(tensor: Tensor) -> Tensor:
    """In memory of its own: a file does not say that two tensors share it."""
    return tensor.detach().cpu().contiguous().clone()


class _Writer:
    """Encodes a model; a layer that stands in several places is written once, then referred to."""

    def __init__(self) -> None:
        self.written: dict[int, int] = {}  # index by identity of the layer

    def encode(self, value: Any) -> Any:
        """Return layers as their names and configs, the rest as it is."""
        if isinstance(value, Layer):
            if id(value) in self.written:
                return {"again": self.written[id(value)]}
            config = self.encode(value.config())
            self.written[id(value)] = len(self.written)
            return {"layer": written_name(_class_of(value)), "config": config}
        if isinstance(value, dict):
            return {key: self.encode(entry) for key, entry in value.items()}
        return (
            [self.encode(entry) for entry in value] if isinstance(value, (list, tuple)) else value
        )


def _class_of(layer: nn.Module) -> type[nn.Module]:
    """Its class, as it was before torch made a parametrized one of it."""
    kind: type[nn.Module] = parametrize.type_before_parametrizations(layer)
    return kind
