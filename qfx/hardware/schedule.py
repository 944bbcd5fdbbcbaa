"""Chooses the folding: the cheapest design that reaches a goal, or the fastest that fits the
budget.
"""

from __future__ import annotations

from bisect import bisect_left
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from math import ceil, floor
from pathlib import Path

from qfx.boards import Board, Resources
from qfx.errors import ArgumentTypeError
from qfx.hardware.design import Design
from qfx.hardware.fabric import Fabric, fabric_of
from qfx.hardware.folding import Folding
from qfx.hardware.layout import lay_out
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.out_of_reach import bound, busiest_port, pace_of, port_cycles
from qfx.hardware.overrides import Option, Overrides, options, read_overrides
from qfx.hardware.port import PortError
from qfx.hardware.sections import Plan, plan
from qfx.hardware.shortage import BY_ESTIMATE, Judge, hopeless, short
from qfx.hardware.stage import LayoutError, Stage
from qfx.hardware.stages.map import map_of
from qfx.hardware.trade import Costs, share, trade
from qfx.hardware.wishes import ScheduleError, Wishes
from qfx.ir import Graph

__all__ = ["ScheduleError", "schedule", "scheduled"]

_WIDER = 1.5  # than the narrowest that is fast enough, what is compared with it
_ROUNDS = 4  # of exchanges; the second mostly settles what the first one moved


def schedule(
    graph: Graph,
    board: Board,
    *,
    goal_ii: int | None = None,
    goal_fps: float | None = None,
    multipliers: Multipliers = "auto",
    overrides: Overrides | str | Path | None = None,
    judge: Judge = BY_ESTIMATE,
    force: bool = False,
) -> Design:
    """Choose the cheapest design that reaches the goal, or without one the fastest the budget
    allows.

    Args:
        graph: of any shape, as long as every input and every result is read.
        board: whose clock, bus width and budget bound the design.
        goal_ii: cycles between frames, at most.
        goal_fps: frames a second, at least; the kernel's, not the driver's. At the board's clock,
            or at another one where the estimate does not believe that, or it does not do.
        multipliers: "dsp" builds every product in a DSP slice, "lut" of LUTs, "none" of shifts and
            adders; "auto" chooses for each contraction what takes the least of the budget, or of
            what would be short, and for scales and slopes what takes the fewest LUTs.
        overrides: by pattern of a layer's path, as `{"block1.*": {"pe": 4, "simd": 8}}`, what is
            not to be chosen: pe, simd, multiplier, memory, window; or a YAML file of the same.
        judge: who says whether a design fits.
        force: whether a design that does not is made all the same: that of the goal, else the
            slowest; its goal says what it lacks.

    Raises:
        ScheduleError: both goals given, a goal out of reach, or a graph that cannot be streamed;
            unknown multipliers, or "none" for what cannot do without; overrides that fit nothing.
    """
    wishes = Wishes(
        goal_ii=goal_ii,
        goal_fps=goal_fps,
        multipliers=multipliers,
        overrides=overrides,
        force=force,
    )
    return scheduled(graph, board, wishes, judge)


def scheduled(graph: Graph, board: Board, wishes: Wishes, judge: Judge) -> Design:
    """Choose as `schedule` does what is wished for, on a board at its clock; a goal in frames a
    second where need be at another one: a slower one where the estimate does not believe the
    board's, a faster one where that one does not do, and none was asked for.
    """
    if wishes.goal_fps is None:
        return _at_clock(graph, board, wishes, judge)
    try:
        return _believed(graph, board, wishes, judge)
    except ScheduleError:
        if wishes.clock_mhz is not None or board.clock_mhz >= board.max_clock_mhz:
            raise
        with suppress(ScheduleError):
            return _faster(graph, board, wishes, judge)
        raise


def _faster(graph: Graph, board: Board, wishes: Wishes, judge: Judge) -> Design:
    """Choose at the fastest clock that is believed, and ask for no more of it than the goal."""
    design = _believed(graph, board.at_clock(board.max_clock_mhz), wishes, judge)
    assert wishes.goal_fps is not None
    needed = ceil(design.initiation_interval * float(wishes.goal_fps) / 1e6)
    at = board.at_clock(min(max(needed, board.clock_mhz), design.board.clock_mhz))
    words = f"{wishes.goal(at)[1]}; {board.clock_mhz:g} MHz would not do"
    return replace(design, board=at, goal=words)


