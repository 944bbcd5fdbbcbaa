"""SystemVerilog of a Design: the library's stages, and generated around them the top, the maps and
the ROMs.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qfx import assets
from qfx.backends.templates import render
from qfx.backends.verilog_expressions import hex_literal, map_context, module_name, pack
from qfx.backends.verilog_roms import roms
from qfx.hardware import (
    Argmax,
    Contract,
    Design,
    Embed,
    Fifo,
    Map,
    Pool,
    Port,
    Repeat,
    Resize,
    SoftmaxStage,
    Stage,
    Window,
)

Instance = dict[str, Any]


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
    simulation = directory / "sim"
    simulation.mkdir()
    for name in ("harness.hpp", "main.cpp"):
        shutil.copyfile(library / "sim" / name, simulation / name)
    for name in ("sim/Makefile", "sim/top.hpp", "constraints.xdc", "vivado.tcl"):
        (directory / name).write_text(render(f"verilog/{name}.j2", d=design, **_clock(design)))


def modules(design: Design) -> dict[str, str]:
    """The generated modules by name: the top, one per map, one per ROM."""
    texts = {design.graph.name: render("verilog/top.sv.j2", d=_top(design))}
    for stage in design.stages:
        if isinstance(stage, Map):
            texts[module_name(design, stage)] = render(
                "verilog/map.sv.j2", m=map_context(design, stage)
            )
        for rom in roms(design, stage).values():
            texts[rom["module"]] = render("verilog/rom.sv.j2", r=rom)
    return texts


def _clock(design: Design) -> dict[str, str]:
    mhz = design.board.clock_mhz
    return {"clock_mhz": f"{mhz:g}", "period_ns": f"{1000 / mhz:.3f}"}


def _top(design: Design) -> dict[str, Any]:
    streams = [design.input.stream, *(stage.output for stage in design.stages)]
    out = design.output.stream
    element = f"m_axis_data[lane*{out.dtype.wordlength}+:{out.dtype.wordlength}]"
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
        "input": _port(design.input),
        "output": _port(design.output)
        | {
            "element": f"$signed({element})" if out.dtype.signed else element,
            "beat_bits": max(1, (out.beats - 1).bit_length()),
            "last_keep": hex_literal(design.output.last_keep, design.output.width_bits // 8),
        },
        "instances": [
            instance for stage in design.stages for instance in _instances(design, stage)
        ],
    }


def _port(port: Port) -> dict[str, Any]:
    return {
        "width": port.width_bits,
        "lanes": port.stream.lanes,
        "bits": port.stream.dtype.wordlength,
        "elements": port.stream.elements,
        "beats": port.stream.beats,
        "element_bits": port.element_bits,
    }


def _instances(design: Design, stage: Stage) -> Iterator[Instance]:
    instance: Instance = {
        "name": f"u_{stage.name}",
        "module": f"qfx_{stage.kind}",
        "parameters": {},
        "wires": [],
        "comment": _provenance(stage),
        "connections": {
            "rst": "rst",
            **{f"in_{p}": f"{stage.input.name}_{p}" for p in ("valid", "ready", "data")},
            **{f"out_{p}": f"{stage.output.name}_{p}" for p in ("valid", "ready", "data")},
        },
    }
    if isinstance(stage, Fifo):
        instance["parameters"] = {"BITS": stage.input.bits, "DEPTH": stage.depth}
    elif isinstance(stage, Resize):
        instance["parameters"] = {
            "BITS": stage.grain * stage.input.dtype.wordlength,
            "IN": stage.input.lanes // stage.grain,
            "OUT": stage.output.lanes // stage.grain,
            "IN_BEATS": stage.input.beats,
            "LAST_PUSH": stage.last_push // stage.grain,
            "LIMIT": stage.limit // stage.grain,
        }
    elif isinstance(stage, Pool):
        instance["parameters"] = {
            "LANES": stage.input.lanes,
            "BITS": stage.input.dtype.wordlength,
            "SIGNED": int(stage.input.dtype.signed),
            "TAPS": stage.taps,
        }
    elif isinstance(stage, Argmax):
        instance["parameters"] = {
            "LANES": stage.input.lanes,
            "BITS": stage.input.dtype.wordlength,
            "SIGNED": int(stage.input.dtype.signed),
            "BEATS": stage.input.beats,
            "INDEX_BITS": stage.output.dtype.wordlength,
        }
    elif isinstance(stage, Repeat):
        instance["parameters"] = {
            "BITS": stage.input.bits,
            "BEATS": stage.pixel_beats,
            "WIDTH": stage.shape[2],
            "SCALE_H": stage.factor[0],
            "SCALE_W": stage.factor[1],
        }
    elif isinstance(stage, Window):
        instance["parameters"] = _window_parameters(stage)
    elif isinstance(stage, Map):
        instance["module"] = module_name(design, stage)
    elif isinstance(stage, Contract):
        instance["parameters"] = _contract_parameters(stage)
    elif isinstance(stage, Embed):
        instance["parameters"] = {
            "INDEX_BITS": stage.input.dtype.wordlength,
            "ROW_BEATS": stage.row_beats,
            "BITS": stage.output.bits,
        }
    elif isinstance(stage, SoftmaxStage):
        instance["parameters"] = {
            "COUNT": stage.count,
            "BITS": stage.input.dtype.wordlength,
            "SIGNED": int(stage.input.dtype.signed),
            "EXP_BITS": stage.exponentials.dtype.wordlength,
            "RECIPROCAL_BITS": stage.reciprocals.dtype.wordlength,
            "OUT_BITS": stage.output.bits,
            "USE_DSP": int(stage.multiplier == "dsp"),
        }
    beside = [_beside(instance, stage, *rom) for rom in roms(design, stage).items()]
    yield instance
    yield from beside


def _beside(instance: Instance, stage: Stage, prefix: str, rom: dict[str, Any]) -> Instance:
    """The ROM that the stage of `instance` reads by its ports of that prefix, and its wires."""
    ports = {p: f"{stage.name}_{prefix}_{p}" for p in ("enable", "address", "data")}
    bits = "ADDRESS_BITS" if prefix == "rom" else f"{prefix.upper()}_ADDRESS_BITS"
    instance["parameters"][bits] = rom["address_bits"]
    instance["connections"] |= {f"{prefix}_{p}": wire for p, wire in ports.items()}
    instance["wires"] += [
        f"wire {ports['enable']};",
        f"wire [{rom['address_bits'] - 1}:0] {ports['address']};",
        f"wire [{rom['bits'] - 1}:0] {ports['data']};",
    ]
    return {
        "name": f"u_{stage.name}_{prefix}",
        "module": rom["module"],
        "parameters": {},
        "wires": [],
        "comment": f"{rom['holds']} of {stage.name}",
        "connections": ports,
    }


def _contract_parameters(stage: Contract) -> dict[str, Any]:
    return {
        "IN_BEATS": stage.steps,
        "OUT_BEATS": stage.folds,
        "GROUPS": stage.groups,
        "SIMD": stage.simd,
        "PE": stage.pe,
        "X_BITS": stage.input.dtype.wordlength,
        "X_SIGNED": int(stage.input.dtype.signed),
        "W_BITS": stage.mantissa.dtype.wordlength,
        "W_SIGNED": int(stage.mantissa.dtype.signed),
        "SUM_BITS": stage.output.dtype.wordlength,
        **_product_parameters(stage),
        **_shift_parameters(stage),
    }


def _product_parameters(stage: Contract) -> dict[str, Any]:
    """What products are built of."""
    if stage.multiplier != "shift_add":
        return {"USE_DSP": int(stage.multiplier == "dsp")}
    return {
        "TERMS": stage.terms.count,
        "TERM_SHIFT_BITS": stage.terms.shift_bits,
        "TERM_SIGNS": int(stage.terms.has_signs),
        "TERM_GAPS": int(stage.terms.has_gaps),
        "WORD_BITS": stage.weight_bits,
    }


def _shift_parameters(stage: Contract) -> dict[str, Any]:
    """How far each row's sum is shifted, in the order the rows leave; nothing where none is."""
    bits = int(stage.row_shifts.max()).bit_length()
    if bits == 0:
        return {}
    in_order = stage.row_shifts.reshape(-1).tolist()
    return {
        "SHIFT_BITS": bits,
        "SHIFTS": hex_literal(pack(in_order, bits), len(in_order) * bits),
    }


def _window_parameters(stage: Window) -> dict[str, int]:
    _, height, width = stage.shape
    return {
        "BITS": stage.input.bits,
        "BEATS": stage.pixel_beats,
        "GROUPS": stage.groups,
        "HEIGHT": height,
        "WIDTH": width,
        "KERNEL_H": stage.kernel[0],
        "KERNEL_W": stage.kernel[1],
        "STRIDE_H": stage.stride[0],
        "STRIDE_W": stage.stride[1],
        "DILATION_H": stage.dilation[0],
        "DILATION_W": stage.dilation[1],
        "PAD_H": stage.padding[0],
        "PAD_W": stage.padding[1],
        "OUT_HEIGHT": stage.out_size[0],
        "OUT_WIDTH": stage.out_size[1],
        "ROWS": stage.rows,
    }


def _provenance(stage: Stage) -> str:
    layer = f"layer {stage.source}: " if stage.source else ""
    return (
        f"{layer}{stage.kind}, {stage.input.lanes} x {stage.input.dtype} -> {stage.output.lanes} x"
        f" {stage.output.dtype}, {stage.cycles} cycles a frame"
    )
