"""What a netlist is made of: modules, instances, wires and memories, all of them plain data.

Numbers are numbers here: how a constant, a range or a memory is written down is a language's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qfx.backends.netlist.maps import MapModule
from qfx.hardware import Port
from qfx.hardware.memory import Style


@dataclass(frozen=True)
class Bits:
    """A constant of a given width, without a sign."""

    value: int
    width: int


# Of a parameter: a number, a name, one bit, or many.
Value = int | str | bool | Bits
Parameters = Mapping[str, Value]


@dataclass(frozen=True)
class Wire:
    """A wire of the top level.

    Args:
        name: of it.
        width: bits of a vector; None where it is a single bit.
    """

    name: str
    width: int | None = None


@dataclass(frozen=True)
class StreamWires:
    """The wires of a stream: NAME_valid, NAME_ready and NAME_data.

    Args:
        name: of the stream.
        bits: of data.
        comment: what the stream carries.
    """

    name: str
    bits: int
    comment: str


@dataclass(frozen=True)
class Bus:
    """An AXI4-Stream port of the top level.

    Args:
        name: of the port, and of the stream inside that it carries.
        width: bits of TDATA.
        elements, beats: of a frame.
        lanes: elements a beat.
        bits: of an element inside.
        element_bits: of an element on the bus, to which it is extended.
        signed: whether by its sign.
        last_keep: TKEEP of a frame's last beat.
    """

    name: str
    width: int
    elements: int
    beats: int
    lanes: int
    bits: int
    element_bits: int
    signed: bool
    last_keep: int

    @classmethod
    def of(cls, port: Port) -> Bus:
        """The bus of a port of the design."""
        stream = port.stream
        return cls(
            name=stream.name,
            width=port.width_bits,
            elements=stream.elements,
            beats=stream.beats,
            lanes=stream.lanes,
            bits=stream.dtype.wordlength,
            element_bits=port.element_bits,
            signed=stream.dtype.signed,
            last_keep=port.last_keep,
        )

    @property
    def beat_bits(self) -> int:
        """Of a counter of a frame's beats."""
        return max(1, (self.beats - 1).bit_length())


@dataclass(frozen=True)
class Rom:
    """A module that holds constants.

    Args:
        module: its name.
        port: the prefix of the ports by which the stage beside it reads it.
        holds, title: what its words are, and of what; for its comment.
        words: that it holds.
        bits: of a word.
        style: where it goes.
        latency: cycles from the address to the word.
    """

    module: str
    port: str
    holds: str
    title: str
    words: tuple[int, ...]
    bits: int
    style: Style
    latency: int = 1

    @property
    def depth(self) -> int:
        """Words that it holds."""
        return len(self.words)

    @property
    def address_bits(self) -> int:
        """Of the address of a word."""
        return max(1, (self.depth - 1).bit_length())


@dataclass(frozen=True)
class Instance:
    """A module in the top level. Its port `clk` is the clock; the others are connected by name.

    Args:
        name: of the instance.
        module: which it is one of.
        comment: what it does.
        parameters: of the module, by name.
        connections: the wire at each port, by the port's name.
        wires: that are declared for it.
    """

    name: str
    module: str
    comment: str
    parameters: Parameters
    connections: Mapping[str, str]
    wires: tuple[Wire, ...] = ()


@dataclass(frozen=True)
class Netlist:
    """A design as hardware without a language.

    Args:
        name: of the top level's module.
        title: what it is for.
        initiation_interval: cycles from frame to frame, as predicted.
        bottleneck: what takes as many.
        inputs, outputs: its ports.
        streams: the wires between ports and stages.
        instances: the stages and the ROMs beside them; modules that are neither `maps` nor `roms`
            are those of the library.
        maps, roms: the modules that are generated.
    """

    name: str
    title: str
    initiation_interval: int
    bottleneck: str
    inputs: tuple[Bus, ...]
    outputs: tuple[Bus, ...]
    streams: tuple[StreamWires, ...]
    instances: tuple[Instance, ...]
    maps: tuple[MapModule, ...]
    roms: tuple[Rom, ...]
