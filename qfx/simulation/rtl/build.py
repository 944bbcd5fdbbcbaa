"""The Verilated design as one shared library, for batches through ctypes and for poking by hand.

Verilator writes C++; it is compiled in a few units at a time, together with PyVerilator's C
interface and functions that run a batch, so PyVerilator's class can load the library and a whole
batch runs in one call.
"""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qfx import tools
from qfx.backends.verilog import HARNESS, visitors
from qfx.cache import build_once
from qfx.project.folder import Project
from qfx.simulation.rtl.compile import OPTIONS, compile_units, root

_SPLIT = (
    "--output-split",
    "5000",
    "--output-split-cfuncs",
    "5000",
)  # no larger files: verilator_compile.py
_ENTRIES = """
#include "{top}___024root.h"
{visitors}
#include "harness.hpp"
extern "C" {top}* qfx_new(int count, const char** options) {{
  auto* context = new VerilatedContext;
  context->commandArgs(count, options);
  return new {top}(context, "");  // its instances are named from the design on: net.u_fifo
}}
extern "C" void qfx_delete({top}* top) {{
  auto* context = top->contextp();
  delete top;
  delete context;
}}
extern "C" int qfx_batch({top}* top, qfx::Batch* batch) {{ return qfx::run(*top, *batch); }}
extern "C" const char* qfx_streams() {{ return "{streams}"; }}
extern "C" void qfx_handshakes({top}* top, uint8_t* valid, uint8_t* ready) {{
  auto* r = top->rootp;
{handshakes}
}}
struct Recording {{ uint32_t* words; uint64_t beats, capacity; }};
extern "C" int qfx_record({top}* top, qfx::Batch* batch, Recording* to) {{
  auto* r = top->rootp;
  return qfx::run(*top, *batch, [&] {{
{captures}
  }});
}}
"""
_HANDSHAKE = "  valid[{n}] = r->{signal}_valid, ready[{n}] = r->{signal}_ready;"
_CAPTURE = """\
    if (r->{signal}_valid && r->{signal}_ready) {{
      if (to[{n}].beats < to[{n}].capacity)
        qfx::get(r->{signal}_data, to[{n}].words + to[{n}].beats * {words});
      ++to[{n}].beats;
    }}"""


@dataclass(frozen=True)
class Variant:
    """What a library can do beside running batches; each costs time.

    Args:
        recorded: words of 32 bits that a beat takes, by stream to be recorded.
        poked: whether every signal can be seen, and a VCD be written; at a tenth of the speed.
        depths_given: whether queues take their depths from plusargs, by qfx_fifo.sv.
    """

    recorded: Mapping[str, int] = field(default_factory=dict)
    poked: bool = False
    depths_given: bool = False


def build(project: Project, variant: Variant | None = None) -> Path:
    """The library; built once for the same sources.

    Args:
        project: whose verilog/src is simulated.
        variant: what more it can do.

    Raises:
        ToolMissing, ToolFailed: Verilator or g++.
    """
    variant = variant or Variant()
    flags = (
        *(("--trace", "--public-flat-rw") if variant.poked else ()),
        *(("+define+QFX_PROOF",) if variant.depths_given else ()),
    )
    return compiled(
        project.manifest.name,
        sorted((project.path / "verilog" / "src").glob("*.sv")),
        [project.path / "verilog" / "sim" / name for name in HARNESS],
        _interface(project, variant.poked) + _entries(project, variant),
        flags,
        _visible(project, variant),
    )


def compiled(
    top: str,
    sources: list[Path],
    headers: list[Path],
    unit: str,
    flags: tuple[str, ...] = (),
    visible: str = "",
) -> Path:
    """The library of a module; built once for the same sources.

    Args:
        top: the module.
        sources: of it and of all below it.
        headers: that the unit includes, all of one folder.
        unit: C++ that stands beside Verilator's.
        flags: for Verilator.
        visible: Verilator's configuration.

    Raises:
        ToolMissing, ToolFailed: Verilator or g++.
    """
    version = tools.run("verilator", "--version")

    def compile_into(folder: Path) -> None:
        (folder / "visible.vlt").write_text(visible)
        (folder / "unit.cc").write_text(unit)
        configuration = [str(folder / "visible.vlt")] if visible else []
        tools.run(
            "verilator", "--cc", "-O3", "--no-timing", "-Wno-fatal", *_SPLIT,
            "--Mdir", str(folder), "--top-module", top, *flags, *configuration, *map(str, sources),
        )  # fmt: skip
        compile_units(folder, headers[0].parent.resolve(), version)

    options = (*OPTIONS, *_SPLIT, *flags)
    keys: list[str | Path] = [version, root(), *options, visible, unit, *headers, *sources]
    return build_once("verilator", keys, compile_into) / "design.so"


