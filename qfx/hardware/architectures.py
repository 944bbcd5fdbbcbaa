"""The architectures: what lays a graph out, and what restores it from what a project keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qfx.boards import Board
from qfx.errors import ArgumentError
from qfx.hardware.design import Design
from qfx.hardware.layout import Layout, restored
from qfx.hardware.schedule import scheduled
from qfx.hardware.shortage import Judge
from qfx.hardware.stage import Stage
from qfx.hardware.wishes import Wishes
from qfx.ir import Graph


@dataclass(frozen=True)
class Architecture:
    """A way to make hardware of a graph.

    Args:
        words: what it is, for people.
        lay_out: makes the design that was wished for, on a board at its clock, which a judge says
            fits.
        restore: makes the stages of a design anew from its graph and its recorded layout.
    """

    words: str
    lay_out: Callable[[Graph, Board, Wishes, Judge], Design]
    restore: Callable[[Graph, Layout], tuple[Stage, ...]]


ARCHITECTURES: dict[str, Architecture] = {
    "streaming": Architecture("stages joined by streams", scheduled, restored),
}


def architecture(name: str) -> Architecture:
    """Return the one of that name.

    Raises:
        ArgumentError: there is none.
    """
    found = ARCHITECTURES.get(name) if isinstance(name, str) else None
    if found is None:
        known = "; ".join(f"{each!r}, {row.words}" for each, row in ARCHITECTURES.items())
        raise ArgumentError(f"architecture {name!r} is unknown: there is {known}")
    return found
