"""What the stages at which two streams meet have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from qfx.hardware.folding import Folding
from qfx.hardware.multipliers import Multiplier
from qfx.hardware.stage import Head, Stage
from qfx.hardware.stream import Stream, divisors


@dataclass(frozen=True)
class Join(Stage):
    """What reads two streams.

    Args:
        second: the other stream it reads.
    """

    folded: ClassVar[bool] = True
    in_ports: ClassVar[tuple[str, ...]] = ("a", "b")
    second: Stream

    @property
    def inputs(self) -> tuple[Stream, ...]:
        return (self.input, self.second)


@dataclass(frozen=True)
class JoinHead(Head):
    """Two streams to be joined; what is to be chosen is the number of lanes, of all the same.

    Args:
        node: whose op it is.
    """

    @property
    @abstractmethod
    def common(self) -> int:
        """What the lanes must divide."""

    @property
    def multiplier(self) -> Multiplier | None:
        """What a product is built of; None where there is none."""
        return None

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        elements = prod(self.node.output.type.shape)
        for lanes in divisors(self.common):
            yield Folding(lanes, lanes, self.multiplier), elements // lanes
