"""In which form data come: whole arrays, samples by number or one by one, or batches."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from qfx.data.items import Ports, is_item, is_mapping, split
from qfx.data.numbers import DataError, Numbers, is_array, numbers, shape_of

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Arrays:
    """All of the data, the samples along the first axis.

    Args:
        x: of each input.
        y: of several outputs a tuple; None where it is not read.
    """

    x: tuple[Any, ...]
    y: Any


@dataclass(frozen=True)
class Samples:
    """Samples by number."""

    items: Any


@dataclass(frozen=True)
class Stream:
    """Samples one after the other, in their own order."""

    items: Any


@dataclass(frozen=True)
class Batches:
    """Batches one after the other; they can be gone through again."""

    items: Iterable[Any]


Form = Arrays | Samples | Stream | Batches


def form_of(
    data: Any, ports: Ports, what: str, needs_y: bool, shapes: tuple[Shape, ...] | None = None
) -> Form:
    """Return which form it is.

    A tuple is all of the data, (x, y); so is a dict. A list, and whatever else can be gone through,
    holds batches, or samples where these have no axis for them. A torch Dataset, and whatever has
    items by number, holds samples. What can be gone
    through only once is taken into memory.

    Args:
        data: as people have it.
        ports: of the model.
        what: it is called in the sentence, as "the training data".
        needs_y: whether y is read.
        shapes: of one sample of each input, where they are known.

    Raises:
        DataError: none of these.
    """
    data, torch = reusable(data), sys.modules.get("torch.utils.data")
    if torch is not None and isinstance(data, torch.DataLoader):
        return Batches(data)
    if torch is not None and isinstance(data, torch.IterableDataset):
        return Stream(data)
    if torch is not None and isinstance(data, torch.Dataset):
        return Samples(_sized(data, what))
    if isinstance(data, (str, bytes)) or hasattr(data, "__fspath__"):
        raise DataError(f"{what} must be arrays, not the text {str(data)!r}: read the file first")
    if isinstance(data, (tuple, list)):
        return _of_sequence(data, ports, what, needs_y, shapes)
    if is_array(data) or is_mapping(data):
        return Arrays(*split(data, ports, what, needs_y))
    if hasattr(data, "__getitem__") and hasattr(data, "__len__"):
        return Samples(data)
    if hasattr(data, "__iter__"):
        return Batches(data)
    raise DataError(
        f"{what} must be arrays ({'x, y' if needs_y else 'x'}), a Dataset, a DataLoader or batches"
        f" in a list, not {type(data).__name__}"
    )


def reusable(data: Any) -> Any:
    """Return `data`, or a list of what it gives where it can be gone through only once."""
    if isinstance(data, Iterator):
        return list(data)
    known = isinstance(data, (tuple, list, str, bytes)) or hasattr(data, "__len__")
    if known or is_array(data) or not hasattr(data, "__iter__"):
        return data
    return list(data) if iter(data) is iter(data) else data


def _sized(dataset: Any, what: str) -> Any:
    try:
        len(dataset)
    except (TypeError, NotImplementedError) as error:
        raise DataError(
            f"{what}, a {type(dataset).__name__}, has no length: give it a __len__, or make it an"
            " IterableDataset"
        ) from error
    return dataset


def _of_sequence(
    data: Any, ports: Ports, what: str, needs_y: bool, shapes: tuple[Shape, ...] | None
) -> Form:
    """A tuple or a list: the data themselves, or what they consist of."""
    if not len(data):
        raise DataError(f"{what} holds nothing: give at least one sample")
    several = len(ports.inputs) > 1
    if several and isinstance(data, tuple):
        return Arrays(*split(data, ports, what, needs_y))
    pair = isinstance(data, tuple) and len(data) == 2
    if not pair and all(map(is_item, data)) and (not several or _are_whole_items(data, ports)):
        return _of_items(data, ports, what, needs_y)
    if not is_item(data) and not pair:  # lists of numbers
        if needs_y and len(data) == 2:
            return Arrays((data[0],), data[1])
        return Arrays(*split(numbers(data, what), ports, what, needs_y))
    if several or isinstance(data, tuple) or (needs_y and len(data) == 2):
        return Arrays(*split(data, ports, what, needs_y))
    if needs_y:
        raise DataError(
            f"{what} holds {len(data)} arrays: give (x, y), or batches of (x, y) each in a list"
        )
    found = [shape_of(each) for each in data]
    if (shapes is not None and found[0] == shapes[0]) or len(found[0]) < 2:
        return Arrays((data,), None)  # samples, not batches
    if len(data) == 2 and found[0][1:] != found[1][1:]:
        return Arrays((data[0],), None)  # (x, y) in a list
    return Batches(data)


def _are_whole_items(data: Any, ports: Ports) -> bool:
    """Whether each of a list has all inputs, rather than being x and y themselves."""
    first = data[0]
    return is_mapping(first) or is_item(first[0]) or len(first) > len(ports.inputs)


def _of_items(data: Any, ports: Ports, what: str, needs_y: bool) -> Form:
    """Batches; or samples, told by a y, or an x, without an axis for them."""
    x, y = split(data[0], ports, f"item 0 of {what}", needs_y)
    single = y is not None and not isinstance(y, tuple) and not shape_of(y)
    return Samples(data) if single or not shape_of(x[0])[:-1] else Batches(data)


def gathered(
    data: Any, ports: Ports, what: str, shapes: tuple[Shape, ...] | None = None
) -> tuple[Numbers, ...]:
    """Return x of each input, of all that is given.

    Args:
        data: in any form; y is not read.
        ports, what, shapes: as for `form_of`.

    Returns:
        (samples, ...) of each input.

    Raises:
        DataError: no such form; or what does not fit together, named by its number.
    """
    return _gathered(data, ports, what, shapes, False)[0]


def gathered_pairs(
    data: Any, ports: Ports, what: str, shapes: tuple[Shape, ...] | None = None
) -> tuple[tuple[Numbers, ...], tuple[Numbers, ...]]:
    """Return x of each input and y of each output, of all that is given; as `gathered`."""
    return _gathered(data, ports, what, shapes, True)


def _gathered(
    data: Any, ports: Ports, what: str, shapes: tuple[Shape, ...] | None, needs_y: bool
) -> tuple[tuple[Numbers, ...], tuple[Numbers, ...]]:
    form = form_of(data, ports, what, needs_y, shapes)
    if isinstance(form, Arrays):
        each = form.x
        names = [_name(port, what) for port in ports.inputs]
        found_x = tuple(numbers(x, name) for x, name in zip(each, names, strict=True))
        return found_x, _targets(form.y, ports, what) if needs_y else ()
    batched = isinstance(form, Batches)
    kind, parts = "batch" if batched else "item", []
    targets: list[tuple[Numbers, ...]] = []
    for number, item in enumerate(_items(form)):
        place = f"{kind} {number} of {what}"
        x, y = split(item, ports, place, needs_y)
        found = [
            numbers(one, _name(port, place)) for one, port in zip(x, ports.inputs, strict=True)
        ]
        if needs_y:
            target = _targets(y, ports, place)
            targets.append(target if batched else tuple(one[None] for one in target))
        parts.append(found if batched else [one[None] for one in found])
        for one, before in zip(parts[-1], parts[0], strict=True):
            if one.shape[1:] != before.shape[1:]:
                raise DataError(
                    f"{place} has samples of shape {one.shape[1:]}, those before of"
                    f" {before.shape[1:]}: resize, pad or crop them to one"
                )
    if not parts:
        raise DataError(f"{what} holds nothing: give at least one sample")
    joined = [tuple(map(np.concatenate, zip(*each, strict=True))) for each in (parts, targets)]
    return joined[0], joined[1]


def _targets(y: Any, ports: Ports, place: str) -> tuple[Numbers, ...]:
    several = len(ports.outputs) > 1 and isinstance(y, (tuple, list))
    return tuple(numbers(each, f"y of {place}") for each in (y if several else (y,)))


def _items(form: Samples | Stream | Batches) -> Iterable[Any]:
    if isinstance(form, Samples):
        return (form.items[number] for number in range(len(form.items)))
    return form.items


def _name(port: str, place: str) -> str:
    return f"x of {place}" if not port else f"{port} of {place}"
