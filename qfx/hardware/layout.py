"""From a plan and its foldings to stages joined by streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qfx.boards import Board
from qfx.hardware.design import Design
from qfx.hardware.fifo_depths import with_depths
from qfx.hardware.folding import Folding
from qfx.hardware.multipliers import Multipliers
from qfx.hardware.sections import Plan, Section, plan, port_stages
from qfx.hardware.stage import Stage
from qfx.hardware.stages.fifo import Fifo
from qfx.hardware.stages.fork import Fork
from qfx.hardware.stages.map import map_of
from qfx.hardware.stages.resize import resized
from qfx.hardware.stream import Stream
from qfx.ir import Graph

PORT_FIFO_DEPTH = 2  # enough for full throughput with registered valid and ready

Foldings = Sequence[Folding | tuple[int, int]]


def lay_out(
    planned: Plan,
    board: Board,
    foldings: Foldings,
    goal: str,
    depths: Mapping[str, int] | None = None,
) -> Design:
    """Lay out the design with these foldings.

    Args:
        planned: of the graph.
        board: what it is for.
        foldings: one for each head in order; (pe, simd) alone is enough.
        goal: what they were chosen for.
        depths: by FIFO, others than those computed.
    """
    floor = _laid_out(planned, foldings)
    stages = with_depths(tuple(floor.stages), depths or {})
    return Design("streaming", planned, board, stages, tuple(floor.foldings), goal)


@dataclass(frozen=True)
class Layout:
    """What is recorded of a design, so that it can be laid out anew from its graph.

    Args:
        width_bits: of all ports' bus.
        multipliers: what products were asked to be built of.
        foldings: of each head, in order.
        depths: of queues, by name.
    """

    width_bits: int
    multipliers: Multipliers
    foldings: tuple[Folding, ...]
    depths: Mapping[str, int]


def restored(graph: Graph, layout: Layout) -> tuple[Stage, ...]:
    """Return the stages of a design, without its board.

    Args:
        graph: that the layout is of.
        layout: as it was recorded.
    """
    planned = plan(graph, layout.width_bits, layout.multipliers)
    return with_depths(tuple(_laid_out(planned, layout.foldings).stages), layout.depths)


def _laid_out(planned: Plan, foldings: Foldings) -> _Floor:
    """Return the stages, each behind those whose streams it reads, and the foldings they have."""
    floor, remaining = _Floor(planned), iter(foldings)
    for port, entry in zip(planned.inputs, planned.graph.inputs, strict=True):
        name = port_stages("input", entry.name, len(planned.inputs))
        queued = replace(port.stream, name=f"{name}_fifo_out")
        floor.append(Fifo(f"{name}_fifo", "", port.stream, queued, PORT_FIFO_DEPTH))
        floor.leave(entry.name, queued, name, "")
    for section in planned.sections:
        folding = Folding(*next(remaining)) if section.head is not None else None
        floor.build(section, folding)
    for port, value in zip(planned.outputs, planned.graph.outputs, strict=True):
        name = port_stages("output", value.name, len(planned.outputs))
        end = floor.resize(floor.take(planned.streamed[value.name]), port.stream.lanes, name, "")
        floor.append(Fifo(f"{name}_fifo", "", end, port.stream, PORT_FIFO_DEPTH))
    return floor


class _Floor:
    """The stages so far, and the streams that nothing reads yet."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stages: list[Stage] = []
        self.foldings: list[Folding] = []  # of the heads so far, each as its stage has it
        self.open: dict[str, list[Stream]] = {}  # by value, one for each of its readers

    def append(self, stage: Stage) -> Stream:
        self.stages.append(stage)
        return stage.output

    def take(self, value: str) -> Stream:
        """Return the stream of a value for its next reader."""
        return self.open[value].pop(0)

    def leave(self, value: str, stream: Stream, name: str, source: str) -> None:
        """Offer a value to its readers, behind as many forks as it takes."""
        self.open[value] = []
        for count in range(1, self.plan.readers[value]):
            fork = f"{name}_fork" if count == 1 else f"{name}_fork{count}"
            ends = [replace(stream, name=f"{fork}_{end}") for end in ("out", "out2")]
            self.append(Fork(fork, source, stream, ends[0], ends[1]))
            self.open[value].append(ends[0])
            stream = ends[1]
        self.open[value].append(stream)

    def resize(
        self, stream: Stream, lanes: int, name: str, source: str, suffix: str = ""
    ) -> Stream:
        """Give the stream another number of lanes, where it is another."""
        for stage in resized(stream, lanes, name, source, suffix):
            stream = self.append(stage)
        return stream

    def build(self, section: Section, folding: Folding | None) -> None:
        """Append the stages of a section."""
        ends = [self.take(value) for value in section.reads]
        if folding is not None and section.head is not None:
            ends = self._operands(section, ends, section.head.reads(folding))
            for stage in section.head.stages(section.name, ends, folding):
                end = self.append(stage)
            self.foldings.append(stage.folding)
        else:
            (end,) = ends
        if section.steps:
            name, multipliers = f"{section.name}_map", self.plan.multipliers
            end = self.append(map_of(name, section.source, end, section.steps, multipliers))
        self.leave(section.result, end, section.name, section.source)

    def _operands(self, section: Section, ends: list[Stream], reads: int) -> list[Stream]:
        """Return the operands of a head over as many lanes as it asks for; of several, each behind
        a queue that holds what the others wait for.
        """
        found = []
        for number, stream in enumerate(ends, 1):
            suffix, source = "" if number == 1 else str(number), section.source
            stream = self.resize(stream, reads, section.name, source, suffix)
            if len(ends) > 1:
                name = f"{section.name}_fifo{suffix}"
                queued = replace(stream, name=f"{name}_out")
                stream = self.append(Fifo(name, source, stream, queued, PORT_FIFO_DEPTH))
            found.append(stream)
        return found
