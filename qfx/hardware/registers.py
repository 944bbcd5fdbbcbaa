"""The core's AXI4-Lite registers: what each is called, where it stands, what it says.

32 bits each, on multiples of 8 from 0x10 on, which Vitis HLS can give its own registers too (UG1399
on s_axilite); counters wrap. The Verilog, the kernel's pragmas, the driver and the docs follow this
page.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

ID = 0x51465820  # "QFX "
MAP_VERSION = 1
ADDRESS_BITS = 12
HASH_WORDS = 8
PORT_STRIDE = 0x20
BUSY = 1  # of status
MOST_PORTS = 8  # of a direction
RESET_CYCLES = 16  # of control.reset: as long as AMD asks a reset of AXI to be held (UG1037)


class Feature(IntFlag):
    """What a core can do that not every core can."""

    RESET = 1  # control.reset
    COUNTERS = 2  # the counters of each port, status, control.clear
    PACKETS = 4  # frames_per_packet


class Control(IntFlag):
    """What writing `control` asks for; reading it says what is still going on."""

    RESET = 1  # of the core, as by aresetn, but not of these registers
    CLEAR = 2  # of the counters


@dataclass(frozen=True)
class Register:
    """A register.

    Args:
        name: of it.
        offset: bytes from the core's base address.
        writable: whether it takes what is written.
        feature: without which it reads 0; None where every core has it.
        meaning: for the reader of a table.
    """

    name: str
    offset: int
    writable: bool
    feature: Feature | None
    meaning: str


REGISTERS = (
    Register("id", 0x10, False, None, f"{ID:#x}: this is a core of QFX"),
    Register("version", 0x18, False, None, f"of this map: {MAP_VERSION}"),
    Register("features", 0x20, False, None, "bits: 0 reset, 1 counters, 2 packets"),
    Register("control", 0x28, True, Feature.RESET, "bits: 0 reset the core, 1 clear counters"),
    Register("status", 0x30, False, Feature.COUNTERS, "bit 0: part of a frame is inside"),
    Register("frames", 0x38, False, None, "that have left, by the first output"),
    Register(
        "frames_per_packet", 0x80, True, Feature.PACKETS, "frames from one TLAST to the next; 1"
    ),
)
GRAPH_SHA256 = tuple(
    Register(
        f"graph_sha256_{i}",
        0x40 + 8 * i,
        False,
        None,
        f"hexadecimal digits {8 * i} to "
        f"{8 * i + 7} of the graph's hash, the first the most significant",
    )
    for i in range(HASH_WORDS)
)
INPUT_PORTS, OUTPUT_PORTS = 0x100, 0x200  # bytes, + PORT_STRIDE for each port
PORT_COUNTERS = (
    Register("frames", 0x00, False, Feature.COUNTERS, "that have passed whole"),
    Register("stalled", 0x08, False, Feature.COUNTERS, "cycles with TVALID and no TREADY"),
    Register("starved", 0x10, False, Feature.COUNTERS, "cycles with TREADY and no TVALID"),
)


def ip_module(name: str) -> str:
    """The module that joins these registers to the core of a design of that name."""
    return f"{name}_ip"


def hash_words(sha256: str) -> tuple[int, ...]:
    """The registers' words of a hexadecimal sha256."""
    return tuple(int(sha256[8 * i : 8 * i + 8], 16) for i in range(HASH_WORDS))
