"""Training data in any of the forms people have it in, as an iterable of (x, y) batches of
tensors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

Batches = Iterable[tuple[Tensor, Tensor]]


class TrainingError(ValueError):
    """Data, a model or a result that training cannot go on with."""


class ArrayBatches:
    """Batches cut from two arrays: no per-sample collation, so small models train at the speed of
    their arithmetic.

    Args:
        x, y: tensors with the samples along the first axis.
        batch_size: samples a batch; the last may be smaller.
        generator: shuffles with it every time it is iterated; None keeps the order.
    """

    def __init__(
        self, x: Tensor, y: Tensor, batch_size: int, generator: torch.Generator | None
    ) -> None:
        self.x, self.y, self.batch_size, self.generator = x, y, batch_size, generator

    def __len__(self) -> int:
        return -(-len(self.x) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        count = len(self.x)
        order = (
            torch.arange(count)
            if self.generator is None
            else torch.randperm(count, generator=self.generator)
        )
        for start in range(0, count, self.batch_size):
            chosen = order[start : start + self.batch_size]
            yield self.x[chosen], self.y[chosen]


def to_batches(
    data: Any, batch_size: int, generator: torch.Generator | None, classes: bool | None
) -> Batches:
    """`data` as batches.

    Args:
        data: (x, y) arrays or tensors, a torch Dataset, or a DataLoader, which is used as it is.
        batch_size: for all but a DataLoader.
        generator: shuffles with it; None keeps the order.
        classes: whether y holds class numbers or values; None keeps whichever it holds.

    Raises:
        TrainingError: another kind of data, lengths that differ, or values that are not finite.
    """
    if isinstance(data, DataLoader):
        return data
    if isinstance(data, Dataset):
        return DataLoader(data, batch_size, shuffle=generator is not None, generator=generator)
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise TrainingError(
            "data must be a pair of arrays (x, y), a torch Dataset or a DataLoader,"
            f" not {type(data).__name__}"
        )
    x, y = as_tensor(data[0]), as_tensor(data[1])
    if len(x) != len(y) or len(x) == 0:
        raise TrainingError(
            f"x has {len(x)} samples and y has {len(y)}: give as many of both, at least one"
        )
    x = x.to(torch.float32)
    require_finite(x, "x")
    integral = not (y.is_floating_point() or y.is_complex())
    if classes and not integral:
        raise TrainingError(
            f"y holds {y.dtype}, but classes are integers: pass loss='regression' or convert y"
        )
    y = y.long() if integral and classes is not False else y.to(torch.float32)
    require_finite(y, "y")
    return ArrayBatches(x, y, batch_size, generator)


def as_tensor(values: Any) -> Tensor:
    """`values` as a tensor; read-only arrays are copied, since torch has none."""
    if not isinstance(values, Tensor) and np.asarray(values).dtype.kind not in "biufc":
        raise TrainingError(
            f"the data holds {np.asarray(values).dtype}, not numbers: read or encode it first"
        )
    return torch.as_tensor(np.require(values, requirements="W"))


def require_finite(x: Tensor, name: str) -> None:
    """Raises TrainingError naming the first NaN or infinity."""
    if x.is_floating_point() and not torch.isfinite(x).all():
        index = tuple(int(i) for i in torch.argwhere(~torch.isfinite(x))[0])
        raise TrainingError(
            f"{name} holds {x[index].item()} at index {index}: clean the data first"
        )


def count_batches(batches: Batches) -> int:
    """How many batches one pass gives.

    Raises:
        TrainingError: a loader without a length, over which no schedule can be laid.
    """
    if not isinstance(batches, Sized):
        raise TrainingError(
            "the DataLoader has no length, which the learning-rate schedule needs: give its dataset"
            " a __len__, or pass arrays"
        )
    return len(batches)
