"""What every stage of a design is and has to say of itself, and how it comes out of a graph.

A stage is one page of `qfx.hardware.stages`.  All else that is known of stages asks them: the
schedule which foldings there are and what they take, the layout which modules they become, the
queues how many beats go in before one comes out.

**Beats.**  Every count is computed for a beat by itself, so that no memory grows with a frame, and
none of them ever falls as beats rise.  The two languages differ where a stage holds what it will
need: in SystemVerilog a line buffer sends a patch as soon as its pixels are there, and a
contraction takes the next vector while it works on one; in C++ a line buffer sends a row's patches
behind its whole rows, and a contraction holds one vector.

**Resources.**  Estimates are formulas: no tool has run, and every number of theirs is labelled
"estimate".  Block RAMs and DSP slices are counted exactly as Yosys 0.23 takes them.  LUTs and
flip-flops are fitted to what it builds of single stages, told what `qfx synth` tells it; how far
whole designs are off is measured by benchmarks/estimates.py.  Vivado was not run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar, Literal

import numpy as np
from typing_extensions import Self

from qfx.boards import Resources
from qfx.errors import QfxError
from qfx.fixedpoint.array import Integers
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.folding import Folding
from qfx.hardware.memory import Style
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.paths import Path
from qfx.hardware.product_cost import ProductCost
from qfx.hardware.stream import Order, Stream, divisors, sent_order
from qfx.ir import Node
from qfx.ops import Op

Language = Literal["verilog", "vitis"]


class LayoutError(QfxError):
    """A graph that this architecture cannot lay out."""


@dataclass(frozen=True)
class Stage(ABC):
    """A module between two streams; subclasses add a second one on either side.

    Args:
        name: unique in the design; it names the module's instance.
        source: the layer it computes, for the comments of the generated code.
        input, output: its streams.
    """

    kind: ClassVar[str]
    computes: ClassVar[tuple[type[Op], ...]] = ()
    folded: ClassVar[bool] = False  # whether it begins a section, as `head` says
    holds: ClassVar[str] = "others"  # what its block RAMs hold, for people
    carries: ClassVar[bool] = False  # whether it belongs to the stream, not to the layer
    advice: ClassVar[str] = ""  # how a model does without it, where its products may not be
    in_ports: ClassVar[tuple[str, ...]] = ("in",)  # prefixes of the module's ports, as `inputs`
    out_ports: ClassVar[tuple[str, ...]] = ("out",)
    name: str
    source: str
    input: Stream
    output: Stream

    # Out of a graph

    @classmethod
    def head(cls, node: Node, orders: list[Order], multipliers: Multipliers) -> Head:
        """Say what is to be folded for a node of one of the ops that it computes.

        Args:
            node: whose op it is.
            orders: in which its operands are streamed.
            multipliers: what products may be built of.

        Raises:
            LayoutError: an operand does not come in the order it needs, or is not flat; or it needs
                a multiplier, and none may be.
        """
        raise NotImplementedError(f"{cls.kind} is not folded")

    @classmethod
    def order(cls, node: Node, orders: list[Order]) -> Order:
        """Say in which order it sends the result of a node, given the orders of its operands."""
        return sent_order(node.output.type.shape)

    @property
    def value(self) -> str | None:
        """The graph's value that leaves it; None where it passes on what came in."""
        return self.name if self.folded else None

    def passed_on(self, elements: Integers) -> Integers:
        """Give the elements that leave it where they are no value of the graph's.

        Args:
            elements: (samples, elements) that come in, in the order of the stream.
        """
        return elements

    @property
    def folding(self) -> Folding:
        """What was chosen for it."""
        return Folding(self.output.lanes, self.input.lanes)

    @property
    def chosen(self) -> dict[str, int | str]:
        """What was chosen for it beyond the lanes of its streams, for people and reports."""
        return {}

    # Streams

    @property
    def inputs(self) -> tuple[Stream, ...]:
        """All streams it reads."""
        return (self.input,)

    @property
    def outputs(self) -> tuple[Stream, ...]:
        """All streams it writes."""
        return (self.output,)

    @property
    def is_join(self) -> bool:
        """Whether it reads several streams."""
        return len(self.inputs) > 1

    @property
    def is_fork(self) -> bool:
        """Whether it writes several streams."""
        return len(self.outputs) > 1

    @property
    def queue_depth(self) -> int | None:
        """Beats that it holds as a queue; None of what is no queue."""
        return None

    def with_depth(self, depth: int) -> Self:
        """Give the same queue of another depth; what is no queue stays as it is."""
        return self

    # Time

    @property
    def cycles(self) -> int:
        """Per frame, when nothing stalls it."""
        return max(stream.beats for stream in (*self.inputs, *self.outputs))

    @property
    def delay(self) -> int:
        """Cycles from the last beat that a beat needs to that beat, when nothing is in the way."""
        return 1

    @property
    def pace(self) -> int:
        """Cycles from one beat to the next of a frame, when all that they need is there."""
        return 1

    @property
    def lag(self) -> int:
        """Cycles from the last beat it needs to the first beat it gives then, at most: other beats
        may have to leave first.
        """
        return self.delay

    # Beats

    def needed(self, given: Integers, language: Language = "verilog") -> tuple[Integers, ...]:
        """Count, of each input, the beats that must have been taken for the output's to leave.

        Args:
            given: numbers of output beats, counted over frames from the first on.
            language: whose stage it is.
        """
        frames, beat = np.divmod(given - 1, self.output.beats)
        return tuple(
            np.where(given > 0, frames * stream.beats + taken, 0)
            for stream, taken in zip(self.inputs, self._needed(beat, language), strict=True)
        )

    def accepted(self, given: Integers, language: Language = "verilog") -> tuple[Integers, ...]:
        """Count, of each input, the beats that it can have taken while the output's beats have left
        and no other can: at least so many, since registers of pipelines are not counted.

        Args:
            given, language: as for `needed`.
        """
        return self.needed(given + 1, language)

    def freeing(self, read: Stream, taken: Integers, language: Language = "verilog") -> Integers:
        """Count the output beats that must have left for it to accept so many of one input, at
        least: `accepted`, the other way round.

        Args:
            read: the input.
            taken: numbers of its beats, counted over frames from the first on.
            language: whose stage it is.
        """
        given = self._freeing(read, taken, language)
        result: Integers = np.where(taken > 0, np.maximum(given, 0), 0)
        return result

    def waiting(self, read: Stream, interval: int) -> int:
        """Count the beats of an input that come while another one has its turn, at the pace of the
        frames.

        Args:
            read: the input.
            interval: cycles between frames.
        """
        return 0

    def _needed(self, beat: Integers, language: Language) -> tuple[Integers, ...]:
        """Count, of each input, the beats of a frame taken before output beat `beat` leaves."""
        return tuple(beat + 1 for _ in self.inputs)

    def _freeing(self, read: Stream, taken: Integers, language: Language) -> Integers:
        """Count as `freeing` does where that is above 0."""
        frames, beat = np.divmod(taken - 1, read.beats)
        return frames * self.output.beats + self._before(read, beat)

    def _before(self, read: Stream, beat: Integers) -> Integers:
        """Count the beats of a frame that leave without needing beat `beat` of an input."""
        return beat

    # Resources

    @abstractmethod
    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        """Estimate what it takes.

        Args:
            fabric: of the part it is for.
        """

    @property
    def paths(self) -> tuple[Path, ...]:
        """Its paths that may be the longest one."""
        return (Path(levels=3),)

    @property
    def path_ns(self) -> float:
        """The longest path between its registers, or from its neighbours' to them, in ns on an
        ECP5; estimated.
        """
        taken = self.estimate()
        return max(path.ns(taken.luts + taken.flip_flops) for path in self.paths)

    def block_rams(self, fabric: Fabric) -> Counter[str]:
        """Estimate its RAMB18 by what they hold."""
        return Counter({self.holds: self.estimate(fabric).bram_18k})

    def product_cost(self) -> ProductCost | None:
        """Tell what its products by constants cost; None where it has none."""
        return None


