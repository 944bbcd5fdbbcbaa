"""Vitis HLS C++ of a Design: the library's stages, and generated around them the top, the maps and
the weights.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from qfx import assets
from qfx.backends import vitis_check
from qfx.backends.templates import render
from qfx.fixedpoint import FixedPointType, Interval, Overflow, Rounding
from qfx.hardware import (
    Argmax,
    Contract,
    Design,
    Fifo,
    Map,
    Pool,
    Port,
    Resize,
    Stage,
    Step,
    Window,
)
from qfx.ops import AddConstant, Cast, Clip, MultiplyConstant


class VitisError(ValueError):
    """A design that cannot be written as Vitis HLS C++."""


def write(design: Design, directory: Path) -> None:
    """Write the `vitis/` part of a project folder; it stands alone, AMD's open ap_ headers
    included.

    Args:
        design: what to spell.
        directory: must exist; gets src/, tb/, include/, Makefile, build.tcl and hls_config.cfg.

    Raises:
        VitisError: AMD's headers are missing. DataflowError: the code breaks the dataflow
            rules.
    """
    templates = assets.folder("hls_templates") / "vitis"
    source, testbench = directory / "src", directory / "tb"
    source.mkdir()
    testbench.mkdir()
    for file in sorted((templates / "lib").glob("*.hpp")):
        shutil.copyfile(file, source / file.name)
    shutil.copytree(
        _ap_types(), directory / "include", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copyfile(
        templates / "include" / "ap_axi_sdata.h", directory / "include" / "ap_axi_sdata.h"
    )
    for name, text in sources(design).items():
        (source / name).write_text(text)
    shutil.copyfile(templates / "tb" / "qfx_trace.hpp", testbench / "qfx_trace.hpp")
    context = _top(design)
    (testbench / "testbench.cpp").write_text(render("vitis/tb/testbench.cpp.j2", d=context))
    for name in ("Makefile", "build.tcl", "hls_config.cfg"):
        (directory / name).write_text(render(f"vitis/{name}.j2", d=context))


def sources(design: Design) -> dict[str, str]:
    """The generated files of src/ by name."""
    name, context = design.graph.name, _top(design)
    texts = {f"{name}.hpp": render("vitis/top.hpp.j2", d=context)}
    texts[f"{name}.cpp"] = render("vitis/top.cpp.j2", d=context)
    for stage in design.stages:
        if isinstance(stage, Contract):
            weights = _weights(stage)
            texts[f"{weights['name']}.hpp"] = render("vitis/weights.hpp.j2", w=weights)
    library = assets.folder("hls_templates") / "vitis" / "lib"
    vitis_check.check(texts[f"{name}.cpp"], name)
    for file in library.glob("*.hpp"):
        vitis_check.check_pragmas(file.read_text(), file.name)
    return texts


def cpp_type(
    dtype: FixedPointType, rounding: Rounding = Rounding.TRN, overflow: Overflow = Overflow.WRAP
) -> str:
    """ap_fixed's spelling of a type; the modes are those of what is assigned to it."""
    modes = (
        ""
        if (rounding, overflow) == (Rounding.TRN, Overflow.WRAP)
        else f", AP_{rounding.name}, AP_{overflow.name}"
    )
    return f"ap_{'' if dtype.signed else 'u'}fixed<{dtype.wordlength}, {dtype.integer_bits}{modes}>"


def _ap_types() -> Path:
    """AMD's open headers (Apache-2.0), as hls4ml ships them; found without importing hls4ml."""
    package = importlib.util.find_spec("hls4ml")
    if package is None or package.origin is None:
        raise VitisError(
            "AMD's ap_ headers come with hls4ml, which is not installed: pip install hls4ml"
        )
    return Path(package.origin).parent / "templates" / "vivado" / "ap_types"


