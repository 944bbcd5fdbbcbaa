"""The model without its quantizers: how it trains at first, and what it is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from qfx.nn.layer import Layer
from qfx.nn.quantizer import Quantizer


def quantizers(model: nn.Module) -> dict[str, Quantizer]:
    """Return every quantizer of the model, parameters' and activations', by path."""
    return {name: module for name, module in model.named_modules() if isinstance(module, Quantizer)}


@contextmanager
def bypassed(model: nn.Module) -> Iterator[None]:
    """Inside, the model computes in float, frozen or not: quantizers pass their input on."""
    frozen = [m for m in model.modules() if isinstance(m, Layer) and bool(m.frozen)]
    for layer in frozen:
        layer.frozen.fill_(False)
    for quantizer in quantizers(model).values():
        quantizer.bypassed = True
    try:
        yield
    finally:
        for quantizer in quantizers(model).values():
            quantizer.bypassed = False
        for layer in frozen:
            layer.frozen.fill_(True)
