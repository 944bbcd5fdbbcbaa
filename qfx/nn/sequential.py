"""Layers one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from torch import Tensor, nn

from qfx.errors import ArgumentError, ArgumentTypeError
from qfx.ir import GraphBuilder, Value
from qfx.nn.layer import Layer, LoweringError
from qfx.nn.origin import Origin
from qfx.nn.refused import Refused
from qfx.nn.registry import own_layer
from qfx.nn.state import shared


class Sequential(Layer):
    """Runs its layers in order.

    Args:
        layers: qfx layers; a model's first is a Quantizer, which puts the data on a grid.
        names: of the layers, as submodules; None numbers them from 0.

    Raises:
        TypeError: one of them is not a qfx layer.
        ArgumentError: not one name for each layer; a layer that takes several tensors, or gives
            several to another; or something that learns in two places.
    """

    def __init__(self, *layers: Layer, names: Sequence[str] | None = None) -> None:
        super().__init__()
        self.origin: Origin | None = None  # of what `qfx.convert` made
        self.names = None if names is None else checked_names(names, self)
        if self.names is not None and len({*self.names}) != len(layers):
            raise ArgumentError(
                f"{len(layers)} layers need as many different names, not {self.names}"
            )
        for index, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise ArgumentTypeError(f"layer {index} is {advice(layer)}")
            _require_one(layer, index, index == len(layers) - 1)
            self.add_module(self.names[index] if self.names else str(index), layer)
        require_unshared(self)
        for before, layer, after in zip((None, *layers), layers, (*layers[1:], None), strict=False):
            layer.meet(before, after)

    def __iter__(self) -> Iterator[nn.Module]:
        return (layer for _, layer in self.places())

    def __len__(self) -> int:
        return len(self._modules)

    def __getitem__(self, index: int) -> nn.Module:
        return list(self)[index]

    def places(self) -> Iterator[tuple[str, nn.Module]]:
        """Give name and layer of each place; unlike `named_children`, of one that stands in several
        too.
        """
        return ((name, layer) for name, layer in self._modules.items() if layer is not None)

    @property
    def output_count(self) -> int:
        layers = [layer for layer in self if isinstance(layer, Layer)]
        return layers[-1].output_count if layers else 1

    def forward(self, x: Tensor) -> Any:
        if self.origin is not None:
            self.origin.require_equal([tuple(x.shape[1:])], [x])
        for layer in self:
            x = layer(x)
        return x

    def lower(self, builder: GraphBuilder, x: Value) -> Any:
        if self.origin is not None:
            self.origin.require_equal([x.type.shape])
        for name, layer in self.places():
            if not isinstance(layer, Layer):
                path = f"{builder.path}.{name}".lstrip(".")
                raise LoweringError(f"{type(layer).__name__} at {path} is not a qfx layer")
            with builder.scope(name):
                x = layer.lower(builder, x)
        return x

    def config(self) -> dict[str, Any]:
        own = {"names": self.names} if self.names else {}
        return {"layers": list(self), **own}


def _require_one(layer: Layer, index: int, last: bool) -> None:
    """Raises ArgumentError for a layer that takes several tensors, or hands several on."""
    kind = type(layer).__name__
    if layer.input_count > 1:
        raise ArgumentError(
            f"layer {index}, a {kind}, takes {layer.input_count} tensors, and a Sequential hands"
            " one from layer to layer: put it into a Network"
        )
    if layer.output_count > 1 and not last:
        raise ArgumentError(
            f"layer {index}, a {kind}, gives {layer.output_count} tensors, which only the last of"
            " a Sequential may: put what reads them into that Network"
        )


def require_unshared(owner: Layer) -> None:
    """Raise ArgumentError for weights, or a binary point, that stand in two places of a model."""
    sentence = shared(owner)
    if sentence:
        raise ArgumentError(sentence)


def checked_names(names: Sequence[str], owner: nn.Module) -> list[str]:
    """Raise ArgumentError for what cannot name submodules of `owner`."""
    if not isinstance(names, (tuple, list)) or not all(isinstance(name, str) for name in names):
        raise ArgumentError(f"names must be words in a list, one for each layer, not {names!r}")
    for name in names:
        if not name.replace("_", "a").isalnum() or hasattr(owner, name):
            raise ArgumentError(
                f"{name!r} cannot name a layer: use letters, digits and underscores, and no word"
                f" that a {type(owner).__name__} uses itself"
            )
    return list(names)


def advice(given: object) -> str:
    """Return what was given instead of a layer, and what to give."""
    name, module = type(given).__name__, type(given).__module__
    if isinstance(given, (list, tuple)):
        return f"a {name}, not a qfx layer: pass the layers themselves, Sequential(*layers)"
    if isinstance(given, type):
        return f"the class {given.__name__}, not a layer: make one of it, {given.__name__}(...)"
    if not isinstance(given, nn.Module):
        return f"of type {name}, not a qfx layer: make one, as qfx.nn.ReLU()"
    refused = {kind.__name__: f"it {kind.reason}" for kind in Refused.__subclasses__()}
    unknown = refused.get(name, "it has no fixed-point form here")
    known = f"use qfx.nn.{name}" if own_layer(Layer.registry, name) else unknown
    return f"{module}.{name}, not a qfx layer: {known}"
