"""Vitis HLS C++ of a Design: the library's stages, and generated around them the top, the maps and
the weights.
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

from qfx import assets
from qfx.backends.verilog import vector_files
from qfx.backends.vitis import check as vitis_check
from qfx.backends.vitis.expressions import (
    bits_type,
    boolean,
    cpp_type,
    map_context,
    multiply,
    nested,
    shift_add,
)
from qfx.backends.vitis.registers import FRAMES, identity, kernel_registers
from qfx.backends.vitis.tables import table_names, tables
from qfx.backends.vitis.templates import render
from qfx.errors import QfxError
from qfx.hardware import (
    Argmax,
    Concatenate,
    Contract,
    Design,
    Embed,
    Fifo,
    Fork,
    Map,
    Merge,
    Pool,
    Port,
    Repeat,
    Resize,
    SoftmaxStage,
    Stage,
    Window,
)
from qfx.hardware.channels import Channel, carriers, channels_of
from qfx.hardware.memory import memory_of


class VitisError(QfxError):
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
    headers = _ap_types()
    for file in sorted(path for path in headers.rglob("*") if path.is_file()):
        if file.parent.name == "__pycache__":
            continue
        copy = directory / "include" / file.relative_to(headers)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    shutil.copyfile(
        templates / "include" / "ap_axi_sdata.h", directory / "include" / "ap_axi_sdata.h"
    )
    for name, text in sources(design).items():
        (source / name).write_text(text)
    for header in ("qfx_dataflow.hpp", "qfx_trace.hpp"):
        shutil.copyfile(templates / "tb" / header, testbench / header)
    context = _top(design)
    (testbench / "testbench.cpp").write_text(render("tb/testbench.cpp.j2", d=context))
    for name in ("Makefile", "build.tcl", "hls_config.cfg"):
        (directory / name).write_text(render(f"{name}.j2", d=context))


def sources(design: Design) -> dict[str, str]:
    """The generated files of src/ by name."""
    name, context = design.graph.name, _top(design)
    texts = {f"{name}.hpp": render("top.hpp.j2", d=context)}
    texts[f"{name}.cpp"] = render("top.cpp.j2", d=context)
    for stage in design.stages:
        if isinstance(stage, Contract):
            weights = _weights(stage)
            texts[f"{weights['name']}.hpp"] = render("weights.hpp.j2", w=weights)
        for table in tables(stage):
            texts[f"{table['name']}.hpp"] = render("table.hpp.j2", t=table)
    library = assets.folder("hls_templates") / "vitis" / "lib"
    ends = {port.stream.name: "written" for port in design.inputs}
    ends |= {port.stream.name: "read" for port in design.outputs}
    vitis_check.check(texts[f"{name}.cpp"], name, ends)
    for file in library.glob("*.hpp"):
        vitis_check.check_pragmas(file.read_text(), file.name)
    return texts


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
    weights = [_weights_name(stage) for stage in design.stages if isinstance(stage, Contract)]
    others = [name for stage in design.stages for name in table_names(stage)]
    names = carriers(design.stages)
    return {
        "name": name,
        "title": f"{name} for {design.board.title}: {design.goal}.",
        "part": design.board.part,
        "period_ns": f"{1000 / design.board.clock_mhz:.3f}",
        "initiation_interval": design.initiation_interval,
        "bottleneck": design.bottleneck,
        "inputs": [_port(port, "Input") for port in design.inputs],
        "outputs": [_port(port, "Output") for port in design.outputs],
        "vectors": [f"{file}.hex" for file in vector_files(design)],
        "arguments": " ".join(f"../vectors/{file}.hex" for file in vector_files(design)),
        "registers": kernel_registers(design),
        "weights": [*weights, *others],
        "maps": [render("map.j2", m=map_context(stage)) for stage in maps],
        "streams": list(map(_stream, channels_of(design.stages))),
        "calls": _calls(design, names),
    }


def _stream(channel: Channel) -> dict[str, Any]:
    """What the top function declares."""
    stream = channel.stream
    return {
        "name": channel.name,
        "type": cpp_type(stream.dtype),
        "lanes": stream.lanes,
        "depth": channel.depth,
        "in_blocks": memory_of(channel.depth, stream.bits) == "block",
    }


def _port(port: Port, side: str) -> dict[str, Any]:
    """Of the only port on its side, the type and the constants are named after the side alone."""
    stream, constant = port.stream, side.upper()
    return {
        "name": stream.name,
        "word": f"{side}Word{port.suffix}",
        "beats_name": f"{constant}_BEATS{port.suffix}",
        "bits_name": f"{constant}_BITS{port.suffix}",
        "width": port.width_bits,
        "elements": stream.elements,
        "beats": stream.beats,
    }


def _calls(design: Design, names: dict[str, str]) -> list[str]:
    calls = [identity(design), *(_read(port, names) for port in design.inputs)]
    for stage in design.stages:
        function = _function(stage)
        if function is not None:
            ends = [names[stream.name] for stream in (*stage.inputs, *stage.outputs)]
            calls.append(f"{function}({', '.join((*ends, *_tables(stage)))});")
    first, *others = design.outputs
    calls.append(_written(first, names, "write_counting", f", {FRAMES}"))
    return [*calls, *(_written(port, names) for port in others)]


def _read(port: Port, names: dict[str, str]) -> str:
    stream = port.stream
    sizes = (stream.beats, port.element_bits, stream.dtype.wordlength)
    return f"qfx::read_port<{', '.join(map(str, sizes))}>({stream.name}, {names[stream.name]});"


def _written(port: Port, names: dict[str, str], how: str = "write_port", more: str = "") -> str:
    stream, dtype = port.stream, port.stream.dtype
    sizes = (stream.elements, port.element_bits, dtype.wordlength, boolean(dtype.signed))
    ends = f"{names[stream.name]}, {stream.name}{more}"
    return f"qfx::{how}<{', '.join(map(str, sizes))}>({ends});"


def _function(stage: Stage) -> str | None:
    """The function that a stage is; None for a Fifo, which is the depth of its stream."""
    if isinstance(stage, Contract):
        return f"qfx::contract<{_products(stage)}, {stage.vectors}>"
    if isinstance(stage, Fork):
        return f"qfx::fork<{stage.input.beats}>"
    if isinstance(stage, Merge):
        kind, second = stage.multiplier, stage.second.dtype
        operation = "Sum" if kind is None else f"Product<{multiply(second, kind)}>"
        return f"qfx::merge<{stage.output.beats}, qfx::{operation}>"
    if isinstance(stage, Concatenate):
        return f"qfx::concat<{stage.pixels}, {', '.join(map(str, stage.pixel_beats))}>"
    if isinstance(stage, Pool):
        return f"qfx::pool<{stage.output.beats}, {stage.taps}>"
    if isinstance(stage, Argmax):
        return f"qfx::argmax<{stage.input.beats}>"
    if isinstance(stage, Embed):
        return f"qfx::embed<{stage.input.elements}, {stage.row_beats}>"
    if isinstance(stage, SoftmaxStage):
        dtypes = (stage.exponentials.dtype, stage.reciprocals.dtype, stage.sum_type)
        types = (multiply(dtypes[0], stage.multiplier), *map(cpp_type, dtypes))
        return f"qfx::softmax<{', '.join(types)}, {stage.dropped}, {stage.count}>"
    if isinstance(stage, Window):
        sizes = (
            stage.groups, *stage.shape[1:], *stage.kernel, *stage.stride, *stage.dilation,
            *stage.padding, *stage.out_size, stage.rows, stage.pixel_beats,
        )  # fmt: skip
        return f"qfx::window<{', '.join(map(str, sizes))}>"
    if isinstance(stage, Repeat):
        repeats = (*stage.shape[1:], *stage.factor, stage.pixel_beats)
        return f"qfx::repeat<{', '.join(map(str, repeats))}>"
    if isinstance(stage, Resize):
        return f"qfx::resize<{stage.input.elements}>"
    if isinstance(stage, Map):
        return stage.name
    if isinstance(stage, Fifo):
        return None
    raise VitisError(f"stage {stage.kind} has no C++ function")


def _products(stage: Contract) -> str:
    """What products are built of."""
    if stage.multiplier == "shift_add":
        return shift_add(stage.mantissa.dtype, stage.terms)
    return multiply(stage.mantissa.dtype, stage.multiplier)


def _tables(stage: Stage) -> list[str]:
    """The arguments of a stage's function after its streams."""
    if not isinstance(stage, Contract):
        return table_names(stage)
    name = _weights_name(stage)
    return [name, f"{name}_shifts"] if stage.row_shifts.any() else [name]


