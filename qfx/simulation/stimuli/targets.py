"""The ends of casts that stimuli are to exceed, and how far rows reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ir import Graph, Node
from qfx.ops import Cast
from qfx.simulation.stimuli.space import Space

ENDS = {"low": -1, "high": 1}  # of a range, and the sign that makes its side the greatest


@dataclass(frozen=True)
class Target:
    """An end of a cast.

    Args:
        node: the cast.
        place: of the node in the graph.
        end: "low" or "high".
    """

    node: Node
    place: int
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
    for place, node in enumerate(graph.nodes):
        if isinstance(node.op, Cast):
            interval = node.inputs[0].type.interval
            for end, farthest in (("low", -interval.low), ("high", interval.high)):
                target = Target(node, place, end)
                found += [target] if target.exceeded(farthest) else []
    return found


def reached(space: Space, aims: list[Target], rows: Integers) -> Integers:
    """(targets, rows): how far in its direction the operand of each comes, as its greatest integer,
    or its least with the sign changed.
    """
    places: dict[str, list[int]] = {}
    for number, aim in enumerate(aims):
        places.setdefault(aim.operand, []).append(number)
    found = np.zeros((len(aims), len(rows)), np.int64)
    for part, name, integers in space.values(rows) if aims else ():
        for number in places.get(name, ()):
            found[number, part] = aims[number].along(integers).max(axis=1)
    return found
