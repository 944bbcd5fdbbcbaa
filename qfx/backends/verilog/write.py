"""The `verilog/` part of a project folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from qfx import assets
from qfx.backends.verilog import ip
from qfx.backends.verilog.modules import modules
from qfx.backends.verilog.templates import render
from qfx.hardware import Design
from qfx.ir.parts import parts

HARNESS = ("harness.hpp", "pauses.hpp", "batch.hpp")  # of a simulation, the first includes the rest
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
    (source / f"{ip.module_name(design.graph.name)}.v").write_text(ip.module(design))
    simulation = directory / "sim"
    simulation.mkdir()
    for name in (*HARNESS, "main.cpp"):
        shutil.copyfile(templates / "sim" / name, simulation / name)
    names = ([port.stream.name for port in ports] for ports in (design.inputs, design.outputs))
    (simulation / "ports.hpp").write_text(visitors(f"V{design.graph.name}", *names))
    initiation_interval, latency_cycles = design.initiation_interval, design.latency_cycles
    mhz = design.board.clock_mhz
    for name in ("sim/Makefile", "sim/top.hpp", "constraints.xdc", "vivado.tcl"):
        text = render(
            f"{name}.j2",
            d=design,
            parts=parts(design.graph),
            patience=patience_cycles(initiation_interval, latency_cycles),
            hold=hold_quiet(initiation_interval, latency_cycles),
            holds=max(_HOLDS, hold_turns(len(design.inputs), len(design.outputs))),
            files=" ".join(f"../../vectors/{file}.hex" for file in vector_files(design)),
            clock_mhz=f"{mhz:g}",
            period_ns=f"{1000 / mhz:.3f}",
        )
        (directory / name).write_text(text)


def vector_files(design: Design) -> list[str]:
    """The files of the recorded vectors that a testbench takes, without their suffix: stimuli of
    each input, then the golden integers of each output.
    """
    stimuli = [f"stimuli{port.suffix}" for port in design.inputs]
    return [*stimuli, *(f"golden{port.suffix}" for port in design.outputs)]


def visitors(top: str, inputs: list[str], outputs: list[str]) -> str:
    """The C++ by which the harness finds the ports of a Verilated class, given their names."""
    return render("sim/ports.hpp.j2", top=top, inputs=inputs, outputs=outputs)


def patience_cycles(initiation_interval: int, latency_cycles: int) -> int:
    """Cycles without a beat at a port after which a simulation counts as stuck: a slow design may
    compute for a frame's time between two of them.
    """
    return max(10_000, 4 * (initiation_interval + latency_cycles))


def hold_quiet(initiation_interval: int, latency_cycles: int) -> int:
    """Cycles without a beat at any port after which everything stands still in a design of which
    an output or an input has stopped.
    """
    return 64 + latency_cycles + initiation_interval


def hold_turns(inputs: int, outputs: int) -> int:
    """After how many holds the outputs and the inputs have stopped together, and each alone, as
    pauses.hpp has them take turns.
    """
    ports = max(inputs, outputs)
    return 2 * (ports + 1 if ports > 1 else 1)
