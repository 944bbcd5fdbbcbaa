"""What a model takes and gives, by name."""

from __future__ import annotations

from qfx.data import Ports
from qfx.nn.layer import Layer
from qfx.nn.network import Network


def ports_of(model: Layer) -> Ports:
    """Name them by the names of its Network where it is one; else by index."""
    if isinstance(model, Network):
        return Ports(model.inputs, model.outputs)
    return Ports(("",) * model.input_count, ("",) * model.output_count)
