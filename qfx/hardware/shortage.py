"""What a design lacks of a board's budget, in words; and what no folding can make fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from qfx.boards import Board, Resources
from qfx.hardware.design import Design
from qfx.hardware.fabric import fabric_of
from qfx.hardware.trade import Costs, share


def short(taken: Resources, board: Board) -> list[str]:
    """Return the names of the resources that exceed the budget."""
    allowed = board.allowance()
    return [name for name, value in taken if value > getattr(allowed, name)]


def shortage(design: Design, measured: Resources | None = None, label: str = "estimate") -> str:
    """Say which resources exceed the budget and by how much, of block RAM also what is in it; empty
    when none does.

    Args:
        design: whose board's budget it is.
        measured: what it takes, where that is not to be estimated.
        label: by what.
    """
    board = design.board
    taken = design.resources() if measured is None else measured
    allowed = board.allowance()
    said = {}
    if measured is None:
        said["bram_18k"] = "; " + ", ".join(f"{k} {n:,}" for k, n in block_rams(design).items())
    return " and ".join(
        f"{getattr(taken, name):,} {name} ({label}{said.get(name, '')}) exceed the"
        f" {getattr(allowed, name):,} in the budget of {board.name}"
        for name in short(taken, board)
    )


def block_rams(design: Design) -> dict[str, int]:
    """Count the RAMB18 by what they hold, the most first; "vectors" are those that contractions
    work on.
    """
    fabric = fabric_of(design.board.part)
    found = sum((stage.block_rams(fabric) for stage in design.stages), Counter[str]())
    return {holds: count for holds, count in found.most_common() if count}


@dataclass(frozen=True)
class Judge:
    """Who says what a design lacks.

    Args:
        shortage: in words; empty when nothing.
        leeway: how many times over the budget the estimate may be of a design that fits.
    """

    shortage: Callable[[Design], str]
    leeway: float = 1.0


BY_ESTIMATE = Judge(shortage)


def hopeless(costs: Costs, board: Board, leeway: float = 1.0) -> bool:
    """Say whether no folding of the heads fits, whatever stands between them: not even if each head
    took what is the least of the budget, of any of the resources together.

    Args:
        costs: of each head, what each of its foldings takes.
        board: whose budget it is.
        leeway: as of a Judge.
    """
    allowed = board.allowance()
    names = tuple(Resources.model_fields)
    shares = [
        np.array(
            [[share(getattr(t, n), getattr(allowed, n)) for n in names] for t in each.values()]
        )
        for each in costs
    ]
    return any(
        sum(float(each[:, some].sum(axis=1).min()) for each in shares) > leeway * len(some)
        for count in range(1, len(names) + 1)
        for some in map(list, combinations(range(len(names)), count))
    )
