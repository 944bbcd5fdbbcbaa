"""Whether a frozen model's integers are still those of its parameters, and whatever else keeps it
from a file or a graph.
"""

from __future__ import annotations

from torch import nn

from qfx.nn.layer import Layer
from qfx.nn.state import hooked, non_finite, place_of, reshaped, shared


def changed(model: nn.Module) -> str | None:
    """Tell of the first layer whose frozen integers are not those that its parameters give now."""
    for path, layer in model.named_modules():
        found = layer.outdated() if isinstance(layer, Layer) and bool(layer.frozen) else None
        if found:
            return (
                f"{place_of(layer, path)} was changed after it was frozen ({found}): call"
                " model.freeze() to take its parameters as they are now"
            )
    return None


def obstacle(model: nn.Module) -> str | None:
    """Tell whatever keeps a model from a file, or a frozen one from a graph, that computes it."""
    found = (ask(model) for ask in (shared, non_finite, reshaped, hooked, changed))
    return next((sentence for sentence in found if sentence), None)
