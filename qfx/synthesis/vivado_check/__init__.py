"""Checks the scripts for Vivado where there is no Vivado: every command, property, pin and address,
against AMD's guides, the core's Verilog and the board's file.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from qfx import boards
from qfx.boards import Board
from qfx.disk.scratch import scratch
from qfx.hardware.registers import ip_module
from qfx.project import Project
from qfx.synthesis import amd
from qfx.synthesis.measured import SynthesisError
from qfx.synthesis.vivado_check import tcl
from qfx.synthesis.vivado_check.block_design import BlockDesign
from qfx.synthesis.vivado_check.block_rules import problems
from qfx.synthesis.vivado_check.ip_package import PackageCheck, ports_of


@dataclass(frozen=True)
class Checked:
    """What was found.

    Args:
        commands: of Vivado that were called, each of them checked.
        problems: sentences, with the script and where it can be told its line; empty where nothing
            was found wrong.
    """

    commands: int
    problems: tuple[str, ...]

    def verdict(self) -> str:
        """Say it in one sentence."""
        ended = "nothing wrong" if not self.problems else f"{len(self.problems)} wrong"
        return f"{self.commands:,} commands for Vivado checked, not run: {ended}"


def check(project: Project | str | Path, board: Board | None = None) -> Checked:
    """Check package_ip.tcl, and block_design.tcl where the board has processors.

    Args:
        project: a project folder; nothing in it is changed.
        board: it is for; None: the one that its manifest names.

    Raises:
        ToolMissing: tclsh.
        BoardError: the board is not one that comes with qfx, or another than it was exported for.
        SynthesisError: a script or the core's Verilog is missing.
    """
    project = Project.open(project)
    board = amd.board_of(project, board)
    with scratch("overlay") as name:
        folder = Path(name)
        for part in ("verilog", "pynq"):
            if (project.path / part).is_dir():
                made = shutil.ignore_patterns(*amd.MADE)
                shutil.copytree(project.path / part, folder / part, ignore=made)
        try:
            return _check(project, board, folder)
        except tcl.TclError as error:
            raise SynthesisError(str(error)) from error


def _check(project: Project, board: Board, folder: Path) -> Checked:
    top = ip_module(project.manifest.name)
    package = PackageCheck(project, ports_of(folder / "verilog" / "src" / f"{top}.v", top))
    packaging = tcl.run(folder / "verilog" / "package_ip.tcl")
    package.follow(packaging)
    core, count, found = package.finish(), len(packaging.calls), package.problems
    if board.processing_system is None:
        return Checked(count, tuple(found))
    system = boards.processing_system(board.processing_system.type)
    design = BlockDesign(project, board, system, core)
    building = tcl.run(folder / "pynq" / "block_design.tcl")
    design.follow(building)
    if building.error:
        return Checked(count + len(building.calls), (*found, *design.problems))
    design.end(*problems(design))
    for suffix in ("bit", "hwh"):
        if not (folder / "pynq" / f"{project.manifest.name}.{suffix}").is_file():
            design.end(f"block_design.tcl: no {project.manifest.name}.{suffix} comes out")
    return Checked(count + len(building.calls), (*found, *design.problems))
