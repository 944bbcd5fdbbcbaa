"""What an index chooses of a tensor, as the modules that do the same."""

from __future__ import annotations

from typing import Any

from torch import nn

from qfx import nn as qnn
from qfx.frontends.torch.call import Call


def chosen(call: Call, index: Any) -> list[nn.Module]:
    """Take x[index]: what is left out at both ends of each axis is cut off, steps are strides.

    Raises:
        ConvertError: it chooses among samples, or in another way than by numbers and slices.
    """
    first, *entries = _entries(call, index)
    if first != slice(None):
        raise call.error(
            "it chooses among the samples of a batch, which are all alike: leave the first axis"
            " whole, x[:, ...]"
        )
    ends: list[tuple[int, int]] = []
    steps: list[int] = []
    shape: list[int] = []
    sizes = iter(call.known_shape())
    for entry in entries:
        if entry is None:
            shape.append(1)
            continue
        size = next(sizes)
        start, stop, step = _bounds(call, entry, size)
        kept = len(range(start, stop, step))
        if kept < 1:
            raise call.error(f"x[{_said(entry)}] leaves nothing of an axis of {size}")
        ends.append((-start, stop - size))
        steps.append(step)
        if isinstance(entry, slice):
            shape.append(kept)
    modules: list[nn.Module] = []
    if any(map(any, ends)):
        modules.append(qnn.Pad([n for pair in reversed(ends) for n in pair]))
    modules += _strided(call, steps)
    strided = [
        len(range(0, n + sum(e), s))
        for n, e, s in zip(call.known_shape(), ends, steps, strict=True)
    ]
    return modules if shape == strided else [*modules, qnn.Reshape(shape)]


def _entries(call: Call, index: Any) -> list[Any]:
    """One entry for each axis, the batch's first, and None for new ones."""
    entries = list(index) if isinstance(index, tuple) else [index]
    axes = len(call.known_shape()) + 1
    given = sum(entry is not None and entry is not Ellipsis for entry in entries)
    place = next((n for n, entry in enumerate(entries) if entry is Ellipsis), len(entries))
    entries[place : place + 1] = [slice(None)] * (axes - given)
    return entries


def _bounds(call: Call, entry: Any, size: int) -> tuple[int, int, int]:
    """Start, stop and step of what a number or a slice chooses of an axis."""
    if isinstance(entry, slice):
        ends = (entry.start, entry.stop, entry.step)
        if all(end is None or isinstance(end, int) for end in ends) and (entry.step or 1) > 0:
            start, stop, step = entry.indices(size)
            return start, max(start, stop), step
    elif isinstance(entry, int) and not isinstance(entry, bool):
        if not -size <= entry < size:
            raise call.error(f"x[{entry}] is beyond an axis of {size}")
        return entry % size, entry % size + 1, 1
    raise call.error(
        f"x[{_said(entry)}] cannot be followed: a stream has no random access, so choose by numbers"
        " and slices that are known"
    )


def _strided(call: Call, steps: list[int]) -> list[nn.Module]:
    """What keeps every so many rows and columns: the largest of one."""
    if all(step == 1 for step in steps):
        return []
    if len(steps) == 3 and steps[0] == 1:
        return [nn.MaxPool2d(1, stride=(steps[1], steps[2]))]
    if len(steps) == 2 and steps[0] == 1:
        return [nn.MaxPool1d(1, stride=steps[1])]
    raise call.error("steps are of rows, columns and lines alone: choose channels with Conv2d")


def _said(entry: Any) -> str:
    if not isinstance(entry, slice):
        return str(entry)
    ends = ["" if end is None else str(end) for end in (entry.start, entry.stop, entry.step)]
    return ":".join(ends).removesuffix(":") if not ends[2] else ":".join(ends)