def _believed(graph: Graph, board: Board, wishes: Wishes, judge: Judge) -> Design:
    """Choose at the board's clock, else at the fastest one below it that the estimate believes:
    fewer cycles take a larger design, whose clock may be slower again.
    """
    at = board
    for _ in range(_ROUNDS):
        design = _at_clock(graph, at, wishes, judge)
        if design.fmax_mhz >= at.clock_mhz:
            lowered = f"{design.goal}; {board.clock_mhz:g} MHz are out of reach by estimate"
            return design if at is board else replace(design, goal=lowered)
        at = board.at_clock(max(1, floor(design.fmax_mhz)))
    raise ScheduleError(
        f"{design.goal}: out of reach: by estimate the clock of such a design is"
        f" {design.fmax_mhz:.0f} MHz, for the longest path in {design.slowest_path}: ask for less"
    )


def _at_clock(graph: Graph, board: Board, wishes: Wishes, judge: Judge) -> Design:
    """Choose on a board at its clock, be it believed or not."""
    if not isinstance(graph, Graph):
        raise ArgumentTypeError(
            f"{type(graph).__name__} is no Graph: qfx.lower makes one of a model"
        )
    goal_ii, goal = wishes.goal(board)
    overrides, force = wishes.overrides, wishes.force
    try:
        if isinstance(overrides, (str, Path)):
            overrides = read_overrides(overrides)
        planned = plan(graph, board.dma_width_bits, wishes.multipliers)
        left = options(planned.heads, {} if overrides is None else overrides)
        choice = _Choice(planned, board, goal, left, judge)
    except (LayoutError, PortError) as error:
        raise ScheduleError(str(error)) from error
    if goal_ii is None:
        design = choice.fastest_that_fits("even the slowest design is too large", force)
        if design.initiation_interval == port_cycles(planned):
            words = f"{design.goal}, bound by port {busiest_port(planned).words}: dma_width_bits"
            design = replace(design, goal=words)
        return design
    if goal_ii < choice.candidates[0]:
        raise ScheduleError(f"{goal}: out of reach: {bound(planned, board, left)}")
    lacks = choice.shortage(goal_ii)
    if lacks and not force:
        lacks = f"{goal}: {lacks}"
        design = choice.fastest_that_fits(f"{lacks}; and even the slowest design is too large")
        fits = design.initiation_interval
        raise ScheduleError(
            f"{lacks}; what would fit is a frame every {fits:,} cycles,"
            f" {design.frames_per_second(design.believed_mhz):,.0f} frames/s at"
            f" {design.believed_mhz:.4g} MHz (estimate), where {pace_of(design)} sets the"
            " pace: ask for that, or take a larger board"
        )
    return choice.forced(goal_ii) if lacks else choice.design(goal_ii)


