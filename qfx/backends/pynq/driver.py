"""What runs on the board: driver.py, for numpy and pynq."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np

from qfx.backends.pynq.templates import render
from qfx.hardware import Design, Port, registers
from qfx.hardware.registers import Control, Feature
from qfx.hardware.stream import Order
from qfx.ir import Graph, Input, Value
from qfx.ir import file as graph_file
from qfx.ops import ArgMax, Reshape

Loops = tuple[tuple[int, int], ...]  # (count, stride) of each, the outermost first


@dataclass(frozen=True)
class DriverText:
    """What driver.py says of a design.

    Args:
        name, board: of core and board.
        call: an example.
        takes: what each argument of `predict` is.
        graph_sha256: of the graph.
        clock_mhz, initiation_interval, latency_cycles: as predicted.
        inputs, outputs: the calls that make the ports.
    """

    name: str
    board: str
    call: str
    takes: list[str]
    graph_sha256: str
    clock_mhz: float
    initiation_interval: int
    latency_cycles: int
    inputs: list[str]
    outputs: list[str]


def driver(design: Design) -> str:
    """The text of driver.py."""
    graph = design.graph
    names = ", ".join(entry.name for entry in graph.inputs)
    takes = [f"{x.name}: of shape (samples, {', '.join(map(str, x.shape))})." for x in graph.inputs]
    text = DriverText(
        name=graph.name,
        board=design.board.title,
        call=f"y = accelerator.predict({names})",
        takes=takes,
        graph_sha256=graph_file.sha256(graph),
        clock_mhz=design.board.clock_mhz,
        initiation_interval=design.initiation_interval,
        latency_cycles=design.latency_cycles,
        inputs=list(map(_input, design.inputs, graph.inputs)),
        outputs=[_output(*pair, graph) for pair in zip(design.outputs, graph.outputs, strict=True)],
    )
    return render("driver.py.j2", d=text, map=registers, control=Control, feature=Feature)


def loops(order: Order) -> Loops | None:
    """Nested loops that count through an order, the outermost first; None where there are none."""
    found: list[tuple[int, int]] = []
    rest = order - order[0] if len(order) and order[0] == 0 else None
    while rest is not None and len(rest) > 1:
        stride = int(rest[1])
        differs = np.flatnonzero(rest != stride * np.arange(len(rest)))
        count = int(differs[0]) if len(differs) else len(rest)
        if len(rest) % count:
            return None
        blocks = rest.reshape(-1, count)
        if (blocks - blocks[:, :1] != stride * np.arange(count)).any():
            return None
        found.append((count, stride))
        rest = blocks[:, 0]
    return None if rest is None else tuple(reversed(found))


def _order(port: Port) -> str | None:
    """As Port of the driver has it, as Python's text; None where elements stand in their order."""
    if (port.order == np.arange(len(port.order))).all():
        return None
    found = loops(port.order)
    return repr(found) if found else _text(port.order)


def _text(order: Order) -> str:
    """A string of numbers, cut into lines."""
    lines = textwrap.wrap(" ".join(map(str, order.tolist())), 80)
    if len(lines) == 1:
        return f'"{lines[0]}"'
    parts = "".join(f'            "{line} "\n' for line in lines)
    return f"(\n{parts}        )"


def _input(port: Port, entry: Input) -> str:
    cast = entry.cast
    return _port(
        port, entry.name, rounding=f'"{cast.rounding.name}"', overflow=f'"{cast.overflow.name}"'
    )


def _output(port: Port, value: Value, graph: Graph) -> str:
    made = {node.output.name: node for node in graph.nodes}
    node = made.get(value.name)
    while node is not None and isinstance(node.op, Reshape):
        node = made.get(node.inputs[0].name)  # None where that is an input
    classes = node is not None and isinstance(node.op, ArgMax)
    return _port(port, value.name, **({"classes": True} if classes else {}))


def _port(port: Port, name: str, **more: Any) -> str:
    """The call that makes it in the driver; `more` as Python's text."""
    dtype = port.stream.dtype
    order, kind = _order(port), "i" if dtype.signed else "u"
    fields = {
        "name": f'"{name}"',
        "shape": port.shape,
        "wordlength": dtype.wordlength,
        "fraction_bits": dtype.fraction_bits,
        "signed": dtype.signed,
        "memory": f'"<{kind}{port.element_bits // 8}"',
        "frame_bytes": port.stream.beats * port.width_bits // 8,
        **({} if order is None else {"order": order}),
        **more,
    }
    lines = "".join(f"        {key}={value},\n" for key, value in fields.items())
    return f"Port(\n{lines}    )"
