"""From a plan and its foldings to stages joined by streams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from qfx.boards import Board
from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.hardware.branch_heads import Joining
from qfx.hardware.branch_stages import Fork, Meeting, Merge
from qfx.hardware.design import Design
from qfx.hardware.estimate import estimate
from qfx.hardware.fifo_depths import with_depths
from qfx.hardware.folding import Folding
from qfx.hardware.memory import Style
from qfx.hardware.multipliers import Multiplier, of_maps
from qfx.hardware.sections import Plan, Section, port_stages
from qfx.hardware.stage import Stage
from qfx.hardware.stages import Argmax, Contract, Fifo, Map, Pool, Repeat, Resize, Window
from qfx.hardware.stream import Stream
from qfx.hardware.table_stages import Embed, SoftmaxStage
from qfx.ops import ConstantOp

HEADS = (Argmax, Contract, Embed, Meeting, Pool, Repeat, SoftmaxStage, Window)  # begin a section
PORT_FIFO_DEPTH = 2  # enough for full throughput with registered valid and ready

Foldings = Sequence[Folding | tuple[int, int]]


def lay_out(
    plan: Plan,
    board: Board,
    foldings: Foldings,
    goal: str,
    depths: Mapping[str, int] | None = None,
) -> Design:
    """The design with these foldings.

    Args:
        plan: of the graph.
        board: what it is for.
        foldings: one for each head in order; (pe, simd) alone is enough.
        goal: what they were chosen for.
        depths: by FIFO, others than those computed.
    """
    stages = stages_of(plan, foldings, depths or {})
    return Design(plan.graph, board, stages, plan.inputs, plan.outputs, goal, plan.multipliers)


def foldings_of(design: Design) -> list[Folding]:
    """Those that `lay_out` was given."""
    values = {node.output.name for node in design.graph.nodes}  # a line buffer computes none
    heads = (s for s in design.stages if isinstance(s, HEADS) and s.name in values)
    return [Folding(s.output.lanes, s.input.lanes, _multiplier(s), _memory(s)) for s in heads]


def _multiplier(stage: Stage) -> Multiplier | None:
    return stage.multiplier if isinstance(stage, (Contract, Merge, SoftmaxStage)) else None


def _memory(stage: Stage) -> Style | None:
    return stage.weight_style if isinstance(stage, Contract) else None


def stages_of(
    plan: Plan, foldings: Foldings, depths: Mapping[str, int] | None = None
) -> tuple[Stage, ...]:
    """The stages of `lay_out`: each behind those whose streams it reads."""
    floor, remaining = _Floor(plan), iter(foldings)
    for port, entry in zip(plan.inputs, plan.graph.inputs, strict=True):
        name = port_stages("input", entry.name, len(plan.inputs))
        queued = replace(port.stream, name=f"{name}_fifo_out")
        floor.append(Fifo(f"{name}_fifo", "", port.stream, queued, PORT_FIFO_DEPTH))
        floor.leave(entry.name, queued, name, "")
    for section in plan.sections:
        folding = Folding(*next(remaining)) if section.head is not None else None
        floor.build(section, folding)
    for port, value in zip(plan.outputs, plan.graph.outputs, strict=True):
        name = port_stages("output", value.name, len(plan.outputs))
        end = floor.resize(floor.take(plan.streamed[value.name]), port.stream.lanes, name, "")
        floor.append(Fifo(f"{name}_fifo", "", end, port.stream, PORT_FIFO_DEPTH))
    return with_depths(tuple(floor.stages), depths or {})


class _Floor:
    """The stages so far, and the streams that nothing reads yet."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stages: list[Stage] = []
        self.open: dict[str, list[Stream]] = {}  # by value, one for each of its readers

    def append(self, stage: Stage) -> Stream:
        self.stages.append(stage)
        return stage.output

    def take(self, value: str) -> Stream:
        """The stream of a value for its next reader."""
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
        """Another number of lanes, where it is another."""
        if stream.lanes == lanes:
            return stream
        name = f"{name}_resize{suffix}"
        resized = replace(stream, name=f"{name}_out", lanes=lanes)
        return self.append(Resize(name, source, stream, resized))

    def build(self, section: Section, folding: Folding | None) -> None:
        """The stages of a section."""
        ends = [self.take(value) for value in section.reads]
        if folding is None or section.head is None:
            end = ends[0]
        elif isinstance(section.head, Joining):
            first, second = self._queued(section, ends, folding)
            end = self.append(section.head.join(first, second, folding))
        else:
            end = self.resize(ends[0], folding.simd, section.name, section.source)
            window = section.head.window(end, f"{section.name}_window")
            end = end if window is None else self.append(window)
            end = self.append(section.head.fold(end, folding))
        if section.steps:
            end = self.append(_map(section, f"{section.name}_map", end, self.plan))
        self.leave(section.result, end, section.name, section.source)

    def _queued(self, section: Section, ends: list[Stream], folding: Folding) -> Iterator[Stream]:
        """Both operands of a meeting, each behind a queue that holds what the other waits for."""
        for stream, suffix in zip(ends, ("", "2"), strict=True):
            lanes, source = folding.simd, section.source
            stream = self.resize(stream, lanes, section.name, source, suffix)
            name = f"{section.name}_fifo{suffix}"
            queued = replace(stream, name=f"{name}_out")
            yield self.append(Fifo(name, source, stream, queued, PORT_FIFO_DEPTH))


def _map(section: Section, name: str, reads: Stream, plan: Plan) -> Map:
    """The map of a section; of constants that repeat, pixel after pixel, one period is kept."""
    constants = [
        step.op.constant.integers for step in section.steps if isinstance(step.op, ConstantOp)
    ]
    period = _period(constants, reads)
    kept = period * reads.lanes
    steps = tuple(
        replace(step, op=replace(step.op, constant=_first(step.op.constant, kept)))
        if isinstance(step.op, ConstantOp)
        else step
        for step in section.steps
    )
    dtype = section.steps[-1].result.dtype
    output = Stream(f"{name}_out", dtype, reads.elements, reads.lanes)
    stage = Map(name, section.source, reads, output, steps, period, None)
    if not stage.products:
        return stage
    kinds = [replace(stage, multiplier=kind) for kind in of_maps(plan.multipliers)]
    return min(kinds, key=lambda kind: estimate(kind).luts)


def _period(constants: list[Integers], reads: Stream) -> int:
    """The fewest beats after which all constants repeat."""
    if reads.elements % reads.lanes or not constants:
        return reads.beats if constants else 1
    rows = [integers.reshape(reads.beats, reads.lanes) for integers in constants]
    for period in range(1, reads.beats):
        if reads.beats % period == 0 and all(_repeats(r, period) for r in rows):
            return period
    return reads.beats


def _repeats(rows: Integers, period: int) -> bool:
    return bool((rows.reshape(-1, period, rows.shape[1]) == rows[:period]).all())


def _first(constant: FixedPointArray, count: int) -> FixedPointArray:
    return FixedPointArray(constant.integers[:count], constant.dtype)
