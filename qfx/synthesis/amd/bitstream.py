"""The verb: build what a board is loaded with, where AMD's tools are on PATH."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from qfx import boards, tools
from qfx.boards import Board, Resources
from qfx.errors import ArgumentError
from qfx.progress import Steps
from qfx.project import Project, vitis_scripts
from qfx.shown import Shown
from qfx.synthesis import amd
from qfx.synthesis.amd.csynth import read_csynth
from qfx.synthesis.amd.vivado_report import read_timing, read_utilization, timing_met
from qfx.synthesis.measured import Clock, SynthesisError

_CONFIG = "build_config.cfg"  # hls_config.cfg, with the vectors' places
BuildTool = Literal["vivado", "vitis"]


@dataclass(frozen=True)
class Built(Shown):
    """What came out.

    Args:
        project: that was built.
        tool: its name and version.
        seconds: it took.
        files: that a board, or a block design, wants.
        resources: of all that was built, a board's block design included; None where only an IP was
            packaged.
        clock: what the tool says of it; None where nothing was timed.
        met: whether the routed design meets every timing constraint; None where nothing is routed.
    """

    shown_by = "qfx.report.build:show_build"

    project: Project
    tool: str
    seconds: float
    files: tuple[Path, ...]
    resources: Resources | None = None
    clock: Clock | None = None
    met: bool | None = None

    def verdict(self) -> str:
        """Say in one sentence whether its clock is met, where anything was routed."""
        if self.met is None:
            return f"BUILT by {self.tool}, not routed"
        said = "MET: the clock" if self.met else "NOT MET: the clock; ask for a slower one"
        return f"{said}, by {self.tool}, placed and routed"


def build(
    project: Project | str | Path,
    progress: Steps = lambda step, done, of: None,
    tool: BuildTool = "vivado",
    board: Board | None = None,
) -> Built:
    """Build the bitstream of a project's overlay, in its folder.

    Args:
        project: a project folder, or what `qfx.export` returned.
        progress: told what begins, in a few words.
        tool: "vivado" packages the core and builds the block design, the IP alone for a board
            without processors; "vitis" simulates, synthesises and packages the C++.
        board: where it is one of your own; None: the one that the manifest names.

    Raises:
        ProjectError: not a project folder.
        ToolMissing: the tool is not on PATH.
        BoardError: the manifest names a board that did not come with qfx, and none is given, or
            one that is another.
        SynthesisError: the tool fails, or writes no bitstream, or no report.
        ArgumentError: no such tool.
    """
    if not isinstance(tool, str) or tool not in get_args(BuildTool):
        raise ArgumentError(
            f"tool {tool!r} is unknown: use one of {', '.join(get_args(BuildTool))}"
        )
    project = Project.open(project)
    if tool == "vivado":
        return _vivado(project, progress, board)
    if board is not None:
        amd.board_of(project, board)  # which the C++ does not ask for, but a wrong one is told
    return _vitis(project, progress)


def _vivado(project: Project, progress: Steps, board: Board | None) -> Built:
    begun, name = time.perf_counter(), project.manifest.name
    tools.require("vivado")
    system = amd.board_of(project, board).processing_system
    core, folder = project.path / "verilog" / "ip" / "component.xml", project.path / "pynq"
    files = [core] if system is None else [folder / f"{name}.{kind}" for kind in ("bit", "hwh")]
    if system is not None and not (folder / "block_design.tcl").is_file():
        raise SynthesisError("pynq/block_design.tcl is missing: export again")
    for old in (core, *files):
        old.unlink(missing_ok=True)
    _step(project, "verilog", (*amd.VIVADO, "package_ip.tcl"), progress)
    _require(project, "vivado", core)
    if system is not None:
        _step(project, "pynq", (*amd.VIVADO, "block_design.tcl"), progress)
    _require(project, "vivado", *files)
    built = Built(project, amd.title("vivado"), time.perf_counter() - begun, tuple(files))
    if system is None:
        return built
    return replace(
        built,
        resources=read_utilization(folder / "utilization.rpt").resources,
        clock=read_timing(folder / "timing.rpt", boards.processing_system(system.type).clock.name),
        met=timing_met(folder / "timing.rpt"),
    )


def _vitis(project: Project, progress: Steps) -> Built:
    begun, name, command = time.perf_counter(), project.manifest.name, vitis_scripts.tool()
    tools.require(command)
    folder, report = project.path / "vitis", vitis_scripts.REPORTS[command]
    packaged = folder / f"{name}_ip.zip"
    for old in (folder / report, packaged):
        old.unlink(missing_ok=True)
    config = (folder / vitis_scripts.CONFIG).read_text()
    (folder / _CONFIG).write_text(vitis_scripts.with_arguments(config, _vectors(project)))
    for arguments in vitis_scripts.runs(command, *vitis_scripts.STEPS, config=_CONFIG):
        _step(project, "vitis", arguments, progress)
    _require(project, command, folder / report, packaged)
    found = read_csynth(folder / report, name)
    return Built(
        project=project,
        tool=amd.title(command),
        seconds=time.perf_counter() - begun,
        files=(packaged,),
        resources=found.resources,
        clock=found.clock,
    )


def _vectors(project: Project) -> str:
    """The testbench's arguments: the recorded stimuli and golden outputs."""
    manifest = project.manifest
    ports = (("stimuli", manifest.inputs), ("golden", manifest.outputs))
    names = [f"{kind}{record.port().suffix}.hex" for kind, records in ports for record in records]
    return " ".join(str((project.path / "vectors" / name).resolve()) for name in names)


def _step(project: Project, folder: str, arguments: tuple[str, ...], progress: Steps) -> None:
    amd.run_tool(project, folder, project.path / folder, arguments, progress, {})


def _require(project: Project, command: str, *files: Path) -> None:
    for file in files:
        if not file.is_file():
            missing = file.relative_to(project.path)
            raise SynthesisError(
                f"{command} ended well and wrote no {missing}: read what it says there"
            )
