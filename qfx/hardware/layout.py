"""From a graph and a folding to stages joined by streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from qfx.boards import Board
from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.hardware.design import Design
from qfx.hardware.estimate import estimate
from qfx.hardware.folding import Folding
from qfx.hardware.heads import Head, LayoutError, head_of
from qfx.hardware.multipliers import MULTIPLIERS, Multiplier, Multipliers, of_maps
from qfx.hardware.port import Port
from qfx.hardware.stage import Stage
from qfx.hardware.stages import (
    STAGE_OF,
    Argmax,
    Contract,
    Fifo,
    Map,
    Pool,
    Repeat,
    Resize,
    Step,
    Window,
)
from qfx.hardware.stream import Order, Stream, order_after, sent_order, stream_order
from qfx.hardware.table_stages import Embed, SoftmaxStage
from qfx.ir import Graph
from qfx.ops import ConstantOp, Op, Shape, TensorType

HEADS = (Argmax, Contract, Embed, Pool, Repeat, SoftmaxStage, Window)  # they begin a section
PORT_FIFO_DEPTH = 2  # enough for full throughput with registered valid and ready


@dataclass(frozen=True)
class Section:
    """A contraction or pooling (or, at the input, none) and the element-wise ops after it."""

    head: Head | None
    steps: tuple[Step, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Plan:
    """A graph cut into sections; what is left to choose is each head's folding.

    Args:
        graph: a chain.
        sections: in order.
        input, output: the ports on the board's bus.
        multipliers: what products may be built of, in heads and in maps.
    """

    graph: Graph
    sections: tuple[Section, ...]
    input: Port
    output: Port
    multipliers: Multipliers

    @property
    def heads(self) -> list[Head]:
        return [section.head for section in self.sections if section.head is not None]


def plan(graph: Graph, width_bits: int, multipliers: Multipliers = "auto") -> Plan:
    """Cut a graph into sections.

    Args:
        graph: a chain.
        width_bits: of both ports' bus.
        multipliers: what products may be built of, one of MULTIPLIERS.

    Raises:
        LayoutError: the graph branches, or multiplies a tensor that was not flattened; no such
            multipliers, or a layer needs one where none may be.
        PortError: an element too wide for a port.
    """
    if multipliers not in MULTIPLIERS:
        known = ", ".join(MULTIPLIERS)
        raise LayoutError(f"multipliers {multipliers!r} are unknown: use one of {known}")
    operands, order = list(_chain(graph)), orders(graph)
    sections = [Section(None)]
    for node, operand in zip(graph.nodes, operands, strict=True):
        stage, comes = STAGE_OF[type(node.op)], order[node.inputs[0].name]
        if stage in HEADS:
            sections.append(Section(head_of(node, operand, comes, multipliers), source=node.source))
        elif stage is Map:
            op = _in_order(node.op, operand.shape, comes)
            step, last = Step(op, operand, node.output), sections[-1]
            source = last.source or node.source
            sections[-1] = replace(last, steps=(*last.steps, step), source=source)
    value, result = graph.inputs[0].value, graph.outputs[0]
    entry = Port.over(width_bits, "s_axis", value.dtype, value.type.shape, order[value.name])
    leave = Port.over(width_bits, "m_axis", result.dtype, result.type.shape, order[result.name])
    return Plan(graph, tuple(sections), entry, leave, multipliers)


def orders(graph: Graph) -> dict[str, Order]:
    """The order in which each value of a graph is streamed, by name."""
    found = {entry.name: stream_order(entry.shape) for entry in graph.inputs}
    for node in graph.nodes:
        stage, operand = STAGE_OF[type(node.op)], node.inputs[0]
        if stage is None:
            order = order_after(node.op, operand.type.shape, found[operand.name])
        else:
            order = found[operand.name] if stage is Map else sent_order(node.output.type.shape)
        found[node.output.name] = order
    return found


Foldings = Sequence[Folding | tuple[int, int]]


def lay_out(plan: Plan, board: Board, foldings: Foldings, goal: str) -> Design:
    """The design with these foldings, one for each head in order; (pe, simd) alone is enough."""
    stages = stages_of(plan, foldings)
    return Design(plan.graph, board, stages, plan.input, plan.output, goal, plan.multipliers)


def foldings_of(design: Design) -> list[Folding]:
    """Those that `lay_out` was given."""
    values = {node.output.name for node in design.graph.nodes}  # a line buffer computes none
    heads = (s for s in design.stages if isinstance(s, HEADS) and s.name in values)
    return [Folding(s.output.lanes, s.input.lanes, _multiplier(s)) for s in heads]


def _multiplier(stage: Stage) -> Multiplier | None:
    return stage.multiplier if isinstance(stage, (Contract, SoftmaxStage)) else None


def stages_of(plan: Plan, foldings: Foldings) -> tuple[Stage, ...]:
    """The stages with these foldings, one for each head in order; (pe, simd) alone is enough."""
    chain = _Chain(plan.input.stream)
    queued = replace(plan.input.stream, name="input_fifo_out")
    chain.append(Fifo("input_fifo", "", plan.input.stream, queued, PORT_FIFO_DEPTH))
    remaining, prefix = iter(foldings), "input"
    for section in plan.sections:
        if section.head is not None:
            folding = Folding(*next(remaining))
            node = section.head.node
            prefix = node.output.name.removesuffix(f"_{node.op.name}")
            chain.resize(folding.simd, f"{prefix}_resize", section.source)
            window = section.head.window(chain.end, f"{prefix}_window")
            if window is not None:
                chain.append(window)
            chain.append(section.head.fold(chain.end, folding))
        if section.steps:
            chain.append(_map(section, f"{prefix}_map", chain.end, plan.multipliers))
    chain.resize(plan.output.stream.lanes, "output_resize", "")
    chain.append(Fifo("output_fifo", "", chain.end, plan.output.stream, PORT_FIFO_DEPTH))
    return tuple(chain.stages)


def _map(section: Section, name: str, reads: Stream, multipliers: Multipliers) -> Map:
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
    kinds = [replace(stage, multiplier=kind) for kind in of_maps(multipliers)]
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


class _Chain:
    """Stages so far, and the stream at their end."""

    def __init__(self, start: Stream) -> None:
        self.stages: list[Stage] = []
        self.end = start

    def append(self, stage: Stage) -> None:
        self.stages.append(stage)
        self.end = stage.output

    def resize(self, lanes: int, name: str, source: str) -> None:
        """Another number of lanes, where it is another."""
        if self.end.lanes != lanes:
            self.append(
                Resize(name, source, self.end, replace(self.end, name=f"{name}_out", lanes=lanes))
            )


def _chain(graph: Graph) -> Iterator[TensorType]:
    """The type each node reads; refuses anything but one chain."""
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise LayoutError(f"graph {graph.name} needs one input and one output to be streamed")
    value = graph.inputs[0].value
    for node in graph.nodes:
        if node.inputs != (value,):
            raise LayoutError(
                f"{node.output.name} does not read {value.name}: branches cannot be streamed yet"
            )
        yield value.type
        value = node.output
    if graph.outputs[0] != value:
        raise LayoutError(
            f"the output {graph.outputs[0].name} is not the end of the chain, {value.name}"
        )


def _in_order(op: Op, shape: Shape, order: Order) -> Op:
    """The op with its per-element constants in the order of the stream."""
    if not isinstance(op, ConstantOp):
        return op
    integers = np.broadcast_to(op.constant.integers, shape).reshape(-1)[order]
    return replace(op, constant=FixedPointArray(integers, op.constant.dtype))
