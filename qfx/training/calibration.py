"""Calibration: look at what passes each quantizer in float, then set its binary point."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import torch

from qfx import foreign
from qfx.buildable import require_buildable
from qfx.foreign import ConvertError
from qfx.ir.several import alone
from qfx.nn import Layer, LoweringError
from qfx.nn.bypass import bypassed, quantizers
from qfx.nn.derived import derived
from qfx.nn.ports import ports_of
from qfx.nn.precision import float32_by_default
from qfx.nn.quantizer import METHODS, Method
from qfx.nn.state import first_non_finite
from qfx.nn.weighted import Weighted
from qfx.training import compensation
from qfx.training.checks import check_counts, check_parameters, misfit
from qfx.training.data import ArrayData, Data, Pairs, to_batches
from qfx.training.reading import Reading
from qfx.training.tensors import TrainingError, count_samples, operands

_BATCH = 256
SAMPLES = 4096  # enough for the shape of a distribution


def calibrate(
    model: Layer,
    data: Any,
    *,
    method: Method = "mse",
    percentile: float = 99.9,
    samples: int | None = None,
    compensate: bool = False,
) -> None:
    """Quantize a trained model without training: set every binary point, then freeze.

    Args:
        model: a qfx layer with float weights, from `qfx.convert` or `qfx.train(warmup=1)`; left
            frozen, in evaluation mode and in float32.
        data: samples as the model takes them: an array, a tuple (x, y), a Dataset, a DataLoader, or
            a list of batches (docs/data.md); x of several inputs is a tuple of arrays. y is not
            read.
        method: "mse" or "mae" for the least mean squared or absolute error of each tensor,
            "percentile" for the finest grid that holds a share of its magnitudes, "max" for one
            that holds them all.
        percentile: of the magnitudes, above 0 and up to 100.
        samples: at least so many are looked at, if there are as many; None for 4,096, and for
            every batch of a list.
        compensate: choose weights not each the nearest on its grid, but so that the results of
            Linear and convolutions stay nearest on these samples (GPTQ, arXiv 2210.17323).

    Raises:
        ConvertError: a twin that computes something else than the model it was converted from.
        LoweringError: a model that no hardware can be.
        TrainingError: a model without quantizers, with weights that are not finite or stand in two
            places, another method, or data that are not finite or do not fit the model.
    """
    _check(model, method, percentile, samples)
    check_parameters(model)
    if not isinstance(compensate, bool):
        raise TrainingError(f"compensate must be True or False, not {compensate!r}")
    if compensate and not any(isinstance(module, Weighted) for module in model.modules()):
        raise TrainingError(
            "compensate=True, but no Linear and no convolution has weights to choose: leave it out"
        )
    if compensate:
        _require_plain(model)
    reading = Reading(ports_of(model), "the calibration data", needs_y=False)
    batches = to_batches(data, reading, _BATCH)
    training, frozen = model.training, bool(model.frozen)
    model.train()  # discards the integers of an earlier freeze
    model.float()
    try:
        with float32_by_default():
            device = device_of(model)
            seen = _first(batches, _limit(batches, samples), device)
            require_buildable(model, [tuple(x.shape[1:]) for x in operands(seen[0][0])])
            observe(model, seen, device, math.inf, method, percentile)
            if compensate:
                compensation.compensate(model, seen)
    except (RuntimeError, IndexError, ValueError) as error:
        model.train(training)
        if frozen:
            model.freeze()  # no point has moved: the same integers
        if isinstance(error, (TrainingError, ConvertError, LoweringError)):
            raise
        raise TrainingError(f"the calibration data does not fit the model: {error}") from error
    model.eval()
    model.freeze()


@torch.no_grad()
def observe(
    model: Layer,
    batches: Pairs,
    device: torch.device,
    samples: float = SAMPLES,
    method: Method = "mse",
    percentile: float = 99.9,
    what: str = "the calibration data",
) -> None:
    """Set every binary point from what its quantizer sees in float on the first batches.

    Args:
        model: moved to `device`; its mode stays.
        batches: (x, y), of which y is not read.
        device: where to compute.
        samples, method, percentile: as for `calibrate`.
        what: the data are called in a sentence.

    Raises:
        ConvertError: as for `calibrate`; TrainingError: a batch that does not pass.
    """
    training = model.training
    model.eval()
    for quantizer in quantizers(model).values():
        quantizer.observed = []
    try:
        with bypassed(model):
            for step, (x, _) in enumerate(batches):
                try:
                    model(*(each.to(device) for each in operands(x)))
                except (RuntimeError, IndexError, ValueError) as error:
                    if isinstance(error, (ConvertError, torch.OutOfMemoryError)):
                        raise
                    raise misfit(what, step, x, None, error) from error
                samples -= count_samples(x)
                if samples <= 0:
                    break
        seen = {
            path: torch.cat(quantizer.observed)
            for path, quantizer in quantizers(model).items()
            if quantizer.observed
        }
        for path, values in seen.items():
            _require_finite_values(path, values)
        for path, quantizer in quantizers(model).items():
            quantizer.fitted = True  # where nothing passes any point is right
            if path in seen:
                quantizer.calibrate(seen[path], method, percentile)
    finally:
        for quantizer in quantizers(model).values():
            quantizer.observed = None
        model.train(training)


def _check(model: Any, method: Any, percentile: Any, samples: Any) -> None:
    if not isinstance(model, Layer) or not quantizers(model):
        said = foreign.named(model)
        raise TrainingError(
            said
            or f"{type(model).__name__} has no quantizers to calibrate: make it a qfx model first,"
            " with qfx.convert(model)"
        )
    if method not in METHODS:
        raise TrainingError(f"method {method!r} is not one of {', '.join(METHODS)}")
    if not isinstance(percentile, Real) or not 0 < float(percentile) <= 100:
        raise TrainingError(
            f"percentile must be a number above 0 and at most 100, not {percentile!r}"
        )
    if samples is not None:
        check_counts(samples=samples)


def _limit(batches: Data, samples: int | None) -> float:
    """How many samples are looked at."""
    if samples is not None:
        return samples
    listed = isinstance(batches.source, (list, tuple)) and not isinstance(batches, ArrayData)
    return math.inf if listed else SAMPLES


def _require_finite_values(path: str, values: torch.Tensor) -> None:
    """Raises TrainingError where finite data and parameters made what is not."""
    place = first_non_finite(values)
    if place:
        raise TrainingError(
            f"what passes {path or 'the quantizer'} holds {place.split()[0]}, though data and"
            " parameters are finite: look at the weights before it, whose products grow beyond"
            " float32"
        )


def _require_plain(model: Layer) -> None:
    """Raises TrainingError for a weight that cannot be replaced, being computed of others."""
    for path, module in model.named_modules():
        for call in derived(module).values():
            raise TrainingError(
                f"compensate=True replaces weights, and that of {path or 'the model'} is computed"
                f" of others: make it plain first, {call}"
            )


def _first(batches: Data, samples: float, device: torch.device) -> list[tuple[Any, Any]]:
    """The first batches, with at least so many samples if there are as many."""
    taken = []
    for x, y in batches:
        taken.append((alone([each.to(device) for each in operands(x)]), y))
        samples -= count_samples(x)
        if samples <= 0:
            break
    return taken


def device_of(model: Layer) -> torch.device:
    """Tell where its parameters are; the CPU where it has none."""
    first = next(model.parameters(), None)
    return torch.device("cpu") if first is None else first.device
