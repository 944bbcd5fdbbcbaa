"""What a design lacks of a board's budget, in words; and what no folding can make fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from qfx.boards import Board, Resources
from qfx.hardware.design import Design
from qfx.hardware.estimate import estimate
from qfx.hardware.fabric import Fabric, fabric_of
from qfx.hardware.memory import ram
from qfx.hardware.stage import Stage
from qfx.hardware.stages import Contract, Fifo, Map, Repeat, Window
from qfx.hardware.table_stages import Embed, SoftmaxStage
from qfx.hardware.trade import Costs, share

_HOLDS: dict[type[Stage], str] = {
    Contract: "weights",
    Fifo: "queues",
    Window: "line buffers",
    Repeat: "line buffers",
    Embed: "tables",
    Map: "tables",
    SoftmaxStage: "tables",
}


def short(taken: Resources, board: Board) -> list[str]:
    """The names of the resources that exceed the budget."""
    allowed = board.allowance()
    return [name for name, value in taken if value > getattr(allowed, name)]


def shortage(design: Design, measured: Resources | None = None, label: str = "estimate") -> str:
    """Which resources exceed the budget and by how much, of block RAM also what is in it; empty
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
    """RAMB18 by what they hold, the most first; "vectors" are those that contractions work on."""
    fabric, found = fabric_of(design.board.part), Counter[str]()
    for stage in design.stages:
        vectors = _of_vectors(stage, fabric)
        found["vectors"] += vectors
        found[_HOLDS.get(type(stage), "others")] += estimate(stage, fabric).bram_18k - vectors
    return {holds: count for holds, count in found.most_common() if count}


def _of_vectors(stage: Stage, fabric: Fabric) -> int:
    """RAMB18 of the two vectors that a contraction holds."""
    if not isinstance(stage, Contract):
        return 0
    return ram(2 * stage.steps, stage.input.bits, stage.buffer_style, fabric).bram_18k


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
    """Whether no folding of the heads fits, whatever stands between them: not even if each head
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
