"""Chooses the folding: the cheapest design that reaches a goal, or the fastest that fits the
budget.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import inf

from qfx.boards import Board, Resources
from qfx.hardware.design import Design
from qfx.hardware.estimate import estimate
from qfx.hardware.folding import Folding
from qfx.hardware.head_choice import Head, LayoutError
from qfx.hardware.layout import lay_out
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.port import PortError
from qfx.hardware.sections import Plan, plan
from qfx.hardware.stream import Stream
from qfx.ir import Graph


class ScheduleError(ValueError):
    """A graph that cannot be laid out, or a goal the board cannot reach."""


def schedule(
    graph: Graph,
    board: Board,
    *,
    goal_ii: int | None = None,
    goal_fps: float | None = None,
    multipliers: Multipliers = "auto",
) -> Design:
    """The cheapest design that reaches the goal, or without one the fastest the budget allows.

    Args:
        graph: of any shape, as long as every input and every result is read.
        board: whose clock, bus width and budget bound the design.
        goal_ii: cycles between frames, at most.
        goal_fps: frames a second at the board's clock, at least; the kernel's, not the driver's.
        multipliers: "dsp" builds every product in a DSP slice, "lut" of LUTs, "none" of shifts and
            adders; "auto" chooses for each contraction what takes the least of the budget, or of
            what would be short, and for scales and slopes what takes the fewest LUTs.

    Raises:
        ScheduleError: both goals given, a goal out of reach, or a graph that cannot be streamed;
            unknown multipliers, or "none" for what cannot do without.
    """
    goal_ii, goal = _goal(board, goal_ii, goal_fps)
    try:
        planned = plan(graph, board.dma_width_bits, multipliers)
    except (LayoutError, PortError) as error:
        raise ScheduleError(str(error)) from error

    def cheapest(cycles: int, scarce: Sequence[str]) -> Design:
        foldings = [_cheapest_folding(head, cycles, board, scarce) for head in planned.heads]
        return lay_out(planned, board, foldings, goal)

    def attempt(cycles: int) -> Design:
        design = cheapest(cycles, ())
        short = _short(design.resources(), board)
        other = cheapest(cycles, short) if short else design
        return design if _short(other.resources(), board) else other

    def shortage(cycles: int) -> str:
        return _shortage(attempt(cycles).resources(), board)

    candidates = _candidate_cycles(planned)
    if goal_ii is not None:
        if goal_ii < candidates[0]:
            raise ScheduleError(
                f"{goal}: out of reach: at {board.dma_width_bits} bits a cycle on the ports of"
                f" {board.name} and all lanes in parallel, a frame needs {candidates[0]} cycles"
            )
        if shortage(goal_ii):
            raise ScheduleError(
                f"{goal}: {shortage(goal_ii)}; ask for a slower goal or take a larger board"
            )
        return attempt(goal_ii)
    fastest = bisect_left(candidates, True, key=lambda cycles: not shortage(cycles))
    if fastest == len(candidates):
        raise ScheduleError(
            f"even the slowest design is too large: {shortage(candidates[-1])}; take a larger board"
            " or a smaller model"
        )
    return attempt(candidates[fastest])


def _goal(board: Board, goal_ii: int | None, goal_fps: float | None) -> tuple[int | None, str]:
    """The goal in cycles and in words."""
    if goal_ii is not None and goal_fps is not None:
        raise ScheduleError("give goal_ii or goal_fps, not both: the clock ties one to the other")
    if goal_ii is not None:
        if goal_ii < 1 or int(goal_ii) != goal_ii:
            raise ScheduleError(
                f"goal_ii must be whole cycles between frames, at least 1, not {goal_ii}"
            )
        return goal_ii, f"at most {goal_ii:,} cycles a frame"
    if goal_fps is None:
        return None, f"the fastest within the budget of {board.name}"
    clock = board.clock_mhz
    if not 0 < goal_fps <= clock * 1e6:
        raise ScheduleError(
            f"{goal_fps:g} frames/s cannot be reached at {clock:g} MHz: ask for more than 0, and"
            f" for at most {clock * 1e6:g}, one a cycle"
        )
    cycles = int(clock * 1e6 / goal_fps)
    words = f"{goal_fps:,.0f} frames/s at {clock:g} MHz, so at most {cycles:,} cycles a frame"
    return cycles, words


def _cheapest_folding(head: Head, cycles: int, board: Board, scarce: Sequence[str]) -> Folding:
    """The one that needs at most `cycles` and takes the least share of the board's budget: of what
    is scarce, then of all.
    """
    reads = Stream("", head.node.inputs[0].dtype, head.elements, 1)
    allowance = board.allowance()

    def cost(folding: Folding) -> tuple[float, float]:
        taken = estimate(head.fold(reads, folding))
        shares = {k: _share(v, getattr(allowance, k)) for k, v in taken}
        return sum(shares[k] for k in scarce), sum(shares.values())

    options = [folding for folding, needed in head.foldings() if needed <= cycles]
    return min(options, key=cost)


def _share(taken: int, allowed: int) -> float:
    return taken / allowed if allowed else inf if taken else 0.0


def _candidate_cycles(planned: Plan) -> list[int]:
    """The initiation intervals worth trying, least first; none is below what the ports need."""
    ports = max(port.stream.beats for port in (*planned.inputs, *planned.outputs))
    cycles = {ports}
    slowest = [ports]
    for head in planned.heads:
        needed = [count for _, count in head.foldings()]
        cycles |= set(needed)
        slowest.append(min(needed))
    return sorted(c for c in cycles if c >= max(slowest))


def _shortage(taken: Resources, board: Board) -> str:
    """Which resources exceed the budget and by how much; empty when none does."""
    allowed = board.allowance()
    return " and ".join(
        f"{getattr(taken, name):,} {name} (estimate) exceed the {getattr(allowed, name):,} in the"
        f" budget of {board.name}"
        for name in _short(taken, board)
    )


def _short(taken: Resources, board: Board) -> list[str]:
    """The names of the resources that exceed the budget."""
    allowed = board.allowance()
    return [name for name, value in taken if value > getattr(allowed, name)]
