"""The verb: measure what a project takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

from qfx.errors import ArgumentError, require_whole
from qfx.progress import Steps
from qfx.project import Project
from qfx.project.findings import Measured, Measurements, state_of
from qfx.synthesis import amd, nextpnr, yosys
from qfx.synthesis.measured import Synthesis

Tool = Literal["yosys", "nextpnr", "vivado", "vitis"]
TOOLS: tuple[Tool, ...] = get_args(Tool)
# Each with what else may be said of its runs: jobs at a time, seeds.
_RUN: dict[Tool, tuple[Callable[..., Synthesis], frozenset[str]]] = {
    "yosys": (yosys.run, frozenset({"jobs"})),
    "nextpnr": (nextpnr.run, frozenset({"jobs", "seeds"})),
    "vivado": (amd.run_vivado, frozenset()),
    "vitis": (amd.run_vitis, frozenset()),
}
_MEANT = {  # whom else's runs are told, and why
    "jobs": "jobs are for Yosys and nextpnr, which build stage by stage",
    "seeds": "seeds are for nextpnr, which places from each of them",
}


def synth(
    project: Project | str | Path,
    progress: Steps = lambda step, done, of: None,
    tool: Tool = "yosys",
    jobs: int | None = None,
    seeds: int | None = None,
) -> Synthesis:
    """Measure what a project takes: LUTs, flip-flops, DSP slices, block RAMs; and its clock.

    What a tool found once is kept, by a hash of what it read and its version, in the folder
    $QFX_CACHE or the user's cache folder; the figures also in the project's synthesis.json, for the
    report.

    Args:
        project: a project folder, or what `qfx.export` returned.
        progress: told what begins, in a few words, and so many stages done of all.
        tool: "yosys" builds the Verilog stage by stage, and neither places nor routes; "nextpnr",
            of the extra qfx[open], places and routes it and each stage alone, out of context, on a
            Lattice ECP5, whatever the project's part; AMD's own, where they are on PATH: "vivado"
            places and routes the Verilog out of context, "vitis" schedules the C++ and estimates.
        jobs: runs of Yosys or nextpnr at a time; None takes one for each CPU.
        seeds: placements by nextpnr, whose clocks differ by some percent; None takes 3.

    Raises:
        ProjectError: not a project folder.
        ToolMissing: the tool is not on PATH.
        PackageMissing: qfx[open] is not installed.
        SynthesisError: the tool does not know the part, or could not build the design, or what it
            wrote is no report.
        ArgumentError: no such tool; or jobs or seeds below 1, or for a tool that takes none.
    """
    if not isinstance(tool, str) or tool not in _RUN:
        raise ArgumentError(f"tool {tool!r} is unknown: use one of {', '.join(TOOLS)}")
    run, takes = _RUN[tool]
    asked = {"jobs": jobs, "seeds": seeds}
    for name, value in asked.items():
        if value is not None and name not in takes:
            raise ArgumentError(f"{_MEANT[name]}, not for {tool}")
        if value is not None:
            require_whole(name, value)
        if value is not None and value < 1:
            raise ArgumentError(f"{name} must be at least 1, not {value}")
    project = Project.open(project)
    state = state_of(project)
    result = run(project, progress, **{name: asked[name] for name in takes})
    _keep(result, state)
    return result


def _keep(result: Synthesis, state: str) -> None:
    """Put it beside what other tools found of the same folder."""
    before = Measurements.read(result.project, state)
    measured = Measured(
        label=result.label,
        tool=result.tool,
        target=result.target,
        resources=result.resources,
        stages={stage.stage: stage.resources for stage in result.stages},
        promise=result.verdict(),
        kept=result.kept,
        fmax_mhz=result.fmax_mhz,
        routing=result.routing,
    )
    by_label = (before.by_label if before else {}) | {result.label: measured}
    Measurements(state=state, by_label=by_label).keep(result.project)
