"""The training loop: float warm-up, calibrate, learn weights and binary points together, freeze the
points, end exact.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

import torch
from torch import nn

from qfx.data import reusable
from qfx.nn import Layer
from qfx.nn.bypass import quantizers
from qfx.nn.ports import ports_of
from qfx.nn.precision import float32_by_default
from qfx.training.checks import (
    check_counts,
    check_model,
    check_rates,
    check_shares,
    make_fabric,
    squared_error,
)
from qfx.training.data import to_batches
from qfx.training.history import History
from qfx.training.progress import TrainingProgress, counting
from qfx.training.projection import PROJECTIONS, Approach, Projection
from qfx.training.reading import Reading
from qfx.training.run import Loss, Run
from qfx.training.selection import Metric, selection_of
from qfx.training.tensors import TrainingError

_LOSSES: dict[str, Loss] = {
    "classification": nn.functional.cross_entropy,
    "regression": squared_error,
}


def train(
    model: Layer,
    train_data: Any,
    val_data: Any = None,
    *,
    epochs: int = 30,
    batch_size: int = 128,
    loss: str | Loss = "classification",
    metric: str | Metric | None = None,
    learning_rate: float = 2e-3,
    binary_point_learning_rate: float = 1e-2,
    weight_decay: float = 0.0,
    warmup: float = 0.25,
    freeze_at: float = 0.5,
    projection: Projection = "gradual",
    seed: int = 0,
    device: str = "auto",
    progress: bool = True,
) -> History:
    """Train a qfx model and leave it frozen, in evaluation mode, with the best weights seen.

    Args:
        model: a qfx layer, trained in place, in float32. On a CPU convolutions take two thirds of
            the time where it and x are in torch.channels_last.
        train_data, val_data: (x, y) arrays, a Dataset, a DataLoader, or batches in a list
            (docs/data.md). Without val_data the training data selects. x of several inputs is a
            tuple of arrays; so may y be of several outputs.
        epochs: passes over the training data, all phases together.
        batch_size: of all but batches.
        loss: "classification" (cross entropy on class numbers), "regression" (mean squared error)
            or a callable of output and y; of several outputs of a tuple of them and y.
        metric: of the validation data, by which the best epoch is chosen: "accuracy", the default
            for classification; "loss", the least, the default otherwise; or a callable of all
            outputs and all y, on the CPU, that gives a number: the greatest is the best, so give
            minus an error. Where two epochs are as good, the lesser loss decides.
        learning_rate: Adam's, for weights and biases; it follows a cosine to zero.
        binary_point_learning_rate: Adam's, for binary points, in bits.
        weight_decay: for weights and biases.
        warmup: share of the epochs trained in float before calibration; 0 to continue with a
            trained model, 1 to quantize only once, at the end.
        freeze_at: share of the quantized epochs in which binary points are learned, the step of a
            grid being any real number; then each is snapped to a power of two and stays, and the
            rest trains the weights for it. 1 leaves the weights no epoch on the final grid.
        projection: how K-hot parameters come to their codes: "gradual", or "straight_through" from
            the first quantized step on.
        seed: fixes shuffling and dropout; the model's own initialisation is the caller's.
        device: "auto", "cpu", "cuda", ...: an accelerator of Lightning Fabric.
        progress: whether to show it.

    Returns:
        The history, `selected_by` telling by what; `interrupted` is set when Ctrl-C ended it, and
        the model has the best weights so far.

    Raises:
        ConvertError: a twin that computes something else than the model it was converted from.
        LoweringError: a model that no hardware can be.
        TrainingError: a float model, bad data or arguments, or a loss or metric that is not finite
            (the model keeps its best).
    """
    check_model(model)
    check_counts(epochs=epochs, batch_size=batch_size)
    check_rates(
        learning_rate=learning_rate,
        binary_point_learning_rate=binary_point_learning_rate,
        weight_decay=weight_decay,
    )
    check_shares(warmup=warmup, freeze_at=freeze_at)
    if isinstance(loss, str) and loss not in _LOSSES:
        raise TrainingError(
            f"loss {loss!r} is not one of {', '.join(_LOSSES)}: name one of them or pass a callable"
        )
    if not isinstance(loss, str) and not callable(loss):
        raise TrainingError(
            f"loss must be one of {', '.join(_LOSSES)} or a callable, not {loss!r:.60}"
        )
    if type(seed) is bool or not isinstance(seed, Integral) or not abs(seed) < 2**63:
        raise TrainingError(f"seed must be a whole number of 64 bits, not {seed!r:.60}")
    seed = int(seed)
    if isinstance(loss, str) and model.output_count > 1:
        raise TrainingError(
            f"loss {loss!r} compares one output with y, and the model gives {model.output_count}:"
            " pass a callable of the tuple of outputs and y"
        )
    if projection not in PROJECTIONS:
        raise TrainingError(f"projection {projection!r} is not one of {', '.join(PROJECTIONS)}")
    classes = loss == "classification" if isinstance(loss, str) else None
    selection = selection_of(metric, loss)
    own, ports = val_data is not None, ports_of(model)
    train_data = reusable(train_data)
    with torch.random.fork_rng(), float32_by_default():
        torch.manual_seed(seed)
        model.float()
        generator = torch.Generator().manual_seed(seed)
        reading = Reading(ports, "the training data", classes=classes)
        batches = to_batches(train_data, reading, batch_size, generator)
        validated = Reading(ports, "the validation data", classes=classes) if own else reading
        val_batches = to_batches(val_data if own else train_data, validated, 1024)
        fabric = make_fabric(device)
        count = counting(batches, progress)
        first_quantized = int(epochs * warmup)
        with TrainingProgress(epochs, count, progress) as shown:
            run = Run(
                model=model,
                loss=_LOSSES[loss] if isinstance(loss, str) else loss,
                selection=selection,
                fabric=fabric,
                optimizer=_optimizer(
                    model, learning_rate, binary_point_learning_rate, weight_decay
                ),
                approach=Approach(model, projection, (epochs - first_quantized) * count),
                steps=epochs * count,
                batches=batches,
                val_batches=val_batches,
                shown=shown,
            )
            try:
                run.try_validation()
                run.phases(epochs, first_quantized, freeze_at)
            except KeyboardInterrupt:
                run.history.interrupted = True
            except Exception:
                run.failed()
                raise
            finally:
                run.finish()
    return run.history


def _optimizer(
    model: Layer, learning_rate: float, binary_point_learning_rate: float, weight_decay: float
) -> torch.optim.Optimizer:
    points = [q.binary_point for q in quantizers(model).values()]
    weights = [p for n, p in model.named_parameters() if not n.endswith("binary_point")]
    return torch.optim.Adam(
        [
            {"params": weights, "lr": learning_rate, "weight_decay": weight_decay},
            {"params": points, "lr": binary_point_learning_rate},
        ]
    )
