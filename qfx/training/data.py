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

from qfx.ir.several import alone

Tensors = Tensor | tuple[Tensor, ...]  # of one input or output, or of each
Batches = Iterable[tuple[Tensors, Tensors]]


class TrainingError(ValueError):
    """Data, a model or a result that training cannot go on with."""


class ArrayBatches:
    """Batches cut from two arrays: no per-sample collation, so small models train at the speed of
    their arithmetic.

    Args:
        x, y: tensors with the samples along the first axis, or tuples of such.
        batch_size: samples a batch; the last may be smaller.
        generator: shuffles with it every time it is iterated; None keeps the order.
    """

    def __init__(
        self, x: Tensors, y: Tensors, batch_size: int, generator: torch.Generator | None
    ) -> None:
        self.x, self.y, self.batch_size, self.generator = x, y, batch_size, generator

    def __len__(self) -> int:
        return -(-count_samples(self.x) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensors, Tensors]]:
        count = count_samples(self.x)
        order = (
            torch.arange(count)
            if self.generator is None
            else torch.randperm(count, generator=self.generator)
        )
        for start in range(0, count, self.batch_size):
            chosen = order[start : start + self.batch_size]
            yield _chosen(self.x, chosen), _chosen(self.y, chosen)


def to_batches(
    data: Any,
    batch_size: int,
    generator: torch.Generator | None,
    classes: bool | None,
    inputs: int = 1,
    outputs: int = 1,
) -> Batches:
    """`data` as batches.

    Args:
        data: (x, y) arrays or tensors, a torch Dataset, or a DataLoader, which is used as it is.
        batch_size: for all but a DataLoader.
        generator: shuffles with it; None keeps the order.
        classes: whether y holds class numbers or values; None keeps whichever it holds.
        inputs: of the model; of several, x is a tuple of arrays.
        outputs: of the model; of several, y may be a tuple of arrays.

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
    x = each_input(data[0], inputs)
    y = tuple(map(as_tensor, data[1] if _are_several(data[1], outputs) else (data[1],)))
    counts = [len(each) for each in (*x, *y)]
    if len({*counts}) > 1 or counts[0] == 0:
        raise TrainingError(
            f"x has {_listed(counts[: len(x)])} samples and y has {_listed(counts[len(x) :])}: give"
            " as many of both, at least one"
        )
    x = tuple(each.to(torch.float32) for each in x)
    require_finite(alone(x), "x")
    y = tuple(_target(each, classes) for each in y)
    require_finite(alone(y), "y")
    return ArrayBatches(alone(x), alone(y), batch_size, generator)


def _are_several(y: Any, outputs: int) -> bool:
    return outputs > 1 and isinstance(y, tuple)


def _listed(counts: list[int]) -> str:
    return " and ".join(map(str, counts))


def _target(y: Tensor, classes: bool | None) -> Tensor:
    """y as classes or as values."""
    integral = not (y.is_floating_point() or y.is_complex())
    if classes and not integral:
        raise TrainingError(
            f"y holds {y.dtype}, but classes are integers: pass loss='regression' or convert y"
        )
    return y.long() if integral and classes is not False else y.to(torch.float32)


def each_input(x: Any, inputs: int) -> tuple[Tensor, ...]:
    """The samples of each input.

    Raises:
        TrainingError: not one array for each of several, or no numbers.
    """
    if inputs == 1:
        return (as_tensor(x),)
    if not isinstance(x, (tuple, list)) or len(x) != inputs:
        raise TrainingError(
            f"the model takes {inputs} tensors: give x as a tuple of as many arrays, not"
            f" {type(x).__name__}"
        )
    return tuple(map(as_tensor, x))


def operands(x: Any) -> tuple[Tensor, ...]:
    """What a model is called with for a batch's x; a DataLoader makes lists of tuples."""
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)


def count_samples(x: Any) -> int:
    """Of a tensor, or of each in a tuple."""
    return len(operands(x)[0])


def _chosen(x: Tensors, which: Tensor) -> Tensors:
    chosen: Tensors = alone([each[which] for each in operands(x)])
    return chosen


def as_tensor(values: Any) -> Tensor:
    """`values` as a tensor; read-only arrays are copied, since torch has none."""
    if not isinstance(values, Tensor) and np.asarray(values).dtype.kind not in "biufc":
        raise TrainingError(
            f"the data holds {np.asarray(values).dtype}, not numbers: read or encode it first"
        )
    return torch.as_tensor(np.require(values, requirements="W"))


def require_finite(x: Any, name: str) -> None:
    """Raises TrainingError naming the first NaN or infinity of a tensor, or of each in a tuple."""
    if isinstance(x, (tuple, list)):
        for number, each in enumerate(x):
            require_finite(each, f"{name}[{number}]")
        return
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
