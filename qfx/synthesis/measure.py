"""The verb: measure what a project takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

from qfx.errors import ArgumentError, require_whole
from qfx.progress import Steps
from qfx.project import Project
from qfx.project.findings import Measured, Measurements, state_of
from qfx.synthesis import amd, yosys
from qfx.synthesis.measured import Synthesis

Tool = Literal["yosys", "vivado", "vitis"]
TOOLS: tuple[Tool, ...] = get_args(Tool)

_RUN: dict[Tool, Callable[[Project, Steps, int | None], Synthesis]] = {
    "yosys": yosys.run,
    "vivado": lambda project, progress, _: amd.run_vivado(project, progress),
    "vitis": lambda project, progress, _: amd.run_vitis(project, progress),
}


def synth(
    project: Project | str | Path,
    progress: Steps = lambda step, done, of: None,
    tool: Tool = "yosys",
    jobs: int | None = None,
) -> Synthesis:
    """Measure what a project takes: LUTs, flip-flops, DSP slices, block RAMs.

    What a tool found once is kept, by a hash of what it read and its version, in the folder
    $QFX_CACHE or the user's cache folder; the figures also in the project's synthesis.json, for the
    report.

    Args:
        project: a project folder, or what `qfx.export` returned.
        progress: told what begins, in a few words, and so many stages done of all.
        tool: "yosys" builds the Verilog stage by stage, and neither places nor routes; AMD's own,
            where they are on PATH: "vivado" places and routes the Verilog out of context, "vitis"
            schedules the C++ and estimates.
        jobs: stages that Yosys builds at a time; None takes one for each CPU.

    Raises:
        ProjectError: not a project folder.
        ToolMissing: the tool is not on PATH.
        SynthesisError: the tool does not know the part, or could not build the design, or what it
            wrote is no report.
        ArgumentError: no such tool; or jobs below 1, or for another tool than Yosys.
    """
    if not isinstance(tool, str) or tool not in _RUN:
        raise ArgumentError(f"tool {tool!r} is unknown: use one of {', '.join(TOOLS)}")
    if jobs is not None and tool != "yosys":
        raise ArgumentError(f"jobs are for Yosys, which builds stage by stage, not for {tool}")
    if jobs is not None:
        require_whole("jobs", jobs)
    if jobs is not None and jobs < 1:
        raise ArgumentError(f"jobs must be at least 1, not {jobs}")
    project = Project.open(project)
    state = state_of(project)
    result = _RUN[tool](project, progress, jobs)
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
    )
    by_label = (before.by_label if before else {}) | {result.label: measured}
    Measurements(state=state, by_label=by_label).keep(result.project)
