"""SystemVerilog of a Design: the library's stages, and generated around them the top, the maps and
the ROMs.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from qfx import assets
from qfx.backends.verilog import ip as verilog_ip
from qfx.backends.verilog.expressions import map_context, module_name
from qfx.backends.verilog.instances import instances
from qfx.backends.verilog.literals import hex_literal
from qfx.backends.verilog.roms import roms
from qfx.backends.verilog.templates import render
from qfx.hardware import Design, Map, Port
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
    library = assets.folder("hls_templates") / "verilog"
    for file in sorted((library / "lib").glob("*.sv")):
        shutil.copyfile(file, source / file.name)
    for name, text in modules(design).items():
        (source / f"{name}.sv").write_text(text)
    (source / f"{verilog_ip.module_name(design.graph.name)}.v").write_text(
        verilog_ip.module(design)
    )
    simulation = directory / "sim"
    simulation.mkdir()
    for name in (*HARNESS, "main.cpp"):
        shutil.copyfile(library / "sim" / name, simulation / name)
    patience = patience_cycles(design.initiation_interval, design.latency_cycles)
    files = " ".join(f"../../vectors/{name}.hex" for name in vector_files(design))
    hold = hold_quiet(design.initiation_interval, design.latency_cycles)
    given = {
        "d": design,
        "parts": parts(design.graph),
        "patience": patience,
        "hold": hold,
        "holds": max(_HOLDS, hold_turns(len(design.inputs), len(design.outputs))),
        "files": files,
        **_clock(design),
    }
    names = ([port.stream.name for port in ports] for ports in (design.inputs, design.outputs))
    (simulation / "ports.hpp").write_text(visitors(f"V{design.graph.name}", *names))
    for name in ("sim/Makefile", "sim/top.hpp", "constraints.xdc", "vivado.tcl"):
        (directory / name).write_text(render(f"{name}.j2", **given))


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


def modules(design: Design) -> dict[str, str]:
    """The generated modules by name: the top, one per map, one per ROM."""
    texts = {design.graph.name: render("top.sv.j2", d=_top(design))}
    for stage in design.stages:
        if isinstance(stage, Map):
            texts[module_name(design, stage)] = render("map.sv.j2", m=map_context(design, stage))
        for rom in roms(design, stage).values():
            texts[rom["module"]] = render("rom.sv.j2", r=rom)
    return texts


def _clock(design: Design) -> dict[str, str]:
    mhz = design.board.clock_mhz
    return {"clock_mhz": f"{mhz:g}", "period_ns": f"{1000 / mhz:.3f}"}


def _top(design: Design) -> dict[str, Any]:
    entering = [port.stream for port in design.inputs]
    streams = [*entering, *(s for stage in design.stages for s in stage.outputs)]
    return {
        "name": design.graph.name,
        "title": f"{design.graph.name} for {design.board.title}: {design.goal}.",
        "initiation_interval": design.initiation_interval,
        "bottleneck": design.bottleneck,
        "streams": [
            {
                "name": s.name,
                "bits": s.bits,
                "comment": f"{s.lanes} x {s.dtype}, {s.beats} beats a frame",
            }
            for s in streams
        ],
        "inputs": [_port(port) for port in design.inputs],
        "outputs": [_port(port) | _sender(port) for port in design.outputs],
        "instances": [instance for stage in design.stages for instance in instances(design, stage)],
    }


def _sender(port: Port) -> dict[str, Any]:
    """What only an output port needs."""
    out, name = port.stream, port.stream.name
    element = f"{name}_data[lane*{out.dtype.wordlength}+:{out.dtype.wordlength}]"
    return {
        "element": f"$signed({element})" if out.dtype.signed else element,
        "beat_bits": max(1, (out.beats - 1).bit_length()),
        "last_keep": hex_literal(port.last_keep, port.width_bits // 8),
    }


def _port(port: Port) -> dict[str, Any]:
    return {
        "name": port.stream.name,
        "width": port.width_bits,
        "lanes": port.stream.lanes,
        "bits": port.stream.dtype.wordlength,
        "elements": port.stream.elements,
        "beats": port.stream.beats,
        "element_bits": port.element_bits,
    }
