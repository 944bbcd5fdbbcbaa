"""Calibration: look at what passes each quantizer, then put its binary point where the squared
error is least.
"""

from __future__ import annotations

import torch

from qfx.nn import Layer
from qfx.nn.bypass import bypassed, quantizers
from qfx.training.data import Batches


@torch.no_grad()
def calibrate(model: Layer, batches: Batches, device: torch.device, samples: int = 4096) -> None:
    """Set every binary point from what its quantizer sees in float on a few batches.

    Args:
        model: moved to `device`.
        batches: of which only the first are used.
        device: where to compute.
        samples: at least so many are looked at: enough for the shape of a distribution.
    """
    training = model.training
    model.eval()
    for quantizer in quantizers(model).values():
        quantizer.observed = []
    try:
        with bypassed(model):
            for x, _ in batches:
                model(x.to(device))
                samples -= len(x)
                if samples <= 0:
                    break
        for quantizer in quantizers(model).values():
            if quantizer.observed:
                quantizer.calibrate(torch.cat(quantizer.observed))
    finally:
        for quantizer in quantizers(model).values():
            quantizer.observed = None
        model.train(training)
