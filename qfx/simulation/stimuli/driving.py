"""Inputs that drive casts beyond their ends: found by following slopes, within counted work.

Rows climb: each input goes to the end to which the slope of what is to be driven points. The rows
of all casts go through the graph together, none farther than its own cast, and are held in memory
for few at a time. What the search may take is counted in work, not in time, so that the same seed
finds the same rows on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ir import Graph, Node
from qfx.ops import Cast
from qfx.simulation.stimuli.slopes import Slopes, rounded, slopes
from qfx.simulation.stimuli.space import Space

ENDS = {"low": -1, "high": 1}  # of a range, and the sign that makes its side the greatest
INFERENCES = 200  # of the whole graph, that a search may take: about what writing the rest takes
_LEAST_WORK = 1 << 28  # that it may take in any case: well below a second
_ROUNDS = 40  # of steps, for what is not driven; what is takes two
_SHARES = (1.0, 0.5, 0.1)  # of inputs that a step changes, where the last one was no better
_ALONE, _COPIES = 3, 8  # steps of one row for each end, then of so many
_PASSES = 3  # through the graph, for a step: forward, and slopes of two operands back

Ends = dict[str, list[str]]  # by cast, some of "low" and "high"
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Driving:
    """What was found.

    Args:
        rows: that drive casts farther than those at hand.
        saturated, undriven, search: as for Stimuli.
    """

    rows: Integers
    saturated: Ends
    undriven: Ends
    search: str


def drive(
    space: Space,
    at_hand: dict[str, Integers],
    generator: np.random.Generator,
    inferences: int | None,
) -> Driving:
    """Rows that drive the casts of a graph to their ends and, where any are found, beyond.

    Args:
        space: of the graph.
        at_hand: rows by kind; the search starts from all but the kind "data".
        generator: of what is chosen at random.
        inferences: of the whole graph, that the search may take; None for the usual.
    """
    aims, whole = targets(space.graph), sum(space.work)
    far = {kind: reached(space, aims, rows) for kind, rows in at_hand.items()}
    pool = {kind: rows for kind, rows in at_hand.items() if kind != "data"}
    rows, said = next(iter(pool.values()))[:0], "not looked for: drive_casts=0"
    if not aims:
        said = "no cast can be driven beyond its range"
    elif inferences != 0:
        usual = max(INFERENCES * whole, _LEAST_WORK)
        climb = _Climb(space, aims, generator, usual if inferences is None else inferences * whole)
        columns = space.column_extremes()
        far_pool = np.concatenate([far[kind] for kind in pool], axis=1)
        every = np.concatenate([far_pool, reached(space, aims, columns)], axis=1)
        starts = np.concatenate([*pool.values(), columns])[every.argmax(axis=1)]
        found, reach = climb.rows(starts)
        reach = np.maximum(reach, every.max(axis=1))
        rows = np.unique(found[reach > far_pool.max(axis=1)], axis=0)
        far["driving casts"] = reached(space, aims, rows)
        done = f"the work of {-(-climb.spent // whole):,} inferences"
        said = f"looked for by {done}"
        if not climb.whole:
            said += ", all that was allowed: a larger drive_casts looks farther"
    saturated, undriven = Ends(), Ends()
    for number, aim in enumerate(aims):
        exceeded = any(aim.exceeded(each[number].max()) for each in far.values() if each.size)
        kept = saturated if exceeded else undriven
        kept.setdefault(aim.node.output.name, []).append(aim.end)
    return Driving(rows, saturated, undriven, said)


@dataclass(frozen=True)
class Target:
    """An end of a cast.

    Args:
        node: the cast.
        index: of the node in the graph.
        end: "low" or "high".
    """

    node: Node
    index: int
    end: str

    @property
    def cast(self) -> Cast:
        assert isinstance(self.node.op, Cast)
        return self.node.op

    @property
    def operand(self) -> str:
        """The value that is cast."""
        return self.node.inputs[0].name

    def along(self, integers: Integers) -> Integers:
        """(samples, elements): the operand's, the greater the farther toward the end."""
        return ENDS[self.end] * integers.reshape(len(integers), -1)

    def exceeded(self, distance: int) -> bool:
        """Whether an operand's integer, as `along` gives it, is beyond the end once rounded."""
        integer = ENDS[self.end] * int(distance)
        point = self.cast.rounded(Interval(integer, integer))
        if self.end == "low":
            return point.low < self.cast.fitting.low
        return point.high > self.cast.fitting.high


