"""What nextpnr says of a routed design: report.json, its clock and its longest path."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qfx.project.findings import Route, TimedPath
from qfx.synthesis.measured import SynthesisError
from qfx.synthesis.nextpnr.family import Family
from qfx.synthesis.nextpnr.netlist import PORT

Namer = Callable[[str], str]  # what is said of a cell or net, by its name


def read_route(path: Path, seed: int, family: Family, stage_of: Namer, told: Namer) -> Route:
    """Read the clock and the longest path between two registers.

    Args:
        path: of the report.
        seed: it was placed with.
        family: of parts.
        stage_of: names the stage of a cell or net; empty where it is of none.
        told: what a register is called in the design.

    Raises:
        SynthesisError: it is missing, or of another kind.
    """
    try:
        report = json.loads(path.read_text())
        clocks = report["fmax"]
        achieved = {name: float(clock["achieved"]) for name, clock in clocks.items()}
        slowest = min(achieved, key=lambda name: achieved[name])
        edge = f"posedge {slowest}"
        (steps,) = (p["path"] for p in report["critical_paths"] if p["from"] == p["to"] == edge)
        return Route(
            seed=seed,
            fmax_mhz=round(achieved[slowest], 2),
            path=_path(steps, family, stage_of, told),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SynthesisError(
            f"{path} is no report of nextpnr with one clock and its longest path ({error!r}): run"
            " the tool again, by the version that qfx[open] brings"
        ) from error


def _path(steps: list[dict[str, Any]], family: Family, stage_of: Namer, told: Namer) -> TimedPath:
    routing = sum(step["delay"] for step in steps if step["type"] == "routing")
    logic = sum(step["delay"] for step in steps if step["type"] != "routing")
    named = [name for step in steps for name in _names(step)]
    passed = [stage for stage in map(stage_of, named) if stage]
    through = list(dict.fromkeys(passed))
    levels = sum(
        step["type"] == "logic" and step["from"]["port"] not in family.wired for step in steps
    )
    return TimedPath(
        starts=told(_register(steps[0]["from"]["cell"], family)),
        ends=told(_register(steps[-1]["to"]["cell"], family)),
        stages=tuple(through),
        levels=levels,
        logic_ns=round(logic, 2),
        routing_ns=round(routing, 2),
    )


def _names(step: dict[str, Any]) -> list[str]:
    return [step["from"]["cell"], *([step["net"]] if "net" in step else []), step["to"]["cell"]]


def _register(cell: str, family: Family) -> str:
    """A register's name in the design, without what Yosys added when it was mapped to a cell."""
    if cell.startswith(PORT):
        return f"port {cell.removeprefix(PORT)}"
    for counted in family.counts.values():
        for mapped in counted:
            cell = cell.partition(f"_{mapped}_")[0]
    return cell
