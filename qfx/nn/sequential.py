"""Layers one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn

from qfx.ir import GraphBuilder, Value
from qfx.nn.layer import Layer, LoweringError


class Sequential(Layer):
    """Runs its layers in order.

    Args:
        layers: qfx layers; a model's first is a Quantizer, which puts the data on a grid.

    Raises:
        TypeError: one of them is not a qfx layer.
    """

    def __init__(self, *layers: Layer) -> None:
        super().__init__()
        for index, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise TypeError(f"layer {index} is {_advice(layer)}")
            self.add_module(str(index), layer)
        for before, layer, after in zip((None, *layers), layers, (*layers[1:], None), strict=False):
            layer.meet(before, after)

    def __iter__(self) -> Iterator[nn.Module]:
        return iter(self.children())

    def __len__(self) -> int:
        return len(self._modules)

    def __getitem__(self, index: int) -> nn.Module:
        return list(self.children())[index]

    def forward(self, x: Tensor) -> Tensor:
        for layer in self:
            x = layer(x)
        return x

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        for name, layer in self.named_children():
            if not isinstance(layer, Layer):
                raise LoweringError(
                    f"{type(layer).__name__} at {builder.path}.{name} is not a qfx layer"
                )
            with builder.scope(name):
                x = layer.lower(builder, x)
        return x

    def config(self) -> dict[str, Any]:
        return {"layers": list(self)}


def _advice(given: object) -> str:
    """What was given instead of a layer, and what to give."""
    name, module = type(given).__name__, type(given).__module__
    if isinstance(given, (list, tuple)):
        return f"a {name}, not a qfx layer: pass the layers themselves, Sequential(*layers)"
    if isinstance(given, type):
        return f"the class {given.__name__}, not a layer: make one of it, {given.__name__}(...)"
    if not isinstance(given, nn.Module):
        return f"of type {name}, not a qfx layer: make one, as qfx.nn.ReLU()"
    known = f"use qfx.nn.{name}" if name in Layer.registry else "it has no fixed-point form here"
    return f"{module}.{name}, not a qfx layer: {known}"
