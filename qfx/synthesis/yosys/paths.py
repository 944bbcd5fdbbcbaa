"""Which outputs of a module hang on an input within the cycle, through no register, as Yosys sees.

AXI forbids them at an interface (IHI 0022, "Clock"): blocks that had some could make a loop, one
after the other, or a path across the chip.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from qfx import tools
from qfx.disk.scratch import scratch
from qfx.hardware.registers import ip_module
from qfx.project import Project

_REGISTER = re.compile(
    r"\$(_(AL|S)?DFF|(a|al|s)?dff)"
)  # Yosys' cells; a latch is none, it lets through
_Bit = int | str  # a net's number, or a constant


def paths_through_ports(project: Project) -> list[tuple[str, str]]:
    """Find pairs of an input and an output of the IP with a path through no register; none is
    right.

    The core counts as if it led from every input of its to every output, so what is found free of
    paths is so whatever the core is.

    Raises:
        ToolMissing, ToolFailed: Yosys.
    """
    source = project.path / "verilog" / "src"
    name = project.manifest.name
    library = [source / f"qfx_{part}.sv" for part in ("control", "port_in", "port_out", "fifo")]
    ip = ip_module(name)
    return paths(ip, [*library, source / f"{ip}.v"], boxes=[source / f"{name}.sv"])


def paths(top: str, sources: Iterable[Path], boxes: Sequence[Path] = ()) -> list[tuple[str, str]]:
    """Find pairs of an input and an output of a module with a path through no register.

    Args:
        top: the module.
        sources: Verilog of it and of what it is made of.
        boxes: Verilog of modules that count as if all their outputs hung on all their inputs.

    Raises:
        ToolMissing, ToolFailed: Yosys.
    """
    with scratch("paths") as folder:
        netlist = Path(folder) / "netlist.json"
        script = (
            *(f'read_verilog -sv -lib "{box}"' for box in boxes),
            *(f'read_verilog -sv "{file}"' for file in sources),
            f"hierarchy -check -top {top}",
            "proc",
            "flatten",
            "opt_clean",
            "simplemap",
            f'write_json "{netlist}"',
        )
        tools.run("yosys", "-q", "-p", "; ".join(script))
        module = json.loads(netlist.read_text())["modules"][top]
    ports = module["ports"]
    fed = _fed(module["cells"].values())
    ends = {
        bit: name
        for name, port in ports.items()
        if port["direction"] == "output"
        for bit in port["bits"]
    }
    found = {
        (name, ends[bit])
        for name, port in ports.items()
        if port["direction"] == "input"
        for bit in _reached(port["bits"], fed)
        if bit in ends
    }
    return sorted(found)


def _fed(cells: Iterable[dict[str, Any]]) -> dict[_Bit, set[_Bit]]:
    """The nets that each net feeds through one cell that is no register."""
    fed: dict[_Bit, set[_Bit]] = defaultdict(set)
    for cell in cells:
        if _REGISTER.match(cell["type"]):
            continue
        sides: dict[str, list[_Bit]] = {"input": [], "output": []}
        for port, bits in cell["connections"].items():
            sides[cell["port_directions"][port]] += bits
        for bit in sides["input"]:
            fed[bit].update(sides["output"])
    return fed


def _reached(start: Iterable[_Bit], fed: dict[_Bit, set[_Bit]]) -> set[_Bit]:
    """What hangs on some nets within the cycle, themselves among it; constants carry nothing."""
    waiting: list[_Bit] = [bit for bit in start if isinstance(bit, int)]
    seen: set[_Bit] = set(waiting)
    while waiting:
        new = {bit for bit in fed.get(waiting.pop(), ()) if isinstance(bit, int)} - seen
        seen |= new
        waiting += new
    return seen
