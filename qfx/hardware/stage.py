"""What every stage of a design is: a hardware module between streams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qfx.hardware.stream import Stream


@dataclass(frozen=True)
class Stage:
    """A module between two streams; subclasses add a second one on either side.

    Args:
        name: unique in the design; it names the module's instance.
        source: the layer it computes, for the comments of the generated code.
        input, output: its streams.
    """

    kind: ClassVar[str]
    in_ports: ClassVar[tuple[str, ...]] = ("in",)  # prefixes of the module's ports, as `inputs`
    out_ports: ClassVar[tuple[str, ...]] = ("out",)
    name: str
    source: str
    input: Stream
    output: Stream

    @property
    def inputs(self) -> tuple[Stream, ...]:
        """All streams it reads."""
        return (self.input,)

    @property
    def outputs(self) -> tuple[Stream, ...]:
        """All streams it writes."""
        return (self.output,)

    @property
    def cycles(self) -> int:
        """Per frame, when nothing stalls it."""
        return max(stream.beats for stream in (*self.inputs, *self.outputs))

    @property
    def latency_cycles(self) -> int:
        """From the first beat accepted to the first beat offered, when nothing stalls it."""
        return 1
