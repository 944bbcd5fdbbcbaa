"""How right outputs are, by labels: accuracy of class numbers, mean squared error of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qfx.data.numbers import DataError, Numbers, numbers

ACCURACY, ERROR = "accuracy", "mean squared error"


@dataclass(frozen=True)
class Score:
    """Of one output.

    Args:
        metric: "accuracy", a share, or "mean squared error".
        value: of it.
    """

    metric: str
    value: float

    def __str__(self) -> str:
        if self.metric == ACCURACY:
            return f"{100 * self.value:.2f} % right"
        return f"mean squared error {self.value:.4g}"


def labels_of(
    given: Any, shapes: Sequence[tuple[int, ...]], count: int, what: str
) -> list[Numbers]:
    """Return the labels of each output.

    Args:
        given: an array, or a tuple of one for each of several outputs: class numbers (samples,), or
            values of the output's shape.
        shapes: of one sample of each output.
        count: of samples.
        what: they are called in the sentence.

    Raises:
        DataError: not one for each sample, or of a shape that the output has not.
    """
    several = len(shapes) > 1
    if several and not (isinstance(given, tuple) and len(given) == len(shapes)):
        raise DataError(
            f"the model gives {len(shapes)} outputs: {what} must be a tuple of as many arrays, not"
            f" {type(given).__name__}"
        )
    found = []
    for number, (each, shape) in enumerate(
        zip(given if several else (given,), shapes, strict=True)
    ):
        name = f"{what} of output {number}" if several else what
        array = numbers(each, name)
        if array.ndim == 0 or len(array) != count:
            raise DataError(
                f"{name} holds {len(array) if array.ndim else 1} for {count} samples: give one for"
                " each"
            )
        _require_fits(array, shape, name)
        found.append(array)
    return found


def score(output: npt.NDArray[np.float64], labels: Numbers) -> Score:
    """Return how right an output is.

    Class numbers are compared with the place of the greatest of several scores, the first of equal
    ones; or, of an output of one whole number such as that of ArgMax, with this number. Values
    are compared with values.

    Args:
        output: (samples, *shape).
        labels: as `labels_of` gives them.
    """
    count = len(labels)
    flat = output.reshape(count, -1)
    if labels.dtype.kind in "biu" and labels.size == count:
        classes = labels.reshape(count)
        if flat.shape[1] > 1:
            return Score(ACCURACY, float((flat.argmax(1) == classes).mean()))
        if (flat >= 0).all() and (flat == np.floor(flat)).all():
            return Score(ACCURACY, float((flat[:, 0] == classes).mean()))
    return Score(ERROR, float(((flat - labels.reshape(count, -1)) ** 2).mean()))


def _require_fits(labels: Numbers, shape: tuple[int, ...], name: str) -> None:
    size, each = int(np.prod(shape)), int(np.prod(labels.shape[1:]))
    if each == 1 and (labels.dtype.kind in "biu" or size == 1):
        low, top = int(labels.min(initial=0)), int(labels.max(initial=0))
        if labels.dtype.kind in "iu" and size > 1 and not 0 <= low <= top < size:
            far = f"from {low}" if low < 0 else f"up to {top}"
            raise DataError(
                f"{name} holds class numbers {far}, and the output has scores for {size}"
                f" classes: give numbers from 0 to {size - 1}"
            )
        return
    if labels.shape[1:] != shape:
        raise DataError(
            f"{name} has shape {labels.shape}, where the output gives {shape} a sample: give class"
            " numbers (samples,), or values of the output's shape"
        )
