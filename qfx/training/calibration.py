"""Calibration: look at what passes each quantizer in float, then set its binary point."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Real
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from qfx.ir.several import alone
from qfx.nn import Layer
from qfx.nn.bypass import bypassed, quantizers
from qfx.nn.origin import ConvertError
from qfx.nn.quantizer import METHODS, Method
from qfx.nn.weighted import Weighted
from qfx.training import compensation
from qfx.training.checks import check_counts
from qfx.training.data import (
    Batches,
    Tensors,
    TrainingError,
    count_samples,
    each_input,
    operands,
    require_finite,
)

_BATCH = 256
SAMPLES = 4096  # enough for the shape of a distribution


def calibrate(
    model: Layer,
    data: Any,
    *,
    method: Method = "mse",
    percentile: float = 99.9,
    samples: int = SAMPLES,
    compensate: bool = False,
) -> None:
    """Quantize a trained model without training: set every binary point, then freeze.

    Args:
        model: a qfx layer with float weights, from `qfx.convert` or `qfx.train(warmup=1)`; left
            frozen, in evaluation mode.
        data: samples as the model takes them: an array, a pair (x, y), a Dataset or a DataLoader;
            x of several inputs is a tuple of arrays.
        method: "mse" or "mae" for the least mean squared or absolute error of each tensor,
            "percentile" for the finest grid that holds a share of its magnitudes, "max" for one
            that holds them all.
        percentile: of the magnitudes, above 0 and up to 100.
        samples: at least so many are looked at, if there are as many.
        compensate: choose weights not each the nearest on its grid, but so that the results of
            Linear and convolutions stay nearest on these samples (GPTQ, arXiv 2210.17323).

    Raises:
        ConvertError: a twin that computes something else than the model it was converted from.
        TrainingError: a model without quantizers, another method, or data that are not finite or
            do not fit the model.
    """
    _check(model, method, percentile, samples)
    if not isinstance(compensate, bool):
        raise TrainingError(f"compensate must be True or False, not {compensate!r}")
    if compensate and not any(isinstance(module, Weighted) for module in model.modules()):
        raise TrainingError(
            "compensate=True, but no Linear and no convolution has weights to choose: leave it out"
        )
    batches, training, frozen = (
        _batches(data, model.input_count),
        model.training,
        bool(model.frozen),
    )
    model.train()  # discards the integers of an earlier freeze
    try:
        seen = _first(batches, samples)
        observe(model, seen, torch.device("cpu"), samples, method, percentile)
        if compensate:
            compensation.compensate(model, seen)
    except (RuntimeError, IndexError, ValueError) as error:
        model.train(training)
        if frozen:
            model.freeze()  # no point has moved: the same integers
        if isinstance(error, (TrainingError, ConvertError)):
            raise
        raise TrainingError(
            f"the data do not pass through the model ({error}): compare a sample's shape with the"
            " first layer"
        ) from error
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
                model(*(each.to(device) for each in operands(x)))
                samples -= count_samples(x)
                if samples <= 0:
                    break
        for quantizer in quantizers(model).values():
            if quantizer.observed:
                quantizer.calibrate(torch.cat(quantizer.observed), method, percentile)
    finally:
        for quantizer in quantizers(model).values():
            quantizer.observed = None
        model.train(training)


def _check(model: Any, method: Any, percentile: Any, samples: Any) -> None:
    if not isinstance(model, Layer) or not quantizers(model):
        raise TrainingError(
            f"{type(model).__name__} has no quantizers to calibrate: make it a qfx model first,"
            " with qfx.convert(model)"
        )
    if method not in METHODS:
        raise TrainingError(f"method {method!r} is not one of {', '.join(METHODS)}")
    if not isinstance(percentile, Real) or not 0 < float(percentile) <= 100:
        raise TrainingError(
            f"percentile must be a number above 0 and at most 100, not {percentile!r}"
        )
    check_counts(samples=samples)


def _first(
    batches: Iterator[tuple[Tensors, Tensors]], samples: int
) -> list[tuple[Tensors, Tensors]]:
    """The first batches, with at least so many samples if there are as many."""
    taken = []
    for x, y in batches:
        taken.append((x, y))
        samples -= count_samples(x)
        if samples <= 0:
            break
    return taken


def _batches(data: Any, inputs: int) -> Iterator[tuple[Tensors, Tensors]]:
    """Batches whose y is their x, each checked when its turn comes."""
    parts: Iterator[Any]
    if isinstance(data, (DataLoader, Dataset)):
        loader = data if isinstance(data, DataLoader) else DataLoader(data, _BATCH)
        parts = (batch[0] if _holds_x(batch, inputs) else batch for batch in loader)
    else:
        paired = _holds_x(data, inputs) and (inputs > 1 or len(data) == 2)
        given = each_input(data[0] if paired else data, inputs)
        for each in given:
            if each.ndim < 2:
                raise TrainingError(
                    f"data of shape {tuple(each.shape)} holds no batch of samples: give"
                    " (samples, ...)"
                )
        if len({len(each) for each in given}) > 1:
            counts = " and ".join(str(len(each)) for each in given)
            raise TrainingError(f"the inputs have {counts} samples: give as many of each")
        require_finite(alone(given), "x")
        split = zip(*(torch.split(each, _BATCH) for each in given), strict=True)
        parts = (alone(part) for part in split if len(part[0]))
    seen = False
    for part in parts:
        x = alone([each.to(torch.float32) for each in each_input(part, inputs)])
        require_finite(x, "x")
        seen = True
        yield x, x
    if not seen:
        raise TrainingError(
            "there is no sample to calibrate on: give some, as the model takes them"
        )


def _holds_x(given: Any, inputs: int) -> bool:
    """Whether x is the first of what is given rather than all of it: x of several inputs is a tuple
    itself.
    """
    several = isinstance(given, (tuple, list)) and len(given) > 0
    return several and (inputs == 1 or isinstance(given[0], (tuple, list)))