def targets(graph: Graph) -> list[Target]:
    """The ends that some operand might exceed, in the graph's order."""
    found = []
    for index, node in enumerate(graph.nodes):
        if isinstance(node.op, Cast):
            interval = node.inputs[0].type.interval
            for end, farthest in (("low", -interval.low), ("high", interval.high)):
                target = Target(node, index, end)
                found += [target] if target.exceeded(farthest) else []
    return found


def reached(space: Space, aims: list[Target], rows: Integers) -> Integers:
    """(targets, rows): how far in its direction the operand of each comes, as its greatest integer,
    or its least with the sign changed.
    """
    numbers: dict[str, list[int]] = {}
    for number, aim in enumerate(aims):
        numbers.setdefault(aim.operand, []).append(number)
    found = np.zeros((len(aims), len(rows)), np.int64)
    for part, name, integers in space.values(rows) if aims else ():
        for number in numbers.get(name, ()):
            found[number, part] = aims[number].along(integers).max(axis=1)
    return found


class _Climb:
    """A search for rows, within a budget of work: products, and elements of what has none.

    Args:
        space: of the graph.
        aims: the ends to be driven, in the graph's order.
        generator: of what is chosen at random.
        budget: work that it may take.

    Attributes:
        spent: work so far.
        whole: whether nothing was left out for want of work.
    """

    def __init__(
        self, space: Space, aims: list[Target], generator: np.random.Generator, budget: int
    ) -> None:
        self.space, self.aims, self.generator, self.budget = space, aims, generator, budget
        self.spent, self.whole = 0, True
        self._before = [0, *np.cumsum(space.work).tolist()]  # work before each node

    def rows(self, starts: Integers) -> tuple[Integers, Integers]:
        """A row for each aim, none worse than the one that it starts from, and how far it reaches;
        the least integer where there was no work left to know.
        """
        best = starts.copy()
        reached = np.full(len(self.aims), np.iinfo(np.int64).min)
        for first in range(0, len(self.aims), self.space.at_a_time):
            part = slice(first, first + self.space.at_a_time)
            self._climb(self.aims[part], best[part], reached[part])
        return best, reached

    def _climb(self, aims: list[Target], best: Integers, reached: Integers) -> None:
        """Improve these rows in place."""
        left, rows = np.arange(len(aims)), best.copy()
        for step in range(_ROUNDS):
            work = _PASSES * sum(self._before[aims[n].index] for n in left)
            if self.spent + work > self.budget:
                self.whole = False
                return
            self.spent += work
            at = _Pass(self.space, [aims[n] for n in left], rows)
            better = at.reached > reached[left]
            for n, aim in enumerate(aims):  # a row may serve another cast than its own
                row, far = at.farthest(aim)
                if far > reached[n]:
                    best[n], reached[n] = rows[row], far
            rows = self._blended(best[left], at.stepped(better, self.generator), better)
            if step:
                open_ = [not aims[n].exceeded(reached[n]) for n in left]
                left, rows = left[open_], rows[open_]
            if not len(left):
                return
            if step == _ALONE:
                copies = max(1, min(_COPIES, self.space.at_a_time // len(left)))
                left, rows = np.repeat(left, copies), np.repeat(rows, copies, axis=0)

    def _blended(self, best: Integers, steps: Integers, better: Flags) -> Integers:
        """Steps from the best rows: whole ones where they got better; else of some inputs alone,
        every other time to ends that are drawn, which leads on where slopes tell nothing.
        """
        ends = np.where(self.generator.random(best.shape) < 0.5, self.space.low, self.space.high)
        drawn = ~better & (self.generator.random(len(best)) < 0.5)
        steps = np.where(drawn[:, None], ends, steps)
        shares = self.generator.choice(_SHARES, len(best))
        shares = np.where(better, 1.0, np.where(drawn, _SHARES[-1], shares))
        return np.where(self.generator.random(best.shape) < shares[:, None], steps, best)


class _Pass:
    """Rows through the graph, each as far as its own cast, and back.

    Args:
        space: of the graph.
        aims: one for each row, in the graph's order.
        rows: as for Space.
    """

    def __init__(self, space: Space, aims: list[Target], rows: Integers) -> None:
        self.space, self.aims, self.rows = space, aims, rows
        self.first: dict[str, int] = {}  # of each value, the first row that it is computed for
        self.values: dict[str, Integers] = {}
        for entry, integers in zip(space.inputs, space.split(rows), strict=True):
            self.first[entry.name], self.values[entry.name] = 0, integers
        for first, node in self._nodes():
            self.first[node.output.name] = first
            operands = (self._from(value.name, first) for value in node.inputs)
            self.values[node.output.name] = node.op.evaluate(*operands)
        self.along = [
            aim.along(self._from(aim.operand, row)[:1])[0] for row, aim in enumerate(aims)
        ]
        self.reached = np.array([each.max() for each in self.along])

    def farthest(self, aim: Target) -> tuple[int, int]:
        """The row that reaches farthest of those that go through an aim's cast, and how far."""
        if aim.operand not in self.values:
            return 0, np.iinfo(np.int64).min
        far = aim.along(self.values[aim.operand]).max(axis=1)
        row = int(far.argmax())
        return row + self.first[aim.operand], int(far[row])

    def _nodes(self) -> Iterator[tuple[int, Node]]:
        """The nodes that are needed, and the first row that each is needed for."""
        first, ends = 0, [aim.index for aim in self.aims]
        for index, node in enumerate(self.space.graph.nodes[: ends[-1]]):
            while ends[first] <= index:
                first += 1
            yield first, node

    def _from(self, name: str, row: int) -> Integers:
        return self.values[name][row - self.first[name] :]

    def stepped(self, better: Flags, generator: np.random.Generator) -> Integers:
        """The rows, each input at the end to which the slope of one element points: of the
        greatest, or of any where the row was no better than one before.
        """
        found: dict[str, Slopes] = {}
        for row, (aim, along) in enumerate(zip(self.aims, self.along, strict=True)):
            any_ = int(generator.integers(len(along)))
            element = int(along.argmax()) if better[row] else any_
            slope = self._slopes(found, aim.operand)[row - self.first[aim.operand]]
            slope.reshape(-1)[element] = ENDS[aim.end]
        for first, node in reversed(list(self._nodes())):
            result = found.pop(node.output.name, None)
            if result is not None:
                values = {v.name: self._from(v.name, first) for v in (*node.inputs, node.output)}
                for value, slope in zip(
                    node.inputs, slopes(node, rounded(result), values), strict=True
                ):
                    self._slopes(found, value.name)[first - self.first[value.name] :] += slope
        ends = [self._slopes(found, entry.name) for entry in self.space.inputs]
        slope = np.concatenate([each.reshape(len(self.rows), -1) for each in ends], axis=1)
        steps = np.where(slope > 0, self.space.high, np.where(slope < 0, self.space.low, self.rows))
        return steps.astype(np.int64)

    def _slopes(self, found: dict[str, Slopes], name: str) -> Slopes:
        """Those of a value so far."""
        if name not in found:
            found[name] = np.zeros(self.values[name].shape)
        return found[name]