class _Choice:
    """The foldings to choose from, and the designs chosen so far.

    Args:
        planned: of the graph.
        board: whose budget is kept.
        goal: in words.
        left: of each head, the foldings and the cycles they take.
        judge: who says what a design lacks.
    """

    def __init__(
        self, planned: Plan, board: Board, goal: str, left: list[list[Option]], judge: Judge
    ) -> None:
        self.planned, self.board, self.goal, self.left = planned, board, goal, left
        self.judge = judge
        self._lacks: dict[int, str] = {}
        self.candidates = _candidate_cycles(planned, left)
        self._made: dict[int, Design] = {}
        self._maps: dict[tuple[int, int], Resources] = {}
        self._estimates: dict[tuple[int, Folding], Resources] = {}

    def design(self, cycles: int) -> Design:
        """Return the cheapest that needs at most so many; of those that fit, if any does."""
        if cycles not in self._made:
            design = self._chosen(cycles, everything=False)
            if short(design.resources(), self.board):
                other = self._chosen(cycles, everything=True)
                design = design if short(other.resources(), self.board) else other
            self._made[cycles] = design
        return self._made[cycles]

    def _chosen(self, cycles: int, everything: bool) -> Design:
        costs = [self._costs(index, cycles, everything) for index in range(len(self.left))]
        return self._exchanged(costs, [self._cheapest(each) for each in costs])

    def _exchanged(self, costs: Costs, chosen: list[Folding]) -> Design:
        """Return the design so folded or, where that is too large, one that is not, if exchanges
        lead to one; they move what stands between the heads too, so that some have to follow
        others.
        """
        first = design = self._lay_out(chosen)
        for _ in range(_ROUNDS):
            if not short(design.resources(), self.board):
                return design
            heads = _total(costs, chosen)
            others = {name: taken - getattr(heads, name) for name, taken in design.resources()}
            traded = trade(costs, chosen, others, self.board.allowance())
            if traded == chosen:
                break
            chosen, design = traded, self._lay_out(traded)
        return first if short(design.resources(), self.board) else design

    def forced(self, cycles: int) -> Design:
        """Return the design of so many cycles, whose goal says what it lacks."""
        return replace(self.design(cycles), goal=f"{self.goal}, although {self.shortage(cycles)}")

    def shortage(self, cycles: int) -> str:
        """Say what the design of so many cycles lacks; empty when nothing."""
        if cycles not in self._lacks:
            self._lacks[cycles] = self.judge.shortage(self.design(cycles))
        return self._lacks[cycles]

    def fastest_that_fits(self, otherwise: str, force: bool = False) -> Design:
        """Return it; raise ScheduleError, beginning with `otherwise`, if none does or is forced."""
        candidates, index = self.candidates, len(self.candidates)
        slowest = candidates[-1]
        all_costs = [self._costs(head, slowest, False) for head in range(len(self.left))]
        if not hopeless(all_costs, self.board, self.judge.leeway):
            index = bisect_left(candidates, True, key=lambda cycles: not self.shortage(cycles))
        else:
            self._made[slowest] = self._chosen(slowest, everything=False)
        if index == len(candidates):
            if force:
                return self.forced(candidates[-1])
            raise ScheduleError(
                f"{otherwise}: {self.shortage(candidates[-1])}; take a larger board or a smaller"
                " model"
            )
        return self.design(candidates[index])

    def _lay_out(self, foldings: list[Folding]) -> Design:
        return lay_out(self.planned, self.board, foldings, self.goal)

    def _costs(self, index: int, cycles: int, everything: bool) -> dict[Folding, Resources]:
        """Say what each folding of a head takes that needs at most so many cycles.

        Args:
            index: of the head.
            cycles: a frame.
            everything: whether also, where a line buffer that sends tap by tap is fast enough,
                those that send taps in parallel, and lanes that do not divide a vector; and
                whether what is computed behind it counts.
        """
        head = self.planned.heads[index]
        fast = [folding for folding, needed in self.left[index] if needed <= cycles]
        if not everything:
            fast = [f for f in fast if head.reads(f) == f.reads] or fast
        one_by_one = [folding for folding in fast if folding.window is None]
        if one_by_one and not everything:
            fast = one_by_one
        elif len(one_by_one) < len(fast):  # parallel ones that compute less, or not much more
            most = _WIDER * min(map(head.width, one_by_one or fast))
            fast = [f for f in fast if f.window is None or head.width(f) <= most]
        return {folding: self._cost(index, folding, everything) for folding in fast}

    def _cost(self, index: int, folding: Folding, everything: bool) -> Resources:
        """Say what a folding of a head takes: with what stands before it where that is not much the
        same for all that it is compared with, and where `everything` counts with what is behind it.
        """
        key, head, fabric = (index, folding), self.planned.heads[index], fabric_of(self.board.part)
        if key not in self._estimates:
            self._estimates[key] = head.compared(folding).estimate(fabric)
        taken = self._estimates[key]
        if everything or folding.window is not None:
            before = head.before("section", head.entering(head.reads(folding)), folding)
            taken = sum((_estimate(each, fabric) for each in before), taken)
        return taken + self._behind(index, folding.pe) if everything else taken

    def _behind(self, index: int, lanes: int) -> Resources:
        """Say what the element-wise ops behind a head take over so many lanes."""
        key = index, lanes
        if key not in self._maps:
            section, head = self.planned.folded[index], self.planned.heads[index]
            reads, multipliers = head.result(lanes), self.planned.multipliers
            taken = Resources()
            if section.steps:
                behind = map_of("map", section.source, reads, section.steps, multipliers)
                taken = behind.estimate(fabric_of(self.board.part))
            self._maps[key] = taken
        return self._maps[key]

    def _cheapest(self, costs: dict[Folding, Resources]) -> Folding:
        """Choose the cheapest folding, with weights where they usually go, unless that was
        overridden.
        """
        usual = [folding for folding in costs if folding.memory is None]
        return min(usual or costs, key=lambda folding: self._share(costs[folding]))

    def _share(self, taken: Resources) -> float:
        """Return what is taken of the board's budget, all resources together."""
        allowed = self.board.allowance()
        return sum(share(value, getattr(allowed, name)) for name, value in taken)


@lru_cache(maxsize=4096)
def _estimate(stage: Stage, fabric: Fabric) -> Resources:
    """Estimate what stands before a head, the same for many of its foldings."""
    return stage.estimate(fabric)


def _total(costs: list[dict[Folding, Resources]], chosen: list[Folding]) -> Resources:
    return sum((each[folding] for each, folding in zip(costs, chosen, strict=True)), Resources())


def _candidate_cycles(planned: Plan, left: list[list[Option]]) -> list[int]:
    """Return the cycles a frame worth trying, least first; none is below what the ports need."""
    ports = port_cycles(planned)
    cycles = {ports, *(needed for each in left for _, needed in each)}
    least = max([ports, *(min(needed for _, needed in each) for each in left)])
    return sorted(c for c in cycles if c >= least)
