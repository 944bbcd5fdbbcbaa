"""The core packaged as an IP: what the script tells Vivado of its ports and registers."""

from __future__ import annotations

from dataclasses import dataclass

from qfx.backends.verilog.ip import lite_wires
from qfx.hardware import Design, registers
from qfx.hardware.registers import ip_module

VENDOR, LIBRARY, VERSION = "qfx", "user", "1.0"
CONTROL = "s_axi_control"  # the core's AXI4-Lite port
_AXI4_STREAM = ("tdata", "tkeep", "tlast", "tvalid", "tready")


@dataclass(frozen=True)
class Interface:
    """Ports of the core that belong together.

    Args:
        name: of the interface.
        ports: of the module.
        definition: what Vivado calls its kind.
        clocked: whether it goes with the clock.
    """

    name: str
    ports: tuple[str, ...]
    definition: str
    clocked: bool


@dataclass(frozen=True)
class PackagedRegister:
    """A register of the core: its offset in bytes, in hexadecimal, and what it means."""

    name: str
    offset: str
    meaning: str


@dataclass(frozen=True)
class Package:
    """The IP.

    Args:
        top: its module.
        vendor, library, version: what it is found by, together with the module's name.
        title, description: for people.
        part: of the project that packages it.
        control: the AXI4-Lite port.
        bytes: of its registers' addresses.
        interfaces, registers: of the core.
    """

    top: str
    vendor: str
    library: str
    version: str
    title: str
    description: str
    part: str
    control: str
    bytes: int
    interfaces: tuple[Interface, ...]
    registers: tuple[PackagedRegister, ...]

    @property
    def vlnv(self) -> str:
        """As Vivado writes what it is found by."""
        return f"{self.vendor}:{self.library}:{self.top}:{self.version}"


def package(design: Design) -> Package:
    """The core of a design as an IP."""
    name = design.graph.name
    return Package(
        top=ip_module(name),
        vendor=VENDOR,
        library=LIBRARY,
        version=VERSION,
        title=f"{name}, a fixed-point network",
        description=f"{name}, written by QFX: {design.goal}",
        part=design.board.part,
        control=CONTROL,
        bytes=1 << registers.ADDRESS_BITS,
        interfaces=_interfaces(design),
        registers=_registers(design),
    )


def core_ip(name: str) -> str:
    """Vendor, library and name of the IP of a core of that name."""
    return f"{VENDOR}:{LIBRARY}:{ip_module(name)}"


def _interfaces(design: Design) -> tuple[Interface, ...]:
    buses = {CONTROL: ("aximm", tuple(wire.name for wire in lite_wires()))}
    buses |= {p.stream.name: ("axis", _AXI4_STREAM) for p in (*design.inputs, *design.outputs)}
    found = [
        Interface(
            name=name,
            ports=tuple(f"{name}_{signal}" for signal in signals),
            definition=f"xilinx.com:interface:{kind}_rtl:1.0",
            clocked=True,
        )
        for name, (kind, signals) in buses.items()
    ]
    for signal, kind in (("aclk", "clock"), ("aresetn", "reset")):
        definition = f"xilinx.com:signal:{kind}_rtl:1.0"
        found.append(Interface(signal, (signal,), definition, clocked=False))
    return tuple(found)


def _registers(design: Design) -> tuple[PackagedRegister, ...]:
    found = [(r.name, r.offset, r.meaning) for r in (*registers.REGISTERS, *registers.GRAPH_SHA256)]
    for side, first, ports in (
        ("input", registers.INPUT_PORTS, design.inputs),
        ("output", registers.OUTPUT_PORTS, design.outputs),
    ):
        for k in range(len(ports)):
            for r in registers.PORT_COUNTERS:
                offset = first + k * registers.PORT_STRIDE + r.offset
                found.append((f"{side}_{k}_{r.name}", offset, r.meaning))
    return tuple(PackagedRegister(n, f"{at:#05x}", meaning) for n, at, meaning in found)
