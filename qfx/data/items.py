"""What is x and what is y of an item: a sample, a batch, or all of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np

from qfx.data.numbers import DataError, leaf

# Keys that name x and y where a model has no names of its own, in any case of letters.
X_KEYS = (
    "x", "input", "inputs", "data", "image", "images", "img", "pixel_values", "feature", "features",
    "signal", "input_values", "input_ids",
)  # fmt: skip
Y_KEYS = ("y", "label", "labels", "target", "targets", "output", "outputs")
Item = tuple[tuple[Any, ...], Any]  # x of each input; y, of several a tuple, None where none is


@dataclass(frozen=True)
class Ports:
    """What a model takes and gives.

    Args:
        inputs, outputs: the name of each; empty where it has none.
    """

    inputs: tuple[str, ...] = ("",)
    outputs: tuple[str, ...] = ("",)


def is_mapping(given: Any) -> bool:
    """Tell whether it has things by key: a dict, and what behaves as one."""
    return hasattr(given, "keys") and hasattr(given, "__getitem__")


def is_item(given: Any) -> bool:
    """Tell whether it holds arrays by key or by index; lists of mere numbers are an array."""
    if is_mapping(given) and not hasattr(given, "__array__"):
        return True
    if not isinstance(given, (tuple, list)) or not given:
        return False
    return any(is_item(each) or not _is_plain(each) for each in given)


def split(item: Any, ports: Ports, place: str, needs_y: bool) -> Item:
    """Return x and y of an item.

    By place, x comes first and y second; of several inputs x is a tuple, or they come one by one
    before y. By key, as in a dict or namedtuple, the names are the model's own, or of X_KEYS and
    Y_KEYS; other keys are not read.

    Args:
        item: an array is x alone.
        ports: of the model.
        place: what it is called in the sentence, as "item 3 of the training data".
        needs_y: whether y is read; else what stands behind x does not matter.

    Raises:
        DataError: another form.
    """
    if is_mapping(item) and not hasattr(item, "__array__"):
        x, y = _by_key(item, ports, place, needs_y)
    elif hasattr(item, "_fields") and _named(item._fields, ports):
        x, y = _by_key(item._asdict(), ports, place, needs_y)
    elif is_item(item) or (isinstance(item, tuple) and len(item) in (1, 2)):
        x, y = _by_place(item, ports, place, needs_y)
    else:
        x, y = (item,), None
    if len(x) != len(ports.inputs):
        raise _not_several(place, item, ports)
    if needs_y and y is None:
        raise DataError(f"{place} holds x alone: give (x, y)")
    return x, y if needs_y else None


def _by_place(item: Sequence[Any], ports: Ports, place: str, needs_y: bool) -> Item:
    count, first = len(ports.inputs), item[0]
    if is_mapping(first) and not hasattr(first, "__array__"):
        x, rest = split(first, Ports(ports.inputs), f"x of {place}", False)[0], item[1:]
    elif count > 1 and isinstance(first, (tuple, list)) and is_item(first):
        x, rest = tuple(first), item[1:]
    elif 1 < len(item) <= count and needs_y:
        raise _not_several(place, first, ports)
    else:
        x, rest = tuple(item[:count]), item[count:]
    if not needs_y or not rest:
        return x, None
    if len(rest) == len(ports.outputs) > 1:
        return x, tuple(rest)
    if len(rest) > 1:
        raise DataError(
            f"{place} holds {len(item)} things, and which is y is not clear: give (x, y); what else"
            " the loss needs belongs into y, as (x, (y, weight)) for a callable loss"
        )
    y = rest[0]
    if is_mapping(y) and not hasattr(y, "__array__"):
        return x, _target(y, ports, f"y of {place}")
    return x, y


def _not_several(place: str, x: Any, ports: Ports) -> DataError:
    kind = type(x).__name__
    found = f"a {kind} of {len(x)}" if isinstance(x, (tuple, list)) else f"a {kind}"
    return DataError(
        f"the model takes {len(ports.inputs)} tensors: {place} must have x as a tuple of as many"
        f" arrays, not {found}"
    )


def _by_key(item: Any, ports: Ports, place: str, needs_y: bool) -> Item:
    keys = list(item.keys())
    if all(name in keys for name in ports.inputs):
        x = tuple(item[name] for name in ports.inputs)
    elif len(ports.inputs) > 1:
        missing = next(name for name in ports.inputs if name not in keys)
        raise DataError(
            f"{place} has the keys {_listed(keys)}, and not the model's input"
            f" {missing or '(which has no name)'}: name them"
            f" {_listed(ports.inputs) if all(ports.inputs) else 'as an nn.Network names inputs'},"
            " or give (x, y) with x a tuple"
        )
    else:
        x = (item[_one(keys, X_KEYS, "x", place)],)
    return x, _target(item, ports, place) if needs_y else None


def _target(item: Any, ports: Ports, place: str) -> Any:
    keys = list(item.keys())
    if all(name in keys for name in ports.outputs):
        found = tuple(item[name] for name in ports.outputs)
        return found[0] if len(found) == 1 else found
    return item[_one(keys, Y_KEYS, "y", place)]


def _one(keys: list[Any], known: tuple[str, ...], what: str, place: str) -> Any:
    found = [key for key in keys if isinstance(key, str) and key.lower() in known]
    if len(found) == 1:
        return found[0]
    why = f"{_listed(found)} could each be {what}" if found else f"none of which is {what}"
    raise DataError(
        f"{place} has the keys {_listed(keys)}, {why}: name it {known[0]!r}, or give (x, y), as in"
        " [(batch['image'], batch['label']) for batch in data]"
    )


def _named(fields: Sequence[str], ports: Ports) -> bool:
    """Whether a namedtuple's names say what they are; else its places do."""
    known = {*X_KEYS, *(name for name in ports.inputs if name)}
    return any(field in known or field.lower() in X_KEYS for field in fields)


def _is_plain(given: Any) -> bool:
    """Whether it is a number, or lists of numbers."""
    return isinstance(leaf(given), (Number, np.generic, str, type(None)))


def _listed(names: Sequence[Any]) -> str:
    words = [str(name) for name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words) or "none"
