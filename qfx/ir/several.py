"""One thing alone, or a tuple of several: how what enters and leaves a graph is handed over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import numpy as np

from qfx.fixedpoint.array import Integers

T = TypeVar("T")
Arrays = Integers | tuple[Integers, ...]  # the integers of one port, or of each


def each_of(given: T | tuple[T, ...]) -> tuple[T, ...]:
    """Return a tuple of what was given, alone or as a tuple."""
    return given if isinstance(given, tuple) else (given,)


def alone(things: Sequence[T]) -> Any:
    """Return the one thing itself; of several, a tuple: the inverse of `each_of`."""
    return things[0] if len(things) == 1 else tuple(things)


def chosen(given: Arrays, which: Any) -> Any:
    """Return some samples of an array, or of each in a tuple."""
    return alone([array[which] for array in each_of(given)])


def joined(parts: Iterable[Arrays]) -> Any:
    """Put batches one behind the other, of one port or of each."""
    return alone([np.concatenate(each) for each in zip(*map(each_of, parts), strict=True)])
