"""Calibration: look at what passes each quantizer in float, then set its binary point."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from qfx.nn import Layer
from qfx.nn.bypass import bypassed, quantizers
from qfx.nn.quantizer import METHODS, Method
from qfx.training.data import Batches, TrainingError, as_tensor, require_finite, to_batches

SAMPLES = 4096  # enough for the shape of a distribution


def calibrate(
    model: Layer,
    data: Any,
    *,
    method: Method = "mse",
    percentile: float = 99.9,
    samples: int = SAMPLES,
) -> None:
    """Quantize a trained model without training: set every binary point, then freeze.

    Args:
        model: a qfx layer with float weights, from `qfx.convert` or `qfx.train(warmup=1)`; left
            frozen, in evaluation mode.
        data: samples as the model takes them: an array, a pair (x, y), a Dataset or a DataLoader.
        method: "mse" or "mae" for the least mean squared or absolute error of each tensor,
            "percentile" for the finest grid that holds a share of its magnitudes, "max" for one
            that holds them all.
        percentile: of the magnitudes, above 0 and up to 100.
        samples: at least so many are looked at, if there are as many.

    Raises:
        TrainingError: a model without quantizers, another method, or data that is not finite.
    """
    _check(model, method, percentile, samples)
    batches = _batches(data)
    model.train()  # discards the integers of an earlier freeze
    observe(model, batches, torch.device("cpu"), samples, method, percentile)
    model.eval()
    model.freeze()


@torch.no_grad()
def observe(
    model: Layer,
    batches: Batches,
    device: torch.device,
    samples: int = SAMPLES,
    method: Method = "mse",
    percentile: float = 99.9,
) -> None:
    """Set every binary point from what its quantizer sees in float on the first batches.

    Args:
        model: moved to `device`; its mode stays.
        batches: (x, y), of which y is not read.
        device: where to compute.
        samples, method, percentile: as for `calibrate`.
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
                quantizer.calibrate(torch.cat(quantizer.observed), method, percentile)
    finally:
        for quantizer in quantizers(model).values():
            quantizer.observed = None
        model.train(training)


def _check(model: Any, method: str, percentile: float, samples: int) -> None:
    if not isinstance(model, Layer) or not quantizers(model):
        raise TrainingError(
            f"{type(model).__name__} has no quantizers to calibrate: make it a qfx model first,"
            " with qfx.convert(model)"
        )
    if method not in METHODS:
        raise TrainingError(f"method {method!r} is not one of {', '.join(METHODS)}")
    if not 0 < percentile <= 100:
        raise TrainingError(f"percentile {percentile} must be above 0 and at most 100")
    if samples < 1:
        raise TrainingError(f"samples must be at least 1, not {samples}")


def _batches(data: Any) -> Batches:
    if isinstance(data, (DataLoader, Dataset)):
        return to_batches(data, 256, None, None)
    pair = isinstance(data, (tuple, list)) and len(data) == 2
    x: Tensor = as_tensor(data[0] if pair else data).to(torch.float32)
    require_finite(x, "x")
    if len(x) == 0:
        raise TrainingError("there is no sample to calibrate on")
    return [(part, part) for part in torch.split(x, 256)]