def _top(design: Design) -> dict[str, Any]:
    name = design.graph.name
    maps = [stage for stage in design.stages if isinstance(stage, Map)]
    contracts = [stage for stage in design.stages if isinstance(stage, Contract)]
    streams, names = _streams(design)
    return {
        "name": name,
        "title": f"{name} for {design.board.title}: {design.goal}.",
        "part": design.board.part,
        "period_ns": f"{1000 / design.board.clock_mhz:.3f}",
        "initiation_interval": design.initiation_interval,
        "bottleneck": design.bottleneck,
        "input": _port(design.input),
        "output": _port(design.output),
        "weights": [_weights_name(stage) for stage in contracts],
        "maps": [render("vitis/map.j2", m=_map(stage)) for stage in maps],
        "streams": streams,
        "calls": _calls(design, names),
    }


def _port(port: Port) -> dict[str, int]:
    stream = port.stream
    return {"width": port.width_bits, "elements": stream.elements, "beats": stream.beats}


def _streams(design: Design) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The hls::streams, and which of them carries each stream of the design: a Fifo is its stream's
    depth.
    """
    first = design.input.stream
    carried, depth, carrier = {first.name: first}, {first.name: 2}, {first.name: first.name}
    for stage in design.stages:
        if isinstance(stage, Fifo):
            carrier[stage.output.name] = carrier[stage.input.name]
            depth[carrier[stage.input.name]] = max(2, stage.depth)
        else:
            name = stage.output.name
            carried[name], depth[name], carrier[name] = stage.output, 2, name
    names = {name: f"{name}_elements" if name == first.name else name for name in carried}
    listed = [
        {"name": names[name], "type": cpp_type(s.dtype), "lanes": s.lanes, "depth": depth[name]}
        for name, s in carried.items()
    ]
    return listed, {name: names[by] for name, by in carrier.items()}


def _calls(design: Design, names: dict[str, str]) -> list[str]:
    source, sink = design.input, design.output
    bits = source.stream.dtype.wordlength
    calls = [
        f"qfx::read_port<{source.stream.beats}, {source.element_bits}, {bits}>(s_axis,"
        f" {names[source.stream.name]});"
    ]
    for stage in design.stages:
        function = _function(stage)
        if function is not None:
            extra = _tables(stage) if isinstance(stage, Contract) else ""
            calls.append(
                f"{function}({names[stage.input.name]}, {names[stage.output.name]}{extra});"
            )
    dtype = sink.stream.dtype
    calls.append(
        f"qfx::write_port<{sink.stream.elements}, {sink.element_bits}, {dtype.wordlength},"
        f" {str(dtype.signed).lower()}>({names[sink.stream.name]}, m_axis);"
    )
    return calls


def _function(stage: Stage) -> str | None:
    """The function that a stage is; None for a Fifo, which is the depth of its stream."""
    if isinstance(stage, Contract):
        dsp = str(stage.multiplier == "dsp").lower()
        return f"qfx::contract<{cpp_type(stage.mantissa.dtype)}, {dsp}, {stage.vectors}>"
    if isinstance(stage, Pool):
        return f"qfx::pool<{stage.output.beats}, {stage.taps}>"
    if isinstance(stage, Argmax):
        return f"qfx::argmax<{stage.input.beats}>"
    if isinstance(stage, Window):
        sizes = (
            stage.groups, *stage.shape[1:], *stage.kernel, *stage.stride, *stage.padding,
            *stage.out_size, stage.rows, stage.pixel_beats,
        )  # fmt: skip
        return f"qfx::window<{', '.join(map(str, sizes))}>"
    if isinstance(stage, Resize):
        return f"qfx::resize<{stage.input.elements}>"
    if isinstance(stage, Map):
        return stage.name
    if isinstance(stage, Fifo):
        return None
    raise VitisError(f"stage {stage.kind} has no C++ function")


def _tables(stage: Contract) -> str:
    """The arguments of a contraction after its streams."""
    name = _weights_name(stage)
    return f", {name}, {name}_shifts" if stage.row_shifts.any() else f", {name}"


def _weights_name(stage: Stage) -> str:
    return f"{stage.name}_weights"


def _weights(stage: Contract) -> dict[str, Any]:
    lanes = stage.mantissa.integers.reshape(
        stage.groups, stage.steps, stage.simd, stage.folds, stage.pe
    )
    return {
        "name": _weights_name(stage),
        "title": stage.source or stage.name,
        "type": cpp_type(stage.mantissa.dtype),
        "bits_type": _bits_type(stage.mantissa.dtype),
        "shifts": [
            _braced(_braced(fold) for fold in group)
            for group in stage.row_shifts.reshape(-1, stage.folds, stage.pe).tolist()
        ]
        if stage.row_shifts.any()
        else [],
        "pe": stage.pe,
        "simd": stage.simd,
        "groups": [
            [[_braced(_braced(row) for row in step) for step in fold] for fold in group]
            for group in lanes.transpose(0, 3, 1, 4, 2).tolist()
        ],
    }


def _map(stage: Map) -> dict[str, Any]:
    steps: list[dict[str, Any]] = []
    constants: list[dict[str, Any]] = []
    x = "x"
    for index, step in enumerate(stage.steps):
        context = _step(step, x, f"y{index}")
        if isinstance(step.op, (AddConstant, MultiplyConstant)):
            constants.append(_constant(step.op, f"c{index}", stage))
            dtype = cpp_type(step.op.constant.dtype)
            phase = "phase" if stage.period > 1 else "0"
            context |= {"constant": f"c{index}", "constant_type": dtype, "phase": phase}
        steps.append(context)
        x = context["y"]
    return {
        "name": stage.name,
        "title": f"{stage.source or stage.name}: "
        + ", ".join(step.op.name for step in stage.steps),
        "lanes": stage.input.lanes,
        "beats": stage.input.beats,
        "period": stage.period,
        "x_type": cpp_type(stage.input.dtype),
        "y_type": cpp_type(stage.output.dtype),
        "constants": constants,
        "steps": steps,
        "y": x,
    }


def _step(step: Step, x: str, y: str) -> dict[str, Any]:
    context = {
        "op": step.op.name,
        "comment": f"{step.op.name} {step.op.describe()} -> {step.result.type.interval}",
        "x": x,
        "y": y,
        "type": cpp_type(step.result.dtype),
    }
    if isinstance(step.op, Clip):
        held = Interval(step.op.low, step.op.high)
        ends = FixedPointType.holding(held, step.operand.fraction_bits)
        for name, end in (("low", step.op.low), ("high", step.op.high)):
            context[name] = f"qfx::from_bits<{cpp_type(ends)}>({end})"
    if isinstance(step.op, Cast):
        operand = step.operand.dtype
        if step.op.shift >= operand.wordlength:  # ap_fixed asserts on dropping bits it has not
            wide = replace(operand, wordlength=step.op.shift + 1)
            context["x"] = f"{cpp_type(wide)}({x})"
        context["cast_type"] = cpp_type(step.op.dtype, step.op.rounding, step.op.overflow)
    return context


def _constant(op: AddConstant | MultiplyConstant, name: str, stage: Map) -> dict[str, Any]:
    lanes, integers = stage.input.lanes, op.constant.integers
    padded = np.zeros(stage.period * lanes, np.int64)
    padded[: len(integers)] = integers
    rows = [_braced(row) for row in padded.reshape(-1, lanes).tolist()]
    return {"name": name, "bits_type": _bits_type(op.constant.dtype), "rows": rows}


def _bits_type(dtype: FixedPointType) -> str:
    """The smallest plain C type for the stored integers."""
    types = {8: "signed char", 16: "short", 32: "int", 64: "long long"}
    bits = dtype.wordlength + (not dtype.signed)
    return types[min(size for size in types if size >= bits)]


def _braced(items: Iterable[object]) -> str:
    return "{" + ", ".join(map(str, items)) + "}"
