"""A design as a kernel in C++: its ports, streams, functions, tables and calls."""

from __future__ import annotations

from dataclasses import dataclass

from qfx.backends.vectors import vector_files
from qfx.backends.vitis.maps import MapFunction
from qfx.backends.vitis.registers import FRAMES, KernelRegister, identity, kernel_registers
from qfx.backends.vitis.stages import SPELLED, function, headers
from qfx.backends.vitis.tables import Table, Weights
from qfx.backends.vitis.types import boolean, cpp_type
from qfx.hardware import Design, Port
from qfx.hardware.channels import Channel, carriers, channels_of
from qfx.hardware.memory import memory_of


@dataclass(frozen=True)
class KernelPort:
    """An AXI4-Stream port of the top function.

    Args:
        name: of the argument.
        word: the name of its type.
        beats_name, bits_name: of the constants beats and width.
        width: bits of TDATA.
        elements, beats: of a frame.
    """

    name: str
    word: str
    beats_name: str
    bits_name: str
    width: int
    elements: int
    beats: int

    @classmethod
    def of(cls, port: Port, side: str) -> KernelPort:
        """Of the only port on its side ("Input" or "Output") the type and the constants are named
        after the side alone.
        """
        stream, constant = port.stream, side.upper()
        return cls(
            name=stream.name,
            word=f"{side}Word{port.suffix}",
            beats_name=f"{constant}_BEATS{port.suffix}",
            bits_name=f"{constant}_BITS{port.suffix}",
            width=port.width_bits,
            elements=stream.elements,
            beats=stream.beats,
        )


@dataclass(frozen=True)
class StreamDeclaration:
    """An hls::stream that the top function declares.

    Args:
        name: of it.
        type: of an element.
        lanes: elements a beat.
        depth: beats that it holds.
        in_blocks: whether they go to block RAM.
    """

    name: str
    type: str
    lanes: int
    depth: int
    in_blocks: bool

    @classmethod
    def of(cls, channel: Channel) -> StreamDeclaration:
        """The stream of a channel."""
        stream, depth = channel.stream, channel.depth
        in_blocks = memory_of(depth, stream.bits) == "block"
        return cls(channel.name, cpp_type(stream.dtype), stream.lanes, depth, in_blocks)


@dataclass(frozen=True, eq=False)
class Kernel:
    """What the templates write of a design.

    Args:
        name: of the top function.
        title: what it is for.
        part, period_ns: of the chip, and of its clock.
        initiation_interval: cycles from frame to frame, as predicted.
        bottleneck: what takes as many.
        inputs, outputs: its ports.
        registers: its arguments behind the ports.
        vectors: the files that the testbench is given.
        headers: of the library, those that the top includes.
        tables: the constants, each in a header of its own; weights come first.
        maps: the functions that are generated.
        streams: that it declares.
        calls: its body, line by line.
    """

    name: str
    title: str
    part: str
    period_ns: str
    initiation_interval: int
    bottleneck: str
    inputs: tuple[KernelPort, ...]
    outputs: tuple[KernelPort, ...]
    registers: tuple[KernelRegister, ...]
    vectors: tuple[str, ...]
    headers: tuple[str, ...]
    tables: tuple[Table, ...]
    maps: tuple[MapFunction, ...]
    streams: tuple[StreamDeclaration, ...]
    calls: tuple[str, ...]

    @property
    def ports(self) -> tuple[KernelPort, ...]:
        """All of them."""
        return self.inputs + self.outputs


def kernel(design: Design) -> Kernel:
    """A design as a kernel."""
    name, spelled = design.graph.name, [(stage, SPELLED[type(stage)]) for stage in design.stages]
    tables = {stage.name: spelling.tables(stage) for stage, spelling in spelled}
    every = [table for each in tables.values() for table in each]
    return Kernel(
        name=name,
        title=f"{name} for {design.board.title}: {design.goal}.",
        part=design.board.part,
        period_ns=f"{1000 / design.board.clock_mhz:.3f}",
        initiation_interval=design.initiation_interval,
        bottleneck=design.bottleneck,
        inputs=tuple(KernelPort.of(port, "Input") for port in design.inputs),
        outputs=tuple(KernelPort.of(port, "Output") for port in design.outputs),
        registers=kernel_registers(design),
        vectors=tuple(f"{file}.hex" for file in vector_files(design)),
        headers=tuple(headers()),
        tables=tuple(sorted(every, key=lambda table: not isinstance(table, Weights))),
        maps=tuple(each.generated(stage) for stage, each in spelled if each.generated),
        streams=tuple(map(StreamDeclaration.of, channels_of(design.stages))),
        calls=tuple(_calls(design, tables)),
    )


def _calls(design: Design, tables: dict[str, tuple[Table, ...]]) -> list[str]:
    names = carriers(design.stages)
    calls = [identity(design), *(_read(port, names) for port in design.inputs)]
    for stage in design.stages:
        called = function(stage)
        if called is not None:
            given = [names[stream.name] for stream in (*stage.inputs, *stage.outputs)]
            given += [name for table in tables[stage.name] for name in table.arguments]
            calls.append(f"{called}({', '.join(given)});")
    first, *others = design.outputs
    calls.append(_written(first, names, "write_counting", f", {FRAMES}"))
    return [*calls, *(_written(port, names) for port in others)]


def _read(port: Port, names: dict[str, str]) -> str:
    stream = port.stream
    sizes = (stream.beats, port.element_bits, stream.dtype.wordlength)
    return f"qfx::read_port<{', '.join(map(str, sizes))}>({stream.name}, {names[stream.name]});"


def _written(port: Port, names: dict[str, str], how: str = "write_port", more: str = "") -> str:
    stream, dtype = port.stream, port.stream.dtype
    sizes = (stream.elements, port.element_bits, dtype.wordlength, boolean(dtype.signed))
    ends = f"{names[stream.name]}, {stream.name}{more}"
    return f"qfx::{how}<{', '.join(map(str, sizes))}>({ends});"
