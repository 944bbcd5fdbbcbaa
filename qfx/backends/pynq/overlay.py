"""The block design: the processing system, the core, and DMAs that carry its streams to memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qfx import boards
from qfx.backends.pynq.package import CONTROL, core_ip
from qfx.boards import Board, BoardSystem, ProcessingSystem, PynqSystem
from qfx.hardware import Design, Port, registers

_SLOT = 0x1_0000  # bytes from one block of registers to the next, which AXI DMA takes whole
_LENGTH_BITS = 26  # of a DMA's length register, as many as there are (PG021)
_BURST_BEATS = 16  # the most that AXI3 has, which a Zynq-7000's memory port is


@dataclass(frozen=True)
class Dma:
    """An AXI DMA of the block design, in simple mode.

    Args:
        number: of it.
        source: the core's input that it feeds, memory to stream; None if there is none left.
        sink: the core's output that it takes, stream to memory; None if there is none left.
        address_bits: of the memory.
    """

    number: int
    source: Port | None
    sink: Port | None
    address_bits: int

    @property
    def name(self) -> str:
        """Of the cell."""
        return f"axi_dma_{self.number}"

    @property
    def sides(self) -> tuple[str, ...]:
        """Those it has, as PG021 names them."""
        sides = (("mm2s", self.source), ("s2mm", self.sink))
        return tuple(side for side, port in sides if port is not None)

    @property
    def properties(self) -> str:
        """Of the cell (PG021, "Customizing and Generating the Core")."""
        found = {
            "c_include_sg": 0,
            "c_sg_include_stscntrl_strm": 0,
            "c_sg_length_width": _LENGTH_BITS,
            "c_addr_width": self.address_bits,
        }
        for side, stream, port in (("mm2s", "m_axis", self.source), ("s2mm", "s_axis", self.sink)):
            found[f"c_include_{side}"] = int(port is not None)
            if port is not None:
                found[f"c_m_axi_{side}_data_width"] = port.width_bits
                found[f"c_{stream}_{side}_tdata_width"] = port.width_bits
                found[f"c_{side}_burst_size"] = _BURST_BEATS
                found[f"c_include_{side}_dre"] = 0
        return _configuration(found)


@dataclass(frozen=True)
class Master:
    """What reads or writes memory: a port, and its address space."""

    port: str
    space: str


@dataclass(frozen=True)
class Connection:
    """A stream from one pin to another."""

    source: str
    sink: str


@dataclass(frozen=True)
class RegisterBlock:
    """A block of registers: the port, its segment, where it stands and how large it is."""

    port: str
    segment: str
    offset: str
    bytes: str


@dataclass(frozen=True)
class Overlay:
    """The block design of a core on a board.

    Args:
        core: its name.
        board, own: the board, and its processing system.
        system: that kind of processing system.
        pynq: what runs on it.
        memory_width: of the port to memory, in bits.
        dmas: in order.
    """

    core: str
    board: Board
    own: BoardSystem
    system: ProcessingSystem
    pynq: PynqSystem
    memory_width: int
    dmas: tuple[Dma, ...]

    @property
    def core_ip(self) -> str:
        """What the core is found by in Vivado's catalog."""
        return core_ip(self.core)

    @property
    def design(self) -> str:
        """The name of the block design."""
        return f"{self.core}_overlay"

    @property
    def any_board_part(self) -> str:
        """The board's files of any version."""
        assert self.board.board_part is not None  # as Board has it
        return self.board.board_part.rpartition(":")[0] + ":*"

    @property
    def vivado(self) -> str:
        """The oldest version that has the board."""
        return self.own.vivado

    @property
    def clock_mhz(self) -> str:
        """Of everything."""
        return f"{self.board.clock_mhz:g}"

    @property
    def options(self) -> str:
        """Of the automation that sets the processing system up for the board."""
        return " ".join(f'{name} "{value}"' for name, value in self.system.options.items())

    @property
    def system_properties(self) -> str:
        """Of the processing system, its clock to the last digit."""
        settings: dict[str, object] = {
            **self.system.properties,
            self.system.clock.property: str(self.board.clock_mhz).removesuffix(".0"),
            self.system.memory.width_property: self.memory_width,
        }
        return _configuration(settings)

    @property
    def low_bytes(self) -> str:
        """Of memory, from address 0 on."""
        return f"{self.own.low_memory_mib << 20:#010x}"

    @property
    def clocked(self) -> list[str]:
        """The pins that the clock drives."""
        ports = (self.system.control, self.system.memory)
        ends = [*(f"ps/{port.clock}" for port in ports), "reset/slowest_sync_clk"]
        ends += ["control/aclk", "memory/aclk", f"{self.core}_0/aclk"]
        for dma in self.dmas:
            ends.append(f"{dma.name}/s_axi_lite_aclk")
            ends += [f"{dma.name}/m_axi_{side}_aclk" for side in dma.sides]
        return ends

    @property
    def reset(self) -> list[str]:
        """The pins that the reset drives."""
        return [f"{self.core}_0/aresetn", *(f"{dma.name}/axi_resetn" for dma in self.dmas)]

    @property
    def masters(self) -> list[Master]:
        """Of memory."""
        sides = ((dma.name, side.upper()) for dma in self.dmas for side in dma.sides)
        return [Master(f"{name}/M_AXI_{side}", f"{name}/Data_{side}") for name, side in sides]

    @property
    def streams(self) -> list[Connection]:
        """Between DMAs and core."""
        found, core = [], f"{self.core}_0"
        for dma in self.dmas:
            if dma.source is not None:
                port = f"{core}/{dma.source.stream.name}"
                found.append(Connection(f"{dma.name}/M_AXIS_MM2S", port))
            if dma.sink is not None:
                port = f"{core}/{dma.sink.stream.name}"
                found.append(Connection(port, f"{dma.name}/S_AXIS_S2MM"))
        return found

    @property
    def registers(self) -> list[RegisterBlock]:
        """Those of the core, then each DMA's."""
        port = f"{self.core}_0/{CONTROL}"
        found = [(port, f"{port}/reg0", 1 << registers.ADDRESS_BITS)]
        lites = (f"{dma.name}/S_AXI_LITE" for dma in self.dmas)
        found += [(lite, f"{lite}/Reg", _SLOT) for lite in lites]
        base = self.system.control.base
        return [
            RegisterBlock(port, segment, f"{base + k * _SLOT:#010x}", f"{size:#x}")
            for k, (port, segment, size) in enumerate(found)
        ]


def overlay(design: Design, own: BoardSystem) -> Overlay:
    """The block design of a core on its board, whose processing system is given. DMA k carries
    input k and output k, as far as there are.
    """
    inputs, outputs = design.inputs, design.outputs
    system = boards.processing_system(own.type)
    memory = system.memory
    return Overlay(
        core=design.graph.name,
        board=design.board,
        own=own,
        system=system,
        pynq=boards.pynq_system(own.pynq),
        memory_width=min(inputs[0].width_bits, max(memory.widths)),
        dmas=tuple(
            Dma(
                number=k,
                source=inputs[k] if k < len(inputs) else None,
                sink=outputs[k] if k < len(outputs) else None,
                address_bits=memory.address_bits,
            )
            for k in range(max(len(inputs), len(outputs)))
        ),
    )


def _configuration(settings: Mapping[str, object]) -> str:
    """Properties of a cell as Vivado takes them."""
    return " ".join(f"CONFIG.{name} {value}" for name, value in settings.items())
