"""A graph cut into sections: what is folded, and the element-wise ops behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from qfx.fixedpoint import FixedPointArray
from qfx.hardware.multipliers import MULTIPLIERS, Multipliers
from qfx.hardware.port import Port
from qfx.hardware.stage import Head, LayoutError
from qfx.hardware.stages import STAGE_OF, Step
from qfx.hardware.stream import Order, order_after, stream_order
from qfx.ir import Graph, Node, Value
from qfx.ops import ConstantOp, Op, Shape


@dataclass(frozen=True)
class Section:
    """A head (or, behind an input or a fork, none) and the element-wise ops behind it.

    Args:
        name: its stages are named after it.
        source: the layer.
        head: what is folded.
        reads: the streamed values it takes.
        result: the value it ends in.
        steps: the element-wise ops.
    """

    name: str
    source: str
    head: Head | None
    reads: tuple[str, ...]
    result: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A graph cut into sections; what is left to choose is each head's folding.

    Args:
        graph: what is computed.
        sections: each after those it reads.
        inputs, outputs: the ports on the board's bus, in the graph's order.
        streamed: by value, the streamed one whose elements it names, itself but for reshapes.
        readers: of each streamed value, by how many it is read, ports included.
        multipliers: what products may be built of, in heads and in maps.
    """

    graph: Graph
    sections: tuple[Section, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    streamed: dict[str, str]
    readers: dict[str, int]
    multipliers: Multipliers

    @property
    def folded(self) -> list[Section]:
        """Those that have a head."""
        return [section for section in self.sections if section.head is not None]

    @property
    def heads(self) -> list[Head]:
        return [section.head for section in self.sections if section.head is not None]


def plan(graph: Graph, width_bits: int, multipliers: Multipliers = "auto") -> Plan:
    """Cut a graph into sections.

    Args:
        graph: every value of which is read.
        width_bits: of all ports' bus.
        multipliers: what products may be built of, one of MULTIPLIERS.

    Raises:
        LayoutError: a layer needs its data in another order, or a multiplier where none may be; no
            such multipliers; or an input that nothing reads.
        PortError: an element too wide for a port.
    """
    if not isinstance(multipliers, str) or multipliers not in MULTIPLIERS:
        known = ", ".join(MULTIPLIERS)
        raise LayoutError(f"multipliers {multipliers!r} are unknown: use one of {known}")
    cut = _Cut(graph, multipliers)
    for node in graph.nodes:
        cut.add(node)
    return Plan(
        graph=graph,
        sections=tuple(cut.sections),
        inputs=tuple(_ports(cut, "s_axis", [i.value for i in graph.inputs], width_bits)),
        outputs=tuple(_ports(cut, "m_axis", graph.outputs, width_bits)),
        streamed=cut.streamed,
        readers=cut.readers,
        multipliers=multipliers,
    )


def _ports(
    cut: _Cut, prefix: str, values: tuple[Value, ...] | list[Value], width: int
) -> Iterator[Port]:
    """Return one for each value; of several each is named after its value."""
    for value in values:
        name = prefix if len(values) == 1 else f"{prefix}_{value.name}"
        yield Port.over(width, name, value.dtype, value.type.shape, cut.order[value.name])


def port_stages(side: str, value: str, count: int) -> str:
    """Say what the stages at a port are named after.

    Args:
        side: "input" or "output".
        value: that goes through the port.
        count: of ports on that side.
    """
    return side if count == 1 else f"{side}_{value}"


@dataclass
class _Cut:
    """The sections so far."""

    graph: Graph
    multipliers: Multipliers
    sections: list[Section] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.order = orders(self.graph)
        self.streamed = {entry.name: entry.name for entry in self.graph.inputs}
        for node in self.graph.nodes:
            wiring, name = STAGE_OF[type(node.op)] is None, node.output.name
            self.streamed[name] = self.streamed[node.inputs[0].name] if wiring else name
        self.readers = self._count()
        self.ends: dict[str, int] = {}  # by value, the section that ends in it

    def _count(self) -> dict[str, int]:
        readers = dict.fromkeys(self.streamed.values(), 0)
        for node in self.graph.nodes:
            for value in node.inputs if STAGE_OF[type(node.op)] is not None else ():
                readers[self.streamed[value.name]] += 1
        for value in self.graph.outputs:
            readers[self.streamed[value.name]] += 1
        for name, count in readers.items():
            if not count:
                raise LayoutError(
                    f"nothing reads {name}, so that its stream would stand still: take it out of"
                    " the model"
                )
        return readers

    def add(self, node: Node) -> None:
        stage, result = STAGE_OF[type(node.op)], node.output.name
        reads = tuple(self.streamed[value.name] for value in node.inputs)
        if stage is None:
            return
        if stage.folded:
            head = stage.head(node, [self.order[v.name] for v in node.inputs], self.multipliers)
            self._append(Section(self._free_name(node), node.source, head, reads, result))
            return
        operand = node.inputs[0].type
        step = Step(
            _in_order(node.op, operand.shape, self.order[node.inputs[0].name]), operand, node.output
        )
        before = self.ends.get(reads[0])
        if before is None or self.readers[reads[0]] > 1:
            self._append(
                Section(self._name(node, reads[0]), node.source, None, reads, result, (step,))
            )
        else:
            section = self.sections[before]
            self.sections[before] = replace(section, result=result, steps=(*section.steps, step))
            self.ends[result] = before

    def _append(self, section: Section) -> None:
        self.ends[section.result] = len(self.sections)
        self.sections.append(section)

    def _name(self, node: Node, reads: str) -> str:
        """Name a section without a head: the first behind the only input is `input`."""
        alone = len(self.graph.inputs) == 1 and self.readers[reads] == 1
        if alone and reads == self.graph.inputs[0].name:
            return "input"
        return self._free_name(node)

    def _free_name(self, node: Node) -> str:
        """Name a section after its layer, unless one before has the name, as where an operand is
        cast for a sum, or a port.
        """
        name = node.output.name
        taken = {section.name for section in self.sections} | self._port_names
        names = (name.removesuffix(f"_{node.op.name}"), name, f"{name}_section")
        return next(each for each in names if each not in taken)

    @property
    def _port_names(self) -> set[str]:
        """After which the stages at the ports are named."""
        ends = (("input", self.graph.inputs), ("output", self.graph.outputs))
        return {port_stages(side, each.name, len(ports)) for side, ports in ends for each in ports}


def orders(graph: Graph) -> dict[str, Order]:
    """Return the order in which each value of a graph is streamed, by name."""
    found = {entry.name: stream_order(entry.shape) for entry in graph.inputs}
    for node in graph.nodes:
        stage, operand = STAGE_OF[type(node.op)], node.inputs[0]
        if stage is None:
            order = order_after(node.op, operand.type.shape, found[operand.name])
        else:
            order = stage.order(node, [found[value.name] for value in node.inputs])
        found[node.output.name] = order
    return found


def _in_order(op: Op, shape: Shape, order: Order) -> Op:
    """Return the op with its per-element constants in the order of the stream."""
    if not isinstance(op, ConstantOp):
        return op
    integers = np.broadcast_to(op.constant.integers, shape).reshape(-1)[order]
    return replace(op, constant=FixedPointArray(integers, op.constant.dtype))