def _weights_name(stage: Stage) -> str:
    return f"{stage.name}_weights"


def _weights(stage: Contract) -> dict[str, Any]:
    dtype, sizes = stage.mantissa.dtype, (stage.steps, stage.simd, stage.folds, stage.pe)
    if stage.multiplier == "shift_add":
        holds, bits, each = "the coded terms", "unsigned char", stage.terms.codes()
    else:
        holds, bits, each = "the stored integers", bits_type(dtype), stage.mantissa.integers
    lanes = each.reshape(stage.groups, *sizes, *each.shape[3:])
    in_order = lanes.transpose(0, 3, 1, 4, 2, *range(5, lanes.ndim))
    return {
        "name": _weights_name(stage),
        "title": stage.source or stage.name,
        "last": "[term]" if stage.multiplier == "shift_add" else "",
        "holds": f"{holds} of {cpp_type(dtype)}",
        "bits_type": bits,
        "sizes": "".join(f"[{size}]" for size in in_order.shape),
        "shifts": [
            nested(group) for group in stage.row_shifts.reshape(-1, stage.folds, stage.pe).tolist()
        ]
        if stage.row_shifts.any()
        else [],
        "shift_sizes": "".join(f"[{size}]" for size in (stage.groups, stage.folds, stage.pe)),
        "groups": [[list(map(nested, fold)) for fold in group] for group in in_order.tolist()],
    }
