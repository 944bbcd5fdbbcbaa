"""How K-hot parameters come to their codes while they are trained."""

from __future__ import annotations

from typing import Literal, get_args

from qfx.nn import KHot, Layer
from qfx.nn.bypass import quantizers

Projection = Literal["gradual", "straight_through"]
PROJECTIONS: tuple[Projection, ...] = get_args(Projection)
_ALL_CODES_AT = 0.75  # of the quantized steps; the rest trains what is left to train


class Approach:
    """Takes the distance between K-hot parameters and their codes away, step by step.

    "gradual" multiplies the distance by a share that falls from 1 to 0 over three quarters of the
    quantized steps, so that the last projection changes nothing (the residual decay of CAST, arXiv
    2509.25996, along the digits of a weight); "straight_through" projects from the first step on.

    Args:
        model: whose K-hot parameters are meant.
        projection: which.
        steps: of the quantized phases.
    """

    def __init__(self, model: Layer, projection: Projection, steps: int) -> None:
        found = quantizers(model).values() if projection == "gradual" else ()
        self.parameters = [quantizer for quantizer in found if isinstance(quantizer, KHot)]
        self.steps, self.done = steps, 0

    def step(self) -> None:
        """Do what comes before each quantized step."""
        kept = max(0.0, 1 - self.done / (_ALL_CODES_AT * self.steps))
        self._keep(kept)
        self.done += 1

    def finish(self) -> None:
        """Leave, whatever happened, codes."""
        self._keep(0.0)

    def _keep(self, share: float) -> None:
        for quantizer in self.parameters:
            quantizer.kept = share
