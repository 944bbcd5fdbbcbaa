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
from qfx.backends.project import Project
from qfx.backends.verilog import visitors
from qfx.cache import build_once
from qfx.simulation.parallel import usable_cpus

COMPILE = ("-std=c++17", "-fPIC", "-DVL_USER_FINISH", "-DVM_COVERAGE=0", "-DVM_SC=0", "-w")
_FAST, _SLOW = "-O1", "-O0"  # why these: docs/adr/0015
_UNIT_BYTES = 400_000  # of a unit: its headers take as long to parse as so much code to compile
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
        [project.path / "verilog" / "sim" / "harness.hpp"],
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
            "verilator", "--cc", "-O3", "--no-timing", "-Wno-fatal", "--Mdir", str(folder),
            "--top-module", top, *flags, *configuration, *map(str, sources),
        )  # fmt: skip
        _compile_units(folder, headers[0].parent.resolve(), _runtime(version))

    options = (*COMPILE, _FAST, _SLOW, *flags)
    keys: list[str | Path] = [version, _root(), *options, visible, unit, *headers, *sources]
    return build_once("verilator", keys, compile_into) / "design.so"


def streams_of(project: Project) -> list[str]:
    """The streams of the top level by name, as its Verilog declares them."""
    top = project.path / "verilog" / "src" / f"{project.manifest.name}.sv"
    return re.findall(r"^  wire (\w+)_valid, \1_ready;$", top.read_text(), re.MULTILINE)


def open_library(path: Path) -> Any:
    """The library as a PyVerilator object."""
    return _import_pyverilator().PyVerilator(str(path))


def _compile_units(folder: Path, harness: Path, runtime: list[Path]) -> None:
    """Verilator's files in units: what runs every cycle is made fast, what runs once, which takes
    the compiler most time, is made soon. A small design is one unit.
    """
    generated = sorted(folder.glob("V*.cpp"))
    large = sum(file.stat().st_size for file in generated) > _UNIT_BYTES
    once = re.compile("__(Slow|ConstPool|Syms)" if large else "$^")
    slow = [file for file in generated if once.search(file.name)]
    units = {
        **_units(folder, "fast", [f for f in generated if f not in slow] + [folder / "unit.cc"]),
        **_units(folder, "slow", slow),
    }
    names = sorted(units, key=lambda name: -units[name])  # the largest is not to be the last
    level = {name: _FAST if name.startswith("fast") else _SLOW for name in names}
    includes = (*_includes(), "-I.", f"-I{harness}")
    tools.watch(
        [_compile(folder, name, f"{name}.o", level[name], *includes) for name in names],
        usable_cpus(),
    )
    objects = (*(f"{name}.o" for name in names), *map(str, runtime))
    tools.run("g++", "-shared", *objects, "-o", "design.so", "-pthread", cwd=str(folder))


def _compile(folder: Path, source: str, target: str, *options: str) -> tools.Job:
    arguments = ("g++", *COMPILE, *options, "-c", source, "-o", target)
    return tools.Job(arguments, folder, lambda line: None)


def _units(folder: Path, kind: str, files: list[Path]) -> dict[str, int]:
    """Files that include some of the given ones each, and their bytes."""
    sizes: dict[str, int] = {}
    name, room = "", 0
    for file in files:
        size = file.stat().st_size
        if room < size or not name:
            name, room = f"{kind}{len(sizes)}.cc", max(size, _UNIT_BYTES)
            sizes[name] = 0
        with (folder / name).open("a") as unit:
            unit.write(f'#include "{file.name}"\n')
        sizes[name] += size
        room -= size
    return sizes


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


def _root() -> str:
    root = tools.run("verilator", "--getenv", "VERILATOR_ROOT").strip()
    return root or "/usr/share/verilator"  # where Debian's package puts it


def _includes() -> tuple[str, ...]:
    include = Path(_root()) / "include"
    return (f"-I{include}", f"-I{include / 'vltstd'}")


def _runtime(version: str) -> list[Path]:
    """Verilator's own objects, compiled once."""
    include = Path(_root()) / "include"
    units = ("verilated", "verilated_threads", "verilated_vcd_c")

    def compile_into(folder: Path) -> None:
        options = ("-O2", *_includes())
        tools.watch(
            [_compile(folder, str(include / f"{u}.cpp"), f"{u}.o", *options) for u in units],
            usable_cpus(),
        )

    folder = build_once("verilator-runtime", [version, _root(), *COMPILE, *units], compile_into)
    return [folder / f"{unit}.o" for unit in units]
