"""The AXI4-Lite registers of the HLS kernel: those of registers.py that every core has.

The kernel runs freely (ap_ctrl_none), which leaves s_axilite to scalars (UG1393, "Coding Guidelines
for Free-Running Kernels"). Vitis puts behind each a register of its own, which says whether it was
written; none resets the kernel. 0x10 and 0x18 are ours as long as nothing restarts the kernel a
counted number of times (UG1399, "S_AXILITE Control Register Map").
"""

from __future__ import annotations

from typing import Any

from qfx.hardware import Design, registers
from qfx.hardware.registers import Register
from qfx.ir import file as graph_file

FRAMES = "qfx_frames"


def every_core_has() -> list[Register]:
    """In the order of the kernel's arguments."""
    return [r for r in (*registers.REGISTERS, *registers.GRAPH_SHA256) if r.feature is None]


def kernel_registers(design: Design) -> list[dict[str, Any]]:
    """Name, offset and what it always says; None for what is counted."""
    words = registers.hash_words(graph_file.sha256(design.graph))
    constants = dict(zip((r.name for r in registers.GRAPH_SHA256), words, strict=True))
    constants |= {"id": registers.ID, "version": registers.MAP_VERSION, "features": 0}
    return [
        {
            "name": f"qfx_{r.name}",
            "offset": f"{r.offset:#x}",
            "value": None if r.name == "frames" else f"0x{constants[r.name]:08x}",
        }
        for r in every_core_has()
    ]


def identity(design: Design) -> str:
    """The call that says what the kernel is."""
    fixed = [r for r in kernel_registers(design) if r["value"] is not None]
    values, names = ([r[key] for r in fixed] for key in ("value", "name"))
    return f"qfx::identify<{', '.join(values)}>({', '.join(names)});"
