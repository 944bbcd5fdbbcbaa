"""The script that packages the core, and the `pynq/` part of a project folder."""

from __future__ import annotations

from pathlib import Path

from qfx.backends.pynq.driver import driver
from qfx.backends.pynq.notebook import notebook
from qfx.backends.pynq.overlay import overlay
from qfx.backends.pynq.package import package
from qfx.backends.pynq.templates import render
from qfx.hardware import Design


def write(design: Design, directory: Path) -> None:
    """Write the script that packages the core, and for a board with processors the pynq/ folder.

    Args:
        design: what to wire up.
        directory: the project's folder; verilog/ must exist in it.
    """
    script = directory / "verilog" / "package_ip.tcl"
    script.write_text(render("package_ip.tcl.j2", p=package(design)))
    system = design.board.processing_system
    if system is None:
        return
    folder = directory / "pynq"
    folder.mkdir()
    wired = overlay(design, system)
    for name in ("block_design.tcl", "README.md"):
        (folder / name).write_text(render(f"{name}.j2", o=wired))
    (folder / "driver.py").write_text(driver(design))
    (folder / f"{design.graph.name}.ipynb").write_text(notebook(design))
