"""What the options of the command line say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qfx.errors import ArgumentError


def each(read: Callable[[Any], Any], given: list[Any] | None) -> Any:
    """What an option that may be repeated says: nothing, one thing, or a tuple."""
    things = tuple(map(read, given or ()))
    return None if not things else things[0] if len(things) == 1 else things


def shape(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ArgumentError(f"--input-shape {text} is not a shape: write it as 1,28,28") from None


def array(path: Path) -> Any:
    """The array in an .npy file."""
    from qfx.disk import Damaged, npy

    try:
        return npy.read(path)
    except Damaged:
        raise ArgumentError(f"{path} holds no array of numbers: write it with numpy.save") from None


def simulators_of(names: str | None, everything: bool) -> tuple[str, ...] | None:
    """What --simulators and --all say: names, or None for those that run when nothing is said."""
    from qfx.simulation import ALL

    if names is not None and everything:
        raise ArgumentError(f"--all chooses simulators, too: leave it out, or --simulators {names}")
    if names is None:
        return ALL if everything else None
    return tuple(name.strip() for name in names.split(","))
