"""Training data in any of the forms people have it in, as batches of (x, y) of tensors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from qfx.data import Arrays, Batches, DataError, Stream, form_of
from qfx.ir.several import alone
from qfx.training.collation import Counted, Numbered, collated
from qfx.training.reading import Reading
from qfx.training.tensors import Tensors, TrainingError, require_finite

Pairs = Iterable[tuple[Tensors, Any]]  # batches: x, and y where it is read


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
        """Count how many batches one pass gives: what has no length is gone through once.

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
    """Return `data` as batches.

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
    collate = partial(collated, reading=reading)
    if isinstance(form, Stream):
        loader = DataLoader(Counted(form.items), batch_size, collate_fn=collate)
        return Data(loader, reading, None)
    if not len(form.items):
        raise TrainingError(f"{place} holds nothing: give at least one sample")
    shuffled = generator is not None
    samples = Numbered(form.items)
    loader = DataLoader(samples, batch_size, shuffled, generator=generator, collate_fn=collate)
    return Data(loader, reading, len(loader))


def _length(items: Any) -> int | None:
    try:
        return len(items)
    except (TypeError, NotImplementedError):  # a DataLoader has one that may not work
        return None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