def streams_of(project: Project) -> list[str]:
    """The streams of the top level by name, as its Verilog declares them."""
    top = project.path / "verilog" / "src" / f"{project.manifest.name}.sv"
    return re.findall(r"^  wire (\w+)_valid, \1_ready;$", top.read_text(), re.MULTILINE)


def open_library(path: Path) -> Any:
    """The library as a PyVerilator object."""
    return _import_pyverilator().PyVerilator(str(path))


def _visible(project: Project, variant: Variant) -> str:
    """Verilator's configuration: the signals to keep for the functions that read them."""
    kept = [f"{stream}_{wire}" for stream in streams_of(project) for wire in ("valid", "ready")]
    kept += [f"{stream}_data" for stream in variant.recorded]
    top = project.manifest.name
    lines = [f'public_flat_rd -module "{top}" -var "{signal}"' for signal in kept]
    return "\n".join(("`verilator_config", *lines, ""))


def _entries(project: Project, variant: Variant) -> str:
    name = project.manifest.name
    streams = streams_of(project)
    handshakes = [
        _HANDSHAKE.format(n=n, signal=f"{name}__DOT__{stream}") for n, stream in enumerate(streams)
    ]
    captures = [
        _CAPTURE.format(n=n, signal=f"{name}__DOT__{stream}", words=words)
        for n, (stream, words) in enumerate(variant.recorded.items())
    ]
    return _ENTRIES.format(
        top=f"V{name}",
        visitors=visitors(f"V{name}", *ports_of(project)),
        streams=" ".join(streams),
        handshakes="\n".join(handshakes),
        captures="\n".join(captures),
    )


def ports_of(project: Project) -> tuple[list[str], list[str]]:
    """The names of the input and of the output ports."""
    manifest = project.manifest
    return [port.name for port in manifest.inputs], [port.name for port in manifest.outputs]


def _interface(project: Project, traced: bool) -> str:
    """PyVerilator's C functions for our ports; its VCD needs --trace, which costs speed, and is
    left out unless asked for.
    """
    name, manifest = project.manifest.name, project.manifest
    _import_pyverilator()
    from pyverilator import verilatorcpp

    def axis(prefix: str, width: int) -> list[tuple[str, int]]:
        fields = (("tdata", width), ("tkeep", width // 8), ("tlast", 1), ("tvalid", 1))
        return [(f"{prefix}_{field}", bits) for field, bits in fields]

    inputs, outputs = [("aclk", 1), ("aresetn", 1)], []
    for port in manifest.inputs:
        inputs += axis(port.name, port.width_bits)
        outputs += [(f"{port.name}_tready", 1)]
    for port in manifest.outputs:
        outputs += axis(port.name, port.width_bits)
        inputs += [(f"{port.name}_tready", 1)]
    text: str = verilatorcpp.template_cpp(name, inputs, outputs, [], '"null"')
    if traced:
        return text
    return text.replace('#include "verilated_vcd_c.h"', "class VerilatedVcdC;").replace(
        text[text.index("VerilatedVcdC* start_vcd_trace") : text.index("bool get_finished()")], ""
    )


def _import_pyverilator() -> Any:
    """PyVerilator, spared its wish for a Tk call that Python 3.11 no longer has (only its GTKWave
    link uses it).
    """
    if "tclwrapper" not in sys.modules:
        stub: Any = types.ModuleType("tclwrapper")
        stub.TCLWrapper = None
        sys.modules["tclwrapper"] = stub
    import pyverilator

    return pyverilator
