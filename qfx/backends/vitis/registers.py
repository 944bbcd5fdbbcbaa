"""The AXI4-Lite registers of the HLS kernel: those of hardware/registers.py that every core has.

The kernel runs freely (ap_ctrl_none), which leaves s_axilite to scalars (UG1393, "Coding Guidelines
for Free-Running Kernels"). Vitis puts behind each a register of its own, which says whether it was
written; none resets the kernel. 0x10 and 0x18 are ours as long as nothing restarts the kernel a
counted number of times (UG1399, "S_AXILITE Control Register Map").
"""

from __future__ import annotations

from dataclasses import dataclass

from qfx.hardware import Design, registers
from qfx.hardware.registers import Register
from qfx.ir import file as graph_file

FRAMES = "qfx_frames"


@dataclass(frozen=True)
class KernelRegister:
    """An argument of the kernel that is a register.

    Args:
        name: of the argument.
        offset: bytes from the base address, in hexadecimal.
        value: what it always says; None for what is counted.
    """

    name: str
    offset: str
    value: str | None


def every_core_has() -> list[Register]:
    """In the order of the kernel's arguments."""
    return [r for r in (*registers.REGISTERS, *registers.GRAPH_SHA256) if r.feature is None]


def kernel_registers(design: Design) -> tuple[KernelRegister, ...]:
    """The registers of a design's kernel, in the order of its arguments."""
    words = registers.hash_words(graph_file.sha256(design.graph))
    constants = dict(zip((r.name for r in registers.GRAPH_SHA256), words, strict=True))
    constants |= {"id": registers.ID, "version": registers.MAP_VERSION, "features": 0}
    return tuple(
        KernelRegister(
            name=f"qfx_{r.name}",
            offset=f"{r.offset:#x}",
            value=None if r.name == "frames" else f"0x{constants[r.name]:08x}",
        )
        for r in every_core_has()
    )


def identity(design: Design) -> str:
    """The call that says what the kernel is."""
    fixed = {r.name: r.value for r in kernel_registers(design) if r.value is not None}
    return f"qfx::identify<{', '.join(fixed.values())}>({', '.join(fixed)});"
