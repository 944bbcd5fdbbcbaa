"""The way onto a board: the core packaged as an IP, and around it a block design for Vivado.

Nothing here has been run by AMD's tools; `qfx build --dry-run` checks each command that they would
be given, see `qfx.synthesis.build`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qfx import boards
from qfx.backends.pynq import driver as pynq_driver
from qfx.backends.pynq.templates import render
from qfx.backends.verilog.ip import lite_wires
from qfx.boards import ProcessingSystem
from qfx.hardware import Design, Port, registers
from qfx.hardware.registers import ip_module

VENDOR, LIBRARY, VERSION = "qfx", "user", "1.0"
CONTROL = "s_axi_control"  # the core's AXI4-Lite port
_AXI4_STREAM = ("tdata", "tkeep", "tlast", "tvalid", "tready")
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
    """

    number: int
    source: Port | None
    sink: Port | None

    @property
    def name(self) -> str:
        return f"axi_dma_{self.number}"


def dmas(design: Design) -> tuple[Dma, ...]:
    """DMA k carries input k and output k, as far as there are."""
    inputs, outputs = design.inputs, design.outputs
    count = max(len(inputs), len(outputs))
    return tuple(
        Dma(k, *(ports[k] if k < len(ports) else None for ports in (inputs, outputs)))
        for k in range(count)
    )


def write(design: Design, directory: Path) -> None:
    """Write the script that packages the core, and for a board with processors the pynq/ folder.

    Args:
        design: what to wire up.
        directory: the project's folder; verilog/ must exist in it.
    """
    (directory / "verilog" / "package_ip.tcl").write_text(
        render("package_ip.tcl.j2", p=_package(design))
    )
    system = design.board.processing_system
    if system is None:
        return
    folder = directory / "pynq"
    folder.mkdir()
    overlay = _overlay(design, boards.processing_system(system.type))
    for name in ("block_design.tcl", "README.md"):
        (folder / name).write_text(render(f"{name}.j2", o=overlay))
    pynq_driver.write(design, folder)


def _package(design: Design) -> dict[str, Any]:
    name = design.graph.name
    streams = [port.stream.name for port in (*design.inputs, *design.outputs)]
    interfaces = [_interface(CONTROL, "aximm", tuple(wire.name for wire in lite_wires()))]
    interfaces += [_interface(stream, "axis", _AXI4_STREAM) for stream in streams]
    for signal, kind in (("aclk", "clock"), ("aresetn", "reset")):
        definition = f"xilinx.com:signal:{kind}_rtl:1.0"
        interfaces.append(
            {"name": signal, "ports": [signal], "definition": definition, "clocked": False}
        )
    return {
        "top": ip_module(name),
        "vendor": VENDOR,
        "library": LIBRARY,
        "version": VERSION,
        "vlnv": f"{core_ip(name)}:{VERSION}",
        "title": f"{name}, a fixed-point network",
        "description": f"{name}, written by QFX: {design.goal}",
        "part": design.board.part,
        "control": CONTROL,
        "bytes": 1 << registers.ADDRESS_BITS,
        "interfaces": interfaces,
        "registers": _registers(design),
    }


def core_ip(name: str) -> str:
    """Vendor, library and name of the core's IP."""
    return f"{VENDOR}:{LIBRARY}:{ip_module(name)}"


def _interface(name: str, kind: str, signals: tuple[str, ...]) -> dict[str, Any]:
    return {
        "name": name,
        "ports": [f"{name}_{signal}" for signal in signals],
        "definition": f"xilinx.com:interface:{kind}_rtl:1.0",
        "clocked": True,
    }


def _registers(design: Design) -> list[dict[str, str]]:
    found = [(r.name, r.offset, r.meaning) for r in (*registers.REGISTERS, *registers.GRAPH_SHA256)]
    for side, first, ports in (
        ("input", registers.INPUT_PORTS, design.inputs),
        ("output", registers.OUTPUT_PORTS, design.outputs),
    ):
        for k in range(len(ports)):
            for r in registers.PORT_COUNTERS:
                offset = first + k * registers.PORT_STRIDE + r.offset
                found.append((f"{side}_{k}_{r.name}", offset, r.meaning))
    return [{"name": n, "offset": f"{at:#05x}", "meaning": m} for n, at, m in found]


