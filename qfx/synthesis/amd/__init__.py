"""AMD's own tools, where they are on PATH: the project's scripts run in a copy of it, their reports
read.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from qfx import boards, tools
from qfx.boards import Board, BoardError, Resources
from qfx.cache import build_once, kept
from qfx.disk.scratch import scratch
from qfx.progress import Steps
from qfx.project import Project, vitis_scripts
from qfx.synthesis.amd.csynth import read_csynth
from qfx.synthesis.amd.vivado_report import (
    Utilization,
    read_hierarchy,
    read_timing,
    read_utilization,
)
from qfx.synthesis.measured import (
    StageSynthesis,
    Synthesis,
    SynthesisError,
    changed_sources,
)
from qfx.synthesis.yosys.split import owner

VIVADO = ("vivado", "-mode", "batch", "-nojournal", "-nolog", "-source")  # and a script
_REPORTS = ("utilization.rpt", "hierarchy.rpt", "timing.rpt")
# What a tool says it begins; after "QFX: " our own scripts.
_TOLD = re.compile(r"QFX: (.*)|(?:INFO: \[\S+ \S+\] )?((?:Starting|Phase [\d.]+) .*?)(?: \||$)")


def run_vivado(project: Project, progress: Steps) -> Synthesis:
    """Place and route the design out of context: no board's wires, no pins.

    Raises:
        ToolMissing, SynthesisError: as `qfx.synth`.
    """
    begun, name = time.perf_counter(), project.manifest.name
    folder, built = _reports(
        project, "verilog", (*VIVADO, "vivado.tcl"), {r: r for r in _REPORTS}, progress
    )
    whole = read_utilization(folder / "utilization.rpt")
    stages = _by_stage(project, read_hierarchy(folder / "hierarchy.rpt"))
    found = sum((stage.resources for stage in stages), Resources())
    if (found.dsps, found.bram_18k) != (whole.resources.dsps, whole.resources.bram_18k):
        raise SynthesisError(
            f"Vivado's reports disagree: {whole.resources.dsps:,} DSP and"
            f" {whole.resources.bram_18k:,} RAMB18 in all, {found.dsps:,} and {found.bram_18k:,} in"
            f" the instances of {name}: run the tool again"
        )
    return Synthesis(
        project=project,
        tool=title("vivado"),
        label="vivado OOC",
        target=project.manifest.part,
        stages=stages,
        built=len(stages) if built else 0,
        seconds=time.perf_counter() - begun,
        whole=whole.resources,
        clock=read_timing(folder / "timing.rpt", "aclk"),
    )


def run_vitis(project: Project, progress: Steps) -> Synthesis:
    """Schedule the C++ and estimate what it takes, which csynth does before anything is placed.

    Raises:
        ToolMissing, SynthesisError: as `qfx.synth`.
    """
    begun, name = time.perf_counter(), project.manifest.name
    command = vitis_scripts.tool()
    (arguments,) = vitis_scripts.runs(command, "csynth")
    reports = {"csynth.xml": vitis_scripts.REPORTS[command]}
    folder, built = _reports(project, "vitis", arguments, reports, progress)
    found = read_csynth(folder / "csynth.xml", name)
    return Synthesis(
        project=project,
        tool=title(command),
        label="csynth",
        target=project.manifest.part,
        stages=(StageSynthesis(name, found.resources, 0, 0),),
        built=int(built),
        seconds=time.perf_counter() - begun,
        clock=found.clock,
        interval=found.interval,
    )


def board_of(project: Project, given: Board | None) -> Board:
    """Return the board that a project was exported for.

    Args:
        project: of it.
        given: where it is one of your own; None: the one that came with qfx.

    Raises:
        BoardError: none came with qfx by that name, or the one given is another.
    """
    manifest = project.manifest
    board = given or boards.load(manifest.board)
    if (board.name, board.part) != (manifest.board, manifest.part):
        raise BoardError(
            f"{manifest.name} was exported for the board {manifest.board} ({manifest.part}), not"
            f" for {board.name} ({board.part}): give that board's file, or export again"
        )
    return board


def title(command: str) -> str:
    """Name a tool by its name and version."""
    return f"{tools.TOOLS[command].title} {tools.TOOLS[command].version() or 'of no version'}"


def _reports(
    project: Project,
    language: str,
    arguments: tuple[str, ...],
    reports: Mapping[str, str],
    progress: Steps,
) -> tuple[Path, bool]:
    """The folder of the reports, and whether they were made now.

    Args:
        project: whose sources are built.
        language: the folder of the project that is copied and run in.
        arguments: the tool and what it is told.
        reports: where the tool writes each, by its name.
        progress: told what the tool begins.
    """
    tools.require(arguments[0])
    sources = project.path / language
    read = [
        path
        for path in sorted(sources.rglob("*"))
        if path.suffix in _READ and not {"sim", *MADE} & set(path.relative_to(sources).parts)
    ]
    keys: list[str | Path] = [title(arguments[0]), " ".join(arguments), *read]
    known = kept(language, keys) is not None

    def build(target: Path) -> None:
        with scratch(f"{language}") as folder:
            work = Path(folder) / language
            shutil.copytree(sources, work, ignore=shutil.ignore_patterns(*MADE))
            run_tool(
                project, language, work, arguments, progress, vitis_scripts.environment("csynth")
            )
            for name, report in reports.items():
                if not (work / report).is_file():
                    raise SynthesisError(
                        f"{arguments[0]} ended well and wrote no {report}: run"
                        f" {' '.join(arguments)} in {sources} and read what it says"
                    )
                shutil.copyfile(work / report, target / name)

    return build_once(language, keys, build), not known


# What the tools make in a project's folders, which is none of its sources.
MADE = (
    "ip",
    "package_project",
    "vivado_project",
    "vitis_project",
    "work",
    "build_config.cfg",
    ".Xil",
)
_READ = {".sv", ".xdc", ".tcl", ".hpp", ".cpp", ".h", ".cfg"}  # what the tools read


def run_tool(
    project: Project,
    language: str,
    work: Path,
    arguments: tuple[str, ...],
    progress: Steps,
    environment: Mapping[str, str],
) -> None:
    """Run one of AMD's tools on a script of the project.

    Args:
        project: it is of.
        language: the folder of the project that it reads.
        work: the folder it runs in.
        arguments: the tool and what it is told.
        progress: told what the tool begins.
        environment: variables it is given beside ours.

    Raises:
        ToolMissing: it is not on PATH.
        SynthesisError: it ended with an error; the first it told, and what changed since export.
    """
    errors = list[str]()

    def heard(line: str) -> None:
        told = _TOLD.match(line)
        if told:
            progress(told[1] or told[2], 0, 0)
        if line.startswith(("ERROR", "CRITICAL ERROR")):
            errors.append(line)

    progress("starting", 0, 0)
    try:
        tools.watch([tools.Job(arguments, work, heard, environment=environment)])
    except tools.ToolFailed as error:
        changed = changed_sources(project, f"{language}/")
        cause = (
            f" (changed since export: {', '.join(changed[:3])}; export again)" if changed else ""
        )
        first = (errors or _cause(str(error)))[0]
        raise SynthesisError(
            f"{arguments[0]} cannot build {project.manifest.name}: {first}{cause}"
        ) from error


def _cause(said: str) -> list[str]:
    """The error of a script, which stands before where it stands; else the last line."""
    lines = said.splitlines()
    before = [line for line, after in pairwise(lines) if "while executing" in after]
    return before or lines[-1:]


def _by_stage(project: Project, instances: Mapping[str, Utilization]) -> tuple[StageSynthesis, ...]:
    """The instances of the top by their stages, ROMs with the stage they stand beside."""
    top = project.manifest.name
    names = [*(stage.name for stage in project.manifest.stages), top]
    taken: dict[str, list[Utilization]] = {name: [] for name in names}
    for instance, found in instances.items():
        taken[owner(project, instance) or top].append(found)
    return tuple(
        StageSynthesis(
            stage=name,
            resources=sum((each.resources for each in found), Resources()),
            memory_luts=sum(each.memory_luts for each in found),
            shift_luts=sum(each.shift_luts for each in found),
        )
        for name, found in taken.items()
    )
