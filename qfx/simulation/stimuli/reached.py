"""Which sides of a graph's comparisons stimuli reach so that an output shows it; a short search
for those they miss.

One inference of a few rows serves all sides at once: of each side the row that came nearest is
kept, changed a little, and tried again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.ops import Embedding, Lookup, Softmax
from qfx.simulation.stimuli.comparisons import Side, parameters, sides
from qfx.simulation.stimuli.space import Space

_CHUNK = 64  # rows that are looked at, at a time
_FEWEST = 16  # of the rows at hand, that are looked at in any case
_TRIED, _EACH, _ANYWHERE = 64, 8, 64  # rows of a round; of them for one side; any rows beside
_ROUNDS, _IN_VAIN = 80, 16  # at most; one after the other that show nothing new
_WORK, _CALL = 20_000_000, 3_000  # products and elements that a search may cost; as much as a call
_BY_TABLE = (Embedding, Lookup, Softmax)  # which have no place for what no operand can be
_SHOWN = 64  # rows on a side of which it is asked whether an output shows it


class Reached:
    """What has been reached so far.

    Args:
        space: of the graph whose comparisons they are.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.left = [*sides(space.graph), *parameters(space.graph)]
        self.spent, self._whole = 0, max(1, sum(space.work))
        self._nearer = False  # whether the last rows came nearer to some side
        self._nearest: dict[int, tuple[int, Integers]] = {}  # by side: how far, and the row

    def look(self, rows: Integers) -> Integers:
        """Take the sides that rows show off those left; the numbers of the rows that do so first.

        Args:
            rows: as for Space; each costs an inference, as long as a side is left.
        """
        first = set[int]()
        step = min(_CHUNK, self.space.at_a_time)
        for start in range(0, len(rows), step):
            if not self.left:
                break
            part, parts = rows[start : start + step], dict[str, list[Integers]]()
            self.spent += len(part) * self._whole
            for _, name, integers in self.space.values(part):
                parts.setdefault(name, []).append(integers)
            values = {name: np.concatenate(each) for name, each in parts.items()}
            found = [self._shown(side, values, part) for side in self.left]
            first |= {start + row for row in found if row is not None}
            pairs = zip(self.left, found, strict=True)
            self.left = [side for side, row in pairs if row is None]
        return np.array(sorted(first), np.intp)

    def look_at_last(self, rows: Integers) -> None:
        """`look` at as many of the last rows as cost little, and at some of them in any case."""
        self.look(rows[-max(_FEWEST, _WORK // self._whole) :])

    def search(self, generator: np.random.Generator) -> Integers:
        """Rows that show what is left, as far as some are found for little work.

        Args:
            generator: of what is tried.
        """
        space, found, most = self.space, [self.none], self.spent + _WORK
        in_vain = 0
        for _ in range(_ROUNDS):
            known = [side for side in self.left if id(side) in self._nearest]
            if not known or self.spent + (_TRIED + _ANYWHERE) * self._whole > most:
                break
            chosen = np.resize(generator.permutation(len(known)), _TRIED // _EACH)
            near = [self._nearest[id(known[n])][1] for n in chosen]
            moved = [_changed(row, space.low, space.high, generator) for row in near]
            anywhere = space.random(generator, _ANYWHERE)
            tried = np.concatenate([*moved, anywhere])
            found.append(tried[self.look(tried)])
            in_vain, self._nearer = 0 if self._nearer else in_vain + 1, False
            if in_vain == _IN_VAIN:
                break
        return np.concatenate(found)

    @property
    def none(self) -> Integers:
        """No rows."""
        return np.zeros((0, len(self.space.low)), np.int64)

    def missed(self) -> dict[str, list[str]]:
        """The sides that nothing has reached, or that no output has shown, by node."""
        by_node: dict[str, list[str]] = {}
        for side in self.left:
            reached = self._nearest.get(id(side), (1, None))[0] == 0
            name = f"{side.name} (no output shows it)" if reached else side.name
            by_node.setdefault(side.node.output.name, []).append(name)
        return by_node

    def _shown(self, side: Side, values: dict[str, Integers], rows: Integers) -> int | None:
        """The row by which an output shows a side; None, and the nearest row is kept."""
        short = side.short(values[side.node.inputs[0].name])
        self.spent += _CALL
        there = np.flatnonzero(short == 0)[:_SHOWN]
        if len(there):
            shown = self._differs(side, values, there)
            if shown.any():
                self._nearer = True
                return int(there[shown.argmax()])
        best = int(there[-1]) if len(there) else int(short.argmin())
        nearest, _ = self._nearest.get(id(side), (1 << 62, None))
        self._nearer |= int(short[best]) < nearest
        if int(short[best]) <= nearest:
            self._nearest[id(side)] = int(short[best]), rows[best]
        return None

    def _differs(self, side: Side, values: dict[str, Integers], rows: Integers) -> Any:
        """Whether any output of these rows would be another one, were the side's node wrong."""
        graph = self.space.graph
        changed = {side.node.output.name: side.wrong(values[side.node.inputs[0].name][rows])}
        below = graph.nodes[graph.nodes.index(side.node) + 1 :]
        work = dict(zip((node.output.name for node in graph.nodes), self.space.work, strict=True))
        for node in below:
            if any(value.name in changed for value in node.inputs):
                operands = [changed.get(v.name, values[v.name][rows]) for v in node.inputs]
                if isinstance(node.op, _BY_TABLE):
                    held = [value.type.interval for value in node.inputs]
                    operands = [x.clip(i.low, i.high) for x, i in zip(operands, held, strict=True)]
                changed[node.output.name] = node.op.evaluate(*operands)
                self.spent += len(rows) * work[node.output.name] + _CALL
        differs = np.zeros(len(rows), bool)
        for output in graph.outputs:
            if output.name in changed:
                other = changed[output.name] != values[output.name][rows]
                differs |= other.reshape(len(rows), -1).any(axis=1)
        return differs


def _changed(
    row: Integers, low: Integers, high: Integers, generator: np.random.Generator
) -> Integers:
    """Copies of a row with some elements moved: one a step, or some to an end, or anywhere."""
    shape = (_EACH, len(row))
    share = generator.choice([1 / len(row), 0.02, 0.1, 0.5], (_EACH, 1))
    moved, kind = generator.random(shape) < share, generator.integers(0, 4, (_EACH, 1))
    one = np.arange(len(row)) == generator.integers(0, len(row), (_EACH, 1))
    bits = int((high - low).max()).bit_length()
    step = row + (generator.choice([-1, 1], shape) << generator.integers(0, bits, shape))
    end = np.where(generator.random(shape) < 0.5, low, high)
    anywhere = generator.integers(low, high, shape, endpoint=True)
    to = np.where(kind < 2, step, np.where(kind == 2, end, anywhere))
    changed: Integers = np.clip(np.where(np.where(kind < 2, one, moved), to, row), low, high)
    return changed