def _overlay(design: Design, system: ProcessingSystem) -> dict[str, Any]:
    name, board, each = design.graph.name, design.board, dmas(design)
    own = board.processing_system
    assert own is not None
    assert board.board_part is not None  # as Board has it
    masters, streams = _masters(each), _streams(each, f"{name}_0")
    width = min(design.inputs[0].width_bits, max(system.memory.widths))
    settings: dict[str, Any] = {
        **system.properties,
        system.clock.property: str(board.clock_mhz).removesuffix(".0"),  # to the last digit
        system.memory.width_property: width,
    }
    ends = [f"ps/{system.control.clock}", f"ps/{system.memory.clock}", "reset/slowest_sync_clk"]
    ends += ["control/aclk", "memory/aclk", f"{name}_0/aclk"]
    return {
        "core": name,
        "core_ip": core_ip(name),
        "design": f"{name}_overlay",
        "board": board,
        "any_board_part": board.board_part.rpartition(":")[0] + ":*",
        "vivado": own.vivado,
        "clock_mhz": f"{board.clock_mhz:g}",
        "system": system,
        "pynq": boards.pynq_system(own.pynq),
        "options": " ".join(f'{k} "{v}"' for k, v in system.options.items()),
        "system_properties": _dict(settings),
        "dmas": [{"name": d.name, "properties": _dict(_settings(d, system))} for d in each],
        "clocked": [*ends, *(pin for d in each for pin in _clocks(d))],
        "reset": [f"{name}_0/aresetn", *(f"{d.name}/axi_resetn" for d in each)],
        "registers": _blocks(f"{name}_0", each, system.control.base),
        "masters": masters,
        "spaces": [master["space"] for master in masters],
        "streams": streams,
        "low_bytes": f"{own.low_memory_mib << 20:#010x}",
    }


def _dict(settings: dict[str, Any]) -> str:
    return " ".join(f"CONFIG.{name} {value}" for name, value in settings.items())


def _settings(dma: Dma, system: ProcessingSystem) -> dict[str, Any]:
    """The properties of an AXI DMA (PG021, "Customizing and Generating the Core")."""
    found: dict[str, Any] = {
        "c_include_sg": 0,
        "c_sg_include_stscntrl_strm": 0,
        "c_sg_length_width": _LENGTH_BITS,
        "c_addr_width": system.memory.address_bits,
    }
    for side, stream, port in (("mm2s", "m_axis", dma.source), ("s2mm", "s_axis", dma.sink)):
        found[f"c_include_{side}"] = int(port is not None)
        if port is not None:
            found[f"c_m_axi_{side}_data_width"] = port.width_bits
            found[f"c_{stream}_{side}_tdata_width"] = port.width_bits
            found[f"c_{side}_burst_size"] = _BURST_BEATS
            found[f"c_include_{side}_dre"] = 0
    return found


def _clocks(dma: Dma) -> list[str]:
    sides = [side for side, port in (("mm2s", dma.source), ("s2mm", dma.sink)) if port is not None]
    return [f"{dma.name}/s_axi_lite_aclk", *(f"{dma.name}/m_axi_{side}_aclk" for side in sides)]


def _masters(each: tuple[Dma, ...]) -> list[dict[str, str]]:
    """What reads and writes memory: the port, and its address space."""
    sides = [
        (dma.name, side)
        for dma in each
        for side, port in (("MM2S", dma.source), ("S2MM", dma.sink))
        if port is not None
    ]
    return [{"port": f"{dma}/M_AXI_{side}", "space": f"{dma}/Data_{side}"} for dma, side in sides]


def _streams(each: tuple[Dma, ...], core: str) -> list[dict[str, str]]:
    found = []
    for dma in each:
        if dma.source is not None:
            sink = f"{core}/{dma.source.stream.name}"
            found.append({"source": f"{dma.name}/M_AXIS_MM2S", "sink": sink})
        if dma.sink is not None:
            source = f"{core}/{dma.sink.stream.name}"
            found.append({"source": source, "sink": f"{dma.name}/S_AXIS_S2MM"})
    return found


def _blocks(core: str, each: tuple[Dma, ...], base: int) -> list[dict[str, str]]:
    """The blocks of registers: the port, its segment, where it stands and how large it is."""
    found = [(f"{core}/{CONTROL}", f"{core}/{CONTROL}/reg0", 1 << registers.ADDRESS_BITS)]
    found += [(f"{d.name}/S_AXI_LITE", f"{d.name}/S_AXI_LITE/Reg", _SLOT) for d in each]
    return [
        {
            "port": port,
            "segment": segment,
            "offset": f"{base + k * _SLOT:#010x}",
            "bytes": f"{n:#x}",
        }
        for k, (port, segment, n) in enumerate(found)
    ]
