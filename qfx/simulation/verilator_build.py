"""The Verilated design as one shared library, for batches through ctypes and for poking by hand.

Verilator writes C++; all of it is compiled as one unit together with PyVerilator's C interface and
a batch function, so PyVerilator's class can load the library and a whole batch runs in one call.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

from qfx import tools
from qfx.backends.project import Project
from qfx.cache import build_once

COMPILE = ("-std=c++17", "-O2", "-fPIC", "-DVL_USER_FINISH", "-DVM_COVERAGE=0", "-DVM_SC=0", "-w")
_BATCH = """
#include "harness.hpp"
extern "C" int qfx_batch({top}* top, const qfx::Batch* batch) {{ return qfx::run(*top, *batch); }}
"""
# The same, and every accepted beat of some streams is kept until its buffer is full.
_RECORD = """
#include "{top}___024root.h"
struct Recording {{ uint32_t* words; uint64_t beats, capacity, valid, ready; }};
extern "C" int qfx_record({top}* top, const qfx::Batch* batch, Recording* to) {{
  auto* r = top->rootp;
  return qfx::run(*top, *batch, [&] {{
{captures}
  }});
}}
"""
_CAPTURE = """\
    to[{n}].valid = r->{signal}_valid, to[{n}].ready = r->{signal}_ready;
    if (to[{n}].valid && to[{n}].ready) {{
      if (to[{n}].beats < to[{n}].capacity)
        qfx::get(r->{signal}_data, to[{n}].words + to[{n}].beats * {words});
      ++to[{n}].beats;
    }}"""


def build(project: Project, streams: dict[str, int] | None = None) -> Path:
    """The library; built once for the same sources.

    Args:
        project: whose verilog/src is simulated.
        streams: words of 32 bits that a beat of each internal stream takes; given, the library
            can record them and write a VCD, at a tenth of the speed.

    Raises:
        ToolMissing, ToolFailed: Verilator or g++.
    """
    name, probed = project.manifest.name, streams is not None
    sources = sorted((project.path / "verilog" / "src").glob("*.sv"))
    harness = project.path / "verilog" / "sim" / "harness.hpp"
    version = tools.run("verilator", "--version")
    flags = ("--trace", "--public-flat-rw") if probed else ()
    unit = _interface(project, probed) + _BATCH.format(top=f"V{name}")
    if streams:
        unit += _recorder(name, streams)

    def compile_into(folder: Path) -> None:
        tools.run(
            "verilator", "--cc", "-O3", "--no-timing", "-Wno-fatal", "--Mdir", str(folder),
            "--top-module", name, *flags, *map(str, sources),
        )  # fmt: skip
        generated = sorted(file.name for file in folder.glob("V*.cpp"))
        (folder / "unit.cc").write_text(
            unit + "".join(f'\n#include "{file}"' for file in generated)
        )
        tools.run(
            "g++", *COMPILE, "-shared", *_includes(), "-I.", f"-I{harness.parent.resolve()}",
            "unit.cc", *map(str, _runtime(version)), "-o", "design.so", "-pthread",
            cwd=str(folder),
        )  # fmt: skip

    keys: list[str | Path] = [version, _root(), *COMPILE, *flags, unit, harness, *sources]
    return build_once("verilator", keys, compile_into) / "design.so"


def open_library(path: Path) -> Any:
    """The library as a PyVerilator object."""
    return _import_pyverilator().PyVerilator(str(path))


def _recorder(name: str, streams: dict[str, int]) -> str:
    captures = [
        _CAPTURE.format(n=n, signal=f"{name}__DOT__{stream}", words=words)
        for n, (stream, words) in enumerate(streams.items())
    ]
    return _RECORD.format(top=f"V{name}", captures="\n".join(captures))


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

    inputs = [
        ("aclk", 1),
        ("aresetn", 1),
        *axis("s_axis", manifest.input.width_bits),
        ("m_axis_tready", 1),
    ]
    outputs = [*axis("m_axis", manifest.output.width_bits), ("s_axis_tready", 1)]
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
        for unit in units:
            tools.run(
                "g++", *COMPILE, *_includes(), "-c", str(include / f"{unit}.cpp"),
                "-o", str(folder / f"{unit}.o"),
            )  # fmt: skip

    folder = build_once("verilator-runtime", [version, _root(), *COMPILE, *units], compile_into)
    return [folder / f"{unit}.o" for unit in units]
