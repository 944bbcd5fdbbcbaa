"""Samples one by one made batches: at once where they are alike, else each by itself, so that one
that does not fit is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, IterableDataset

from qfx.ir.several import alone
from qfx.training.reading import Reading
from qfx.training.tensors import TrainingError, as_tensor, require_finite


class Numbered(Dataset[Any]):
    """Samples by number, with their numbers."""

    def __init__(self, items: Any) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, number: int) -> Any:
        return number, self.items[number]


class Counted(IterableDataset[Any]):
    """Samples one after the other, with their numbers."""

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = items

    def __iter__(self) -> Iterator[Any]:
        return enumerate(self.items)


def collated(given: list[tuple[int, Any]], reading: Reading) -> Any:
    """Make a batch: x, of several inputs a tuple, and y where it is read.

    Args:
        given: samples with their numbers.
        reading: of them.

    Raises:
        TrainingError: a sample that is none, holds values that are not finite, or is of another
            shape than those before.
    """
    try:
        columns = _columns([reading.parts(item, "") for _, item in given], reading)
    except Exception:  # whatever it was, it is found again, and named
        columns = _one_by_one(given, reading)
    count = len(reading.ports.inputs)
    return alone(columns[:count]), *([alone(columns[count:])] if reading.needs_y else [])


def _columns(parts: Sequence[tuple[tuple[Any, ...], Any]], reading: Reading) -> tuple[Tensor, ...]:
    """Each x and each y of all samples; raises for the first trouble."""
    rows = [(*x, *reading.each_y(y)) for x, y in parts]
    columns = [_column(each) for each in zip(*rows, strict=True)]
    for each in columns:
        require_finite(each, "")
    count = len(reading.ports.inputs)
    return (*columns[:count], *(reading.target(each, "") for each in columns[count:]))


def _column(values: Sequence[Any]) -> Tensor:
    if all(isinstance(value, Tensor) and value.layout == torch.strided for value in values):
        return as_tensor(torch.stack([value.detach() for value in values]), "")
    if all(isinstance(value, np.ndarray) for value in values):
        return as_tensor(np.stack(values), "")
    return as_tensor(list(values), "")


def _one_by_one(given: list[tuple[int, Any]], reading: Reading) -> tuple[Tensor, ...]:
    read: list[tuple[Tensor, ...]] = []
    for number, item in given:
        place = f"item {number} of {reading.what}"
        x, y = reading.tensors(item, place)
        read.append((*x, *y))
        for each in read[-1]:
            require_finite(each if each.ndim else each[None], place)
        if len(read[-1]) != len(read[0]):
            raise TrainingError(
                f"{place} holds {len(read[-1])} tensors, item {given[0][0]} {len(read[0])}: give as"
                " many of each sample"
            )
        for own, first in zip(read[-1], read[0], strict=True):
            if own.shape != first.shape:
                raise TrainingError(
                    f"{place} holds a tensor of shape {tuple(own.shape)}, item {given[0][0]} one of"
                    f" {tuple(first.shape)}: resize, pad or crop the samples to one shape"
                )
    return tuple(torch.stack(each) for each in zip(*read, strict=True))
