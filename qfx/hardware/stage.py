"""What every stage is: one hardware module between two streams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qfx.hardware.stream import Stream


@dataclass(frozen=True)
class Stage:
    """A module between two streams.

    Args:
        name: unique in the design; it names the module's instance.
        source: the layer it computes, for the comments of the generated code.
        input, output: its streams.
    """

    kind: ClassVar[str]
    name: str
    source: str
    input: Stream
    output: Stream

    @property
    def cycles(self) -> int:
        """Per frame, when nothing stalls it."""
        return max(self.input.beats, self.output.beats)

    @property
    def latency_cycles(self) -> int:
        """From the first beat accepted to the first beat offered, when nothing stalls it."""
        return 1
