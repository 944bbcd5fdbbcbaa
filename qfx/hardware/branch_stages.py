"""The stages at which streams part and meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from qfx.hardware.multipliers import Multiplier
from qfx.hardware.stage import Stage
from qfx.hardware.stream import Stream


@dataclass(frozen=True)
class Fork(Stage):
    """The same beats on two streams, each at its own pace by up to one beat.

    Args:
        second: the other stream it writes.
    """

    kind: ClassVar[str] = "fork"
    out_ports: ClassVar[tuple[str, ...]] = ("a", "b")
    second: Stream

    @property
    def outputs(self) -> tuple[Stream, ...]:
        return (self.output, self.second)


@dataclass(frozen=True)
class Meeting(Stage):
    """What reads two streams.

    Args:
        second: the other stream it reads.
    """

    in_ports: ClassVar[tuple[str, ...]] = ("a", "b")
    second: Stream

    @property
    def inputs(self) -> tuple[Stream, ...]:
        return (self.input, self.second)


@dataclass(frozen=True)
class Merge(Meeting):
    """Two streams of one shape, element by element.

    Args:
        operation: what becomes of two elements.
        multiplier: what a product is asked to be built of; None for a sum.
    """

    kind: ClassVar[str] = "merge"
    operation: Literal["add", "multiply"]
    multiplier: Multiplier | None


@dataclass(frozen=True)
class Concatenate(Meeting):
    """The channels of two streams: of each pixel those of the first, then those of the second.

    Args:
        pixels: of a frame.
    """

    kind: ClassVar[str] = "concat"
    pixels: int

    @property
    def pixel_beats(self) -> tuple[int, int]:
        """Beats of one pixel on either stream."""
        return self.input.beats // self.pixels, self.second.beats // self.pixels