@dataclass(frozen=True)
class Head(ABC):
    """What is folded of a node, in which ways, and the stages it becomes.

    Args:
        node: whose op it is.
    """

    node: Node

    @abstractmethod
    def foldings(self) -> Iterator[tuple[Folding, int]]:
        """Give every folding and the cycles it takes, a line buffer's input included."""

    @abstractmethod
    def fold(self, reads: Sequence[Stream], folding: Folding) -> Stage:
        """Make the stage so folded, reading the elements of these streams."""

    def width(self, folding: Folding) -> int:
        """Count what is computed in a cycle, by which foldings are compared."""
        return folding.pe * folding.simd

    @property
    def elements(self) -> int:
        """Of the first stream that `fold` reads, per frame."""
        return prod(self.node.inputs[0].type.shape)

    def before(self, name: str, reads: Sequence[Stream], folding: Folding) -> tuple[Stage, ...]:
        """Make what stands before the stage that is folded, each behind the one before; arguments
        as for `stages`.
        """
        return ()

    def stages(self, name: str, reads: Sequence[Stream], folding: Folding) -> Sequence[Stage]:
        """Make all that it becomes, each behind the one before.

        Args:
            name: of the section.
            reads: the streams of its operands, over as many lanes as the folding says.
            folding: one of `foldings`.
        """
        before = self.before(name, reads, folding)
        return *before, self.fold([before[-1].output] if before else reads, folding)

    def compared(self, folding: Folding) -> Stage:
        """Make the stage that is folded for its size alone, quickly."""
        return self.fold(self.operands(), folding)

    def entering(self, lanes: int) -> tuple[Stream, ...]:
        """Give streams for `stages` alone, outside a design, of so many lanes."""
        return tuple(
            Stream(value.name, value.dtype, prod(value.type.shape), lanes)
            for value in self.node.inputs
        )

    def operands(self) -> tuple[Stream, ...]:
        """Give streams for `fold` alone, outside a design."""
        first, *others = self.node.inputs
        return (
            Stream("first", first.dtype, self.elements, 1),
            *(Stream("second", other.dtype, prod(other.type.shape), 1) for other in others),
        )

    def memory(self, folding: Folding) -> Style | None:
        """Say where its weights go; None where it has none."""
        return None

    def reads(self, folding: Folding) -> int:
        """Say over how many lanes what comes first of it reads its operands."""
        return folding.reads

    def result(self, lanes: int) -> Stream:
        """Give the stream of its result."""
        output = self.node.output
        return Stream(f"{output.name}_out", output.dtype, prod(output.type.shape), lanes)


class ChannelsHead(Head):
    """What computes each channel for itself: what is to be chosen is its number of lanes, the same
    in and out.
    """

    def foldings(self) -> Iterator[tuple[Folding, int]]:
        shapes = self.node.inputs[0].type.shape, self.node.output.type.shape
        beats = max(self.elements, *map(prod, shapes))
        for lanes in divisors(self.node.output.type.shape[0]):
            yield Folding(lanes, lanes), beats // lanes
