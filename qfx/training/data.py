"""Training data in any of the forms people have it in, as batches of (x, y) of tensors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset

from qfx.data import Arrays, Batches, DataError, Ports, Stream, form_of, split
from qfx.ir.several import alone
from qfx.training.tensors import Tensors, TrainingError, as_tensor, require_finite

Pairs = Iterable[tuple[Tensors, Any]]  # batches: x, and y where it is read


@dataclass(frozen=True)
class Reading:
    """How items are read.

    Args:
        ports: of the model.
        what: the data are called in a sentence, as "the training data".
        needs_y: whether y is read; else it is None.
        classes: whether y holds class numbers or values; None keeps whichever it holds.
    """

    ports: Ports
    what: str
    needs_y: bool = True
    classes: bool | None = None

    def batch(self, item: Any, place: str) -> tuple[Tensors, Any]:
        """x and y of a batch.

        Raises:
            TrainingError: another form, counts that differ, or values that are not finite.
        """
        x, y = self.tensors(item, place)
        self.require_as_many(x, y, place)
        x = tuple(each.to(torch.float32) for each in x)
        for each, name in zip(x, self.names(place), strict=True):
            require_finite(each, name)
        for each in y:
            require_finite(each, f"y of {place}")
        return alone(x), alone(y) if y else None

    def tensors(self, item: Any, place: str) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """x of each input, and each y, of none where it is not read; their types are their own,
        but for classes.
        """
        x, y = self.parts(item, place)
        return self.x(x, place), self.y(y, place)

    def parts(self, item: Any, place: str) -> tuple[tuple[Any, ...], Any]:
        """x of each input, and y, as they are."""
        try:
            return split(item, self.ports, place, self.needs_y)
        except DataError as error:
            raise TrainingError(str(error)) from None

    def x(self, x: tuple[Any, ...], place: str) -> tuple[Tensor, ...]:
        pairs = zip(x, self.names(place), strict=True)
        return tuple(as_tensor(each, name) for each, name in pairs)

    def y(self, y: Any, place: str) -> tuple[Tensor, ...]:
        if not self.needs_y:
            return ()
        several = len(self.ports.outputs) > 1 or self.classes is None
        parts = tuple(y) if several and _are_arrays(y) else (y,)
        return tuple(self._target(as_tensor(each, f"y of {place}"), place) for each in parts)

    def _target(self, y: Tensor, place: str) -> Tensor:
        """y as classes or as values."""
        integral = not y.is_floating_point()
        if self.classes and not integral and y.numel():
            raise TrainingError(
                f"y of {place} holds {y.dtype}, but classes are integers: pass loss='regression' or"
                " convert y"
            )
        return y.long() if integral and self.classes is not False else y.to(torch.float32)

    def names(self, place: str) -> list[str]:
        """Each x in a sentence."""
        return [f"{port or 'x'} of {place}" for port in self.ports.inputs]

    def require_as_many(self, x: tuple[Tensor, ...], y: tuple[Tensor, ...], place: str) -> None:
        """Raises TrainingError for counts that differ, for none, and for single samples."""
        for each, name in zip(x, self.names(place), strict=True):
            if each.ndim < 2:
                raise TrainingError(
                    f"{name}, of shape {tuple(each.shape)}, is no batch of samples: give (samples,"
                    " ...), as x[None] is of one sample and x[:, None] of single numbers"
                )
        if any(each.ndim < 1 for each in y):
            raise TrainingError(
                f"y of {place} is a single number for {len(x[0])} samples: give one for each, or"
                " single samples in a torch Dataset"
            )
        xs, ys = [len(each) for each in x], [len(each) for each in y]
        if len({*xs, *ys}) > 1 or xs[0] == 0:
            counts = f"{_listed(xs)} samples of x" + (f" and {_listed(ys)} of y" if y else "")
            raise TrainingError(f"{place} has {counts}: give as many of each, at least one")


class Data:
    """Data that can be gone through again and again, batch by batch.

    Args:
        source: batches as people have them; or whole arrays.
        reading: of them.
        count: of batches, where it is known.
    """

    def __init__(self, source: Iterable[Any], reading: Reading, count: int | None) -> None:
        self.source, self.reading, self.count = source, reading, count
        self.gave = False  # whether a pass has given a batch

    @property
    def what(self) -> str:
        """What the data are called in a sentence."""
        return self.reading.what

    def __iter__(self) -> Iterator[tuple[Tensors, Any]]:
        number, given = 0, iter(self.source)
        while True:
            place = f"batch {number} of {self.what}"
            try:
                item = next(given)
            except StopIteration:
                break
            except TrainingError:
                raise
            except Exception as error:  # of the dataset's or the loader's own
                raise TrainingError(f"{place} cannot be read ({_first_line(error)})") from error
            yield self.reading.batch(item, place)
            self.gave, number = True, number + 1
        if not number:
            raise TrainingError(self._nothing())

    def counted(self) -> int:
        """How many batches one pass gives: what has no length is gone through once.

        Raises:
            TrainingError: none.
        """
        if self.count is None:
            self.count = sum(1 for _ in self.source)
        if not self.count:
            raise TrainingError(self._nothing())
        return self.count

    def _nothing(self) -> str:
        if self.gave:
            return (
                f"{self.what} gave batches once, and none when gone through again: give a list of"
                " them, a Dataset or a DataLoader"
            )
        why = "give at least one sample"
        if isinstance(self.source, DataLoader) and self.source.drop_last:
            why = "its DataLoader drops what does not fill one: leave drop_last out"
        return f"{self.what} gave no batch: {why}"


class ArrayData(Data):
    """Batches cut from arrays: no per-sample collation, so small models train at the speed of their
    arithmetic, and cast one by one, so that bytes on a disk need not fit into memory as floats.

    Args:
        x, y: tensors with the samples along the first axis, of each input and output.
        reading: of them.
        batch_size: samples a batch; the last may be smaller.
        generator: shuffles with it every time it is iterated; None keeps the order.
    """

    def __init__(
        self,
        x: tuple[Tensor, ...],
        y: tuple[Tensor, ...],
        reading: Reading,
        batch_size: int,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__((), reading, -(-len(x[0]) // batch_size))
        self.x, self.y, self.batch_size, self.generator = x, y, batch_size, generator

    def __iter__(self) -> Iterator[tuple[Tensors, Any]]:
        count = len(self.x[0])
        order = (
            torch.arange(count)
            if self.generator is None
            else torch.randperm(count, generator=self.generator)
        )
        for start in range(0, count, self.batch_size):
            chosen = order[start : start + self.batch_size]
            x = alone([each[chosen].to(torch.float32) for each in self.x])
            yield x, alone([each[chosen] for each in self.y]) if self.y else None


def to_batches(
    data: Any, reading: Reading, batch_size: int, generator: torch.Generator | None = None
) -> Data:
    """`data` as batches.

    Args:
        data: in any form that `qfx.data.form_of` knows.
        reading: of them.
        batch_size: of arrays and samples; batches stay as they are.
        generator: shuffles with it; None keeps the order, which a stream of samples keeps anyway.

    Raises:
        TrainingError: another form, lengths that differ, or values that are not finite.
    """
    place = reading.what
    try:
        form = form_of(data, reading.ports, place, reading.needs_y)
    except DataError as error:
        raise TrainingError(str(error)) from None
    if isinstance(form, Arrays):
        x, y = reading.x(form.x, place), reading.y(form.y, place)
        reading.require_as_many(x, y, place)
        for each, name in zip(x, reading.names(place), strict=True):
            require_finite(each, name)
        for each in y:
            require_finite(each, f"y of {place}")
        return ArrayData(x, y, reading, batch_size, generator)
    if isinstance(form, Batches):
        return Data(form.items, reading, _length(form.items))
    collate = partial(_collated, reading=reading)
    if isinstance(form, Stream):
        loader = DataLoader(_Counted(form.items), batch_size, collate_fn=collate)
        return Data(loader, reading, None)
    if not len(form.items):
        raise TrainingError(f"{place} holds nothing: give at least one sample")
    shuffled = generator is not None
    samples = _Numbered(form.items)
    loader = DataLoader(samples, batch_size, shuffled, generator=generator, collate_fn=collate)
    return Data(loader, reading, len(loader))


class _Numbered(Dataset[Any]):
    """Samples by number, with their numbers."""

    def __init__(self, items: Any) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, number: int) -> Any:
        return number, self.items[number]


class _Counted(IterableDataset[Any]):
    """Samples one after the other, with their numbers."""

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = items

    def __iter__(self) -> Iterator[Any]:
        return enumerate(self.items)


def _collated(given: list[tuple[int, Any]], reading: Reading) -> Any:
    """A batch of numbered samples, each read by itself, so that one that does not fit is named."""
    read = []
    for number, item in given:
        place = f"item {number} of {reading.what}"
        x, y = reading.tensors(item, place)
        read.append((*x, *y))
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
    for (number, _), tensors in zip(given, read, strict=True):
        for each in tensors:
            require_finite(each if each.ndim else each[None], f"item {number} of {reading.what}")
    count = len(reading.ports.inputs)
    stacked = tuple(torch.stack(each) for each in zip(*read, strict=True))
    return alone(stacked[:count]), *([alone(stacked[count:])] if reading.needs_y else [])


def _length(items: Any) -> int | None:
    try:
        return len(items)
    except (TypeError, NotImplementedError):  # a DataLoader has one that may not work
        return None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _are_arrays(y: Any) -> bool:
    return isinstance(y, (tuple, list)) and any(hasattr(each, "shape") for each in y)


def _listed(counts: list[int]) -> str:
    return " and ".join(map(str, counts))
