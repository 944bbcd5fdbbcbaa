"""The `verilog/` part of a project folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from qfx import assets
from qfx.backends.vectors import vector_files
from qfx.backends.verilog import ip
from qfx.backends.verilog.modules import modules
from qfx.backends.verilog.templates import render
from qfx.hardware import Design
from qfx.hardware.registers import ip_module
from qfx.ir.parts import parts
from qfx.project.testbench import hold_quiet, hold_turns, patience_cycles

_TESTBENCH = ("harness.hpp", "pauses.hpp", "batch.hpp", "main.cpp")
_HOLDS = 8  # at least, of the testbench that stands alone


def write(design: Design, directory: Path) -> None:
    """Write the `verilog/` part of a project folder.

    Args:
        design: what to spell.
        directory: must exist; gets src/, sim/, constraints.xdc and vivado.tcl.
    """
    source = directory / "src"
    source.mkdir()
    templates = assets.folder("hls_templates") / "verilog"
    for file in sorted((templates / "lib").glob("*.sv")):
        shutil.copyfile(file, source / file.name)
    for name, text in modules(design).items():
        (source / f"{name}.sv").write_text(text)
    (source / f"{ip_module(design.graph.name)}.v").write_text(ip.module(design))
    simulation = directory / "sim"
    simulation.mkdir()
    for name in _TESTBENCH:
        shutil.copyfile(templates / "sim" / name, simulation / name)
    initiation_interval, latency_cycles = design.initiation_interval, design.latency_cycles
    mhz = design.board.clock_mhz
    for name in ("sim/Makefile", "sim/ports.hpp", "sim/top.hpp", "constraints.xdc", "vivado.tcl"):
        text = render(
            f"{name}.j2",
            d=design,
            top=f"V{design.graph.name}",
            inputs=[port.stream.name for port in design.inputs],
            outputs=[port.stream.name for port in design.outputs],
            parts=parts(design.graph),
            patience=patience_cycles(initiation_interval, latency_cycles),
            hold=hold_quiet(initiation_interval, latency_cycles),
            holds=max(_HOLDS, hold_turns(len(design.inputs), len(design.outputs))),
            files=" ".join(f"../../vectors/{file}.hex" for file in vector_files(design)),
            clock_mhz=f"{mhz:g}",
            period_ns=f"{1000 / mhz:.3f}",
        )
        (directory / name).write_text(text)
