"""What training refuses before and at its first step, each time with the next step to take."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

from lightning_fabric import Fabric
from torch import Tensor, nn

from qfx import foreign
from qfx.nn import Layer
from qfx.nn.state import non_finite, shared
from qfx.training.tensors import TrainingError, operands


def check_model(model: Any) -> None:
    """Raise TrainingError for what is no qfx layer, with the model to write; or for parameters that
    nothing good can come of.
    """
    if not isinstance(model, Layer):
        raise TrainingError(_teach_conversion(model))
    check_parameters(model)


def check_parameters(model: Layer) -> None:
    """Raise TrainingError for numbers that are not finite, or that stand in two places."""
    for ask in (shared, non_finite):
        sentence = ask(model)
        if sentence:
            raise TrainingError(sentence)


def check_counts(**counts: Any) -> None:
    """Raise TrainingError naming the first that is no whole number from 1 on."""
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, Integral) or int(count) < 1:
            raise TrainingError(f"{name} must be a whole number, at least 1, not {count!r}")


def check_rates(**rates: Any) -> None:
    """Raise TrainingError naming the first that is no finite number from 0 on."""
    for name, rate in rates.items():
        if not isinstance(rate, Real) or not 0 <= float(rate) < math.inf:
            raise TrainingError(f"{name} must be a number from 0 on, not {rate!r}")


def check_shares(**shares: Any) -> None:
    """Raise TrainingError naming the first that is no share of the epochs."""
    for name, share in shares.items():
        if not isinstance(share, Real) or not 0 <= float(share) <= 1:
            raise TrainingError(f"{name} must be a share of the epochs, from 0 to 1, not {share!r}")


def make_fabric(device: str) -> Fabric:
    """Choose where to train; raise TrainingError for a device that is not there."""
    try:
        return Fabric(accelerator=device, devices=1)
    except (ValueError, TypeError, RuntimeError) as error:
        raise TrainingError(
            f"device {device!r} cannot be used ({error}): take 'auto' or 'cpu'"
        ) from error


def squared_error(output: Tensor, y: Tensor) -> Tensor:
    """Return the mean of it over all elements.

    Raises:
        TrainingError: the shapes differ, where torch would compare every output with every y.
    """
    if output.shape != y.shape:
        raise TrainingError(
            f"the model gives {tuple(output.shape)}, y holds {tuple(y.shape)}: a regression needs"
            " one shape, so reshape y or change the last layer"
        )
    return nn.functional.mse_loss(output, y)


def misfit(what: str, step: int, x: Any, y: Any, error: Exception) -> TrainingError:
    """Make the error for a batch that does not pass through the model and the loss.

    Args:
        what: the data are called.
        step: number of the batch.
        x, y: of it; y is None where none is read.
        error: torch's, or the loss's own.
    """
    if y is None:
        return TrainingError(
            f"batch {step} of {what}, x of shape {_shapes(x)}, does not pass through the model"
            f" ({error}): compare a sample's shape with the first layer"
        )
    return TrainingError(
        f"batch {step} of {what}, x of shape {_shapes(x)} and y of shape {_shapes(y)}, does not"
        f" pass through the model and the loss ({error}): compare it with the first and the last"
        " layer; classes are numbered from 0"
    )


def _shapes(x: Any) -> str:
    return " and ".join(str(tuple(each.shape)) for each in operands(x))


def _teach_conversion(model: Any) -> str:
    """Why the model is refused, and the call that makes one that is not."""
    said = foreign.named(model)
    if said is not None:
        return said
    name = type(model).__name__
    if not isinstance(model, nn.Module):
        return f"{name} is not a torch module: build the model of qfx.nn layers"
    return (
        f"{name} is a float torch model, which has no binary points to learn: convert it first,"
        " qfx.convert(model, input_shape=(1, 28, 28)) with the shape of one sample"
    )
