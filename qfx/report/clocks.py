"""What is shown of a design that was placed and routed from several seeds: clocks and paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.table import Table

from qfx.project.findings import Routed, Routing, TimedPath
from qfx.project.manifest import Manifest
from qfx.report.tables import table
from qfx.synthesis import Synthesis


@dataclass(frozen=True)
class StageClock:
    """A stage alone, between registers.

    Args:
        name, layer: of the stage.
        routed: what came out.
        path: its longest over all seeds; None where nothing was routed.
    """

    name: str
    layer: str
    routed: Routed
    path: TimedPath | None

    @property
    def spread(self) -> str:
        """The least and the most of the seeds."""
        found = [route.fmax_mhz for route in self.routed.routes]
        return f"{min(found):.0f} to {max(found):.0f}" if found else "too large"


def stage_clocks(routing: Routing, manifest: Manifest) -> Iterator[StageClock]:
    """Give each stage, the slowest first, those that were not routed last."""
    layers = {stage.name: stage.layer for stage in manifest.stages}
    for name in (*routing.fmax_of_stages, *routing.stages):
        if name in layers:
            routed, layer = routing.stages[name], layers.pop(name)
            slowest = routed.slowest
            yield StageClock(name, layer, routed, slowest.path if slowest else None)


def by_stage(result: Synthesis) -> Table:
    """Each stage alone: what it takes and how fast it is."""
    assert result.routing is not None
    kinds = list(result.routing.whole.cells)
    shown = table("stage", *kinds, "levels", "MHz", "seeds", text=1)
    for stage in stage_clocks(result.routing, result.project.manifest):
        shown.add_row(
            stage.name,
            *(f"{stage.routed.cells[kind]:,}" for kind in kinds),
            "-" if stage.path is None else f"{stage.path.levels}",
            "-" if stage.routed.fmax_mhz is None else f"{stage.routed.fmax_mhz:.0f}",
            stage.spread,
        )
    return shown


def by_seed(routing: Routing) -> Table:
    """The whole design from each seed."""
    shown = table("longest path in", "seed", "MHz", "levels", "logic ns", "wires ns", text=1)
    for route in routing.whole.routes:
        path = route.path
        shown.add_row(
            told_stages(path),
            f"{route.seed}",
            f"{route.fmax_mhz:.1f}",
            f"{path.levels}",
            f"{path.logic_ns:.2f}",
            f"{path.routing_ns:.2f}",
        )
    return shown


def told_stages(path: TimedPath) -> str:
    """The stages that a path leads through."""
    return ", ".join(path.stages) or "(top level)"


def notes(result: Synthesis) -> list[str]:
    """What the tables leave out."""
    routing = result.routing
    assert routing is not None
    cells = ", ".join(f"{count:,} {kind}" for kind, count in routing.whole.cells.items() if count)
    ran = f"{result.built} runs of a tool in {result.seconds:.0f} s" if result.built else "none"
    lines = [
        f"nextpnr: by {result.tool} for {result.target}, placed and routed out of context",
        f"whole: {cells}",
        f"now: {ran}, the rest as measured before",
        "stages: each alone, between registers; levels: cells on its longest path, a chain of"
        " carries being one",
    ]
    part, device = result.project.manifest.part, routing.device.split(",")[0]
    if not part.startswith(device):
        lines.append(f"MHz: of a {device}, not of {part}")
    slowest = routing.whole.slowest
    if slowest is not None:
        lines.append(f"longest path: {slowest.path.starts} to {slowest.path.ends}")
    else:
        lines.append(f"whole: not routed, {routing.whole.refused}")
    too_large = [name for name, routed in routing.stages.items() if routed.refused]
    if too_large:
        lines.append(f"not routed alone either: {', '.join(too_large)}")
    return lines
