"""How a layer is built for a test, and what it is fed."""

from collections.abc import Callable
from dataclasses import dataclass

from qfx import nn


@dataclass(frozen=True)
class LayerCase:
    """A layer behind an input quantizer.

    Args:
        build: makes the layer with its random weights.
        shape: of one sample.
    """

    build: Callable[[], nn.Layer]
    shape: tuple[int, ...]
