"""By what the best epoch of a training is chosen."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from qfx.training.history import Epoch
from qfx.training.meter import Meter, are_classes
from qfx.training.tensors import TrainingError

Metric = Callable[[Any, Any], Any]  # of all outputs and all y of the validation data, to a number
METRICS = ("accuracy", "loss")


@dataclass(frozen=True)
class Selection:
    """How epochs are compared.

    Args:
        name: "accuracy", "loss", or that of the callable.
        metric: the callable; None for the others.
        asked: whether it was named, so that nothing else may take its place.
    """

    name: str
    metric: Metric | None
    asked: bool

    def require(self, output: Any, y: Any) -> None:
        """Raise TrainingError where accuracy was asked for and there is none."""
        if self.asked and self.name == "accuracy" and not are_classes(output, y):
            raise TrainingError(
                "metric='accuracy' compares class numbers (samples,) with outputs (samples,"
                " classes): pass metric='loss', or a callable of output and y"
            )

    def measured(self, meter: Meter, number: int) -> float | None:
        """Return what the callable says of an epoch; None without one.

        Raises:
            TrainingError: it is no finite number, or the callable fails.
        """
        if self.metric is None:
            return None
        output, y = meter.kept()
        try:
            found = self.metric(output, y)
        except Exception as error:
            raise TrainingError(
                f"the metric {self.name} failed in epoch {number} ({type(error).__name__}:"
                f" {error}): it is given all outputs and all y of the validation data, on the CPU;"
                " the model keeps its best so far"
            ) from error
        value = found.item() if isinstance(found, Tensor) and found.numel() == 1 else found
        try:
            number_found = float(value)
        except (TypeError, ValueError):
            number_found = math.nan
        if not math.isfinite(number_found):
            shape = getattr(found, "shape", ())
            given = f"values of shape {tuple(shape)}" if shape else repr(found)
            raise TrainingError(
                f"the metric {self.name} gave {given} in epoch {number}, which no epoch can be"
                " chosen by: give a finite number, the greatest being the best"
            )
        return number_found

    def by(self, epoch: Epoch) -> str:
        """Return what compares epochs like this one."""
        return "loss" if self.name == "accuracy" and epoch.val_accuracy is None else self.name

    def score(self, epoch: Epoch) -> tuple[float, float]:
        """Return a score; the least is the best."""
        if epoch.val_metric is not None:
            return -epoch.val_metric, epoch.val_loss
        accuracy = epoch.val_accuracy if self.by(epoch) == "accuracy" else None
        return -(accuracy or 0.0), epoch.val_loss


def selection_of(metric: Any, loss: Any) -> Selection:
    """Return the selection that was asked for, or that fits the loss.

    Raises:
        TrainingError: neither one of METRICS nor callable.
    """
    if metric is None:
        return Selection("accuracy" if loss == "classification" else "loss", None, False)
    if isinstance(metric, str) and metric in METRICS:
        return Selection(metric, None, True)
    if not callable(metric):
        raise TrainingError(
            f"metric {metric!r} is not one of {', '.join(METRICS)}: name one of them or pass a"
            " callable of output and y, of which the greatest value is the best"
        )
    name = getattr(metric, "__name__", type(metric).__name__)
    return Selection(name, metric, True)
