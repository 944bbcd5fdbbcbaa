"""Queues are as deep as the design says: a shallower one may go unnoticed until a board stalls."""

from __future__ import annotations

import re

from qfx.hardware.channels import channels_of
from qfx.project import Project
from qfx.project.kernel_text import DEPTH
from qfx.simulation.outcome import SimulationError

_QUEUE = re.compile(r"\bqfx_fifo(?:_block)? #\(([^;]*?)\) u_(\w+) \(")
_DEPTH = re.compile(r"\.DEPTH\((\d+)\)")


def check_rtl(project: Project) -> None:
    """Raises SimulationError where a queue of the top level is not as deep as the manifest says."""
    name = project.manifest.name
    text = (project.path / "verilog" / "src" / f"{name}.sv").read_text()
    found = {queue: _DEPTH.findall(given) for given, queue in _QUEUE.findall(text)}
    for stage in project.manifest.stages:
        if stage.queue_depth is not None:
            _require(f"RTL of {name}", stage.name, found.get(stage.name), stage.queue_depth)


def check_cpp(project: Project) -> None:
    """Raises SimulationError where a stream of the C++ is not as deep as the design's."""
    name = project.manifest.name
    text = (project.path / "vitis" / "src" / f"{name}.cpp").read_text()
    found = {stream: [depth] for stream, depth in DEPTH.findall(text)}
    for channel in channels_of(project.stages()):
        _require(f"C++ of {name}", channel.name, found.get(channel.name), channel.depth)


def _require(where: str, queue: str, found: list[str] | None, depth: int) -> None:
    if found != [str(depth)]:
        says = f"holds {found[0]} beats" if found else "is not declared"
        raise SimulationError(f"{where}: {queue} {says}, {depth} are designed")
