"""The core as an IP: the plain Verilog module NAME_ip, which joins the core, its ports' queues and
its registers.
"""

from __future__ import annotations

from dataclasses import dataclass

from qfx.backends.netlist import Bus
from qfx.backends.verilog.templates import render
from qfx.hardware import Design, registers
from qfx.hardware.registers import Control, Feature
from qfx.ir import file as graph_file
from qfx.project.folder import ProjectError

_FEATURES = Feature.RESET | Feature.COUNTERS | Feature.PACKETS
_HANDSHAKE = {"valid": 1, "ready": 1}
_CHANNELS = {  # of AXI4-Lite: what the master sends, then what it is sent
    "aw": {"addr": registers.ADDRESS_BITS},
    "w": {"data": 32, "strb": 4},
    "b": {"resp": 2},
    "ar": {"addr": registers.ADDRESS_BITS},
    "r": {"data": 32, "resp": 2},
}
_ANSWERS = ("b", "r")


def module(design: Design) -> str:
    """The text of the IP's module.

    Raises:
        ProjectError: more ports than the registers have room for.
    """
    ports = {"inputs": design.inputs, "outputs": design.outputs}
    for side, found in ports.items():
        if len(found) > registers.MOST_PORTS:
            raise ProjectError(
                f"{design.graph.name} has {len(found)} {side}, and the core's registers have room"
                f" for {registers.MOST_PORTS}: join some to one tensor"
            )
    return render(
        "ip.v.j2",
        name=design.graph.name,
        inputs=[Bus.of(port) for port in design.inputs],
        outputs=[Bus.of(port) for port in design.outputs],
        address_bits=registers.ADDRESS_BITS,
        lite=lite_wires(),
        parameters=_parameters(design),
    )


@dataclass(frozen=True)
class LiteWire:
    """A wire of AXI4-Lite.

    Args:
        name: of it, without the port's.
        bits: of it.
        given: whether the master drives it.
    """

    name: str
    bits: int
    given: bool


def lite_wires() -> list[LiteWire]:
    """The wires of AXI4-Lite, without AWPROT and ARPROT, which no register heeds."""
    return [
        LiteWire(channel + name, bits, given=(channel in _ANSWERS) == (name == "ready"))
        for channel, payload in _CHANNELS.items()
        for name, bits in {**payload, **_HANDSHAKE}.items()
    ]


def _parameters(design: Design) -> dict[str, int | str]:
    """Of qfx_control."""
    at = {f"AT_{r.name.upper()}": r.offset for r in registers.REGISTERS}
    counters = {f"PORT_{r.name.upper()}": r.offset for r in registers.PORT_COUNTERS}
    first, second = registers.GRAPH_SHA256[:2]
    return {
        "INPUTS": len(design.inputs),
        "OUTPUTS": len(design.outputs),
        "RESET_CYCLES": registers.RESET_CYCLES,
        "ID": f"32'h{registers.ID:08x}",
        "VERSION": registers.MAP_VERSION,
        "FEATURES": int(_FEATURES),
        "GRAPH_SHA256": f"256'h{graph_file.sha256(design.graph)}",
        "CONTROL_RESET": int(Control.RESET),
        "CONTROL_CLEAR": int(Control.CLEAR),
        "ADDRESS_BITS": registers.ADDRESS_BITS,
        **at,
        "AT_GRAPH_SHA256": first.offset,
        "HASH_STRIDE": second.offset - first.offset,
        "AT_INPUTS": registers.INPUT_PORTS,
        "AT_OUTPUTS": registers.OUTPUT_PORTS,
        "PORT_STRIDE": registers.PORT_STRIDE,
        **counters,
    }
