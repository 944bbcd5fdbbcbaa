"""RTL simulation: the Verilated design as one shared library, for batches through ctypes and for
poking by hand.

Verilator writes C++; all of it is compiled as one unit together with PyVerilator's C interface and
a batch
function, so PyVerilator's class can load the library and a whole batch runs in one call.
"""

from __future__ import annotations

import ctypes
import sys
import time
import types
from pathlib import Path
from typing import Any

import numpy as np

from qfx.backends.project import Project
from qfx.fixedpoint.array import Integers
from qfx.simulation import tools
from qfx.simulation.cache import build_once
from qfx.simulation.outcome import Outcome, SimulationError

COMPILE = ("-std=c++17", "-O1", "-fPIC", "-DVL_USER_FINISH", "-DVM_COVERAGE=0", "-DVM_SC=0", "-w")
STALL_PERCENT = 30
PATIENCE_CYCLES = 100_000
_VERDICTS = {
    1: f"no beat for {PATIENCE_CYCLES:,} cycles: a deadlock",
    2: "m_axis_tvalid fell before its beat was accepted",
    3: "m_axis_tdata changed before its beat was accepted",
    4: "m_axis_tlast is not on a frame's last beat",
    5: "m_axis_tkeep does not mark the bytes that hold elements",
}
_BATCH = """
#include "harness.hpp"
extern "C" int qfx_batch({top}* top, const qfx::Batch* batch) {{ return qfx::run(*top, *batch); }}
"""


class _Batch(ctypes.Structure):
    """qfx::Batch of harness.hpp."""

    _fields_ = (
        ("input", ctypes.c_void_p),
        ("output", ctypes.c_void_p),
        ("last_beat_cycles", ctypes.c_void_p),
        ("frames", ctypes.c_uint64),
        ("input_beats", ctypes.c_uint64),
        ("output_beats", ctypes.c_uint64),
        ("input_words", ctypes.c_uint64),
        ("output_words", ctypes.c_uint64),
        ("last_keep", ctypes.c_uint64),
        ("stall_percent", ctypes.c_uint32),
        ("seed", ctypes.c_uint32),
        ("patience", ctypes.c_uint64),
    )


def simulate(project: Project, stimuli: Integers, stall_percent: int = 0, seed: int = 1) -> Outcome:
    """Run a batch through the RTL, frames back to back.

    Args:
        project: whose verilog/src is simulated.
        stimuli: (samples, *input shape) integers of the input's dtype.
        stall_percent: of cycles on which the source, and independently the sink, pauses.
        seed: of the stalls.

    Raises:
        ToolMissing, ToolFailed: Verilator or g++.
        SimulationError: a deadlock or a broken AXI4-Stream rule, named.
    """
    handle = load(project)
    source, sink = project.manifest.input.port(), project.manifest.output.port()
    words_in = np.ascontiguousarray(source.pack(stimuli))
    words_out = np.zeros((len(stimuli), sink.stream.beats, sink.width_bits // 32), np.uint32)
    cycles = np.zeros(len(stimuli), np.uint64)
    batch = _Batch(
        words_in.ctypes.data,
        words_out.ctypes.data,
        cycles.ctypes.data,
        len(stimuli),
        source.stream.beats,
        sink.stream.beats,
        words_in.shape[-1],
        words_out.shape[-1],
        sink.last_keep & (2**64 - 1),
        stall_percent,
        seed,
        PATIENCE_CYCLES,
    )
    entry = handle.lib.qfx_batch
    entry.argtypes, entry.restype = (ctypes.c_void_p, ctypes.c_void_p), ctypes.c_int
    started = time.perf_counter()
    verdict = entry(handle.model, ctypes.byref(batch))
    seconds = time.perf_counter() - started
    if verdict:
        raise SimulationError(f"RTL of {project.manifest.name}: {_VERDICTS[verdict]}")
    return Outcome(
        sink.unpack(words_out), seconds, None if stall_percent else _cycles_per_frame(cycles)
    )


def load(project: Project) -> Any:
    """The design as a PyVerilator object, built if need be: poke ports, step, read them.

    PyVerilator does not mask what is written to a port: write at most the port's width.
    """
    class_ = _import_pyverilator().PyVerilator
    return class_(str(build(project) / "design.so"))


def build(project: Project) -> Path:
    """The folder with design.so."""
    name = project.manifest.name
    sources = sorted((project.path / "verilog" / "src").glob("*.sv"))
    harness = project.path / "verilog" / "sim" / "harness.hpp"
    version = tools.run("verilator", "--version")

    def compile_into(folder: Path) -> None:
        tools.run(
            "verilator", "--cc", "-O3", "--no-timing", "-Wno-fatal", "--Mdir", str(folder),
            "--top-module", name, *map(str, sources),
        )  # fmt: skip
        generated = sorted(file.name for file in folder.glob("V*.cpp"))
        unit = _interface(project) + "\n" + "".join(f'#include "{file}"\n' for file in generated)
        (folder / "unit.cc").write_text(unit + _BATCH.format(top=f"V{name}"))
        tools.run(
            "g++", *COMPILE, "-shared", *_includes(), "-I.", f"-I{harness.parent.resolve()}",
            "unit.cc",
            *map(str, _runtime(version)), "-o", "design.so", "-pthread",
            cwd=str(folder),
        )  # fmt: skip

    keys: list[str | Path] = [
        version,
        _root(),
        *COMPILE,
        _interface(project),
        _BATCH,
        harness,
        *sources,
    ]
    return build_once("verilator", keys, compile_into)


def _cycles_per_frame(last_beats: np.ndarray[Any, np.dtype[np.uint64]]) -> float | None:
    """From the second frame on, when the pipeline is full."""
    if len(last_beats) < 3:
        return None
    return float(last_beats[-1] - last_beats[1]) / (len(last_beats) - 2)


def _interface(project: Project) -> str:
    """PyVerilator's C functions for our ports; its tracing needs --trace, which costs speed, so it
    is left out.
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
    units = ("verilated", "verilated_threads")

    def compile_into(folder: Path) -> None:
        for unit in units:
            tools.run(
                "g++",
                *COMPILE,
                *_includes(),
                "-c",
                str(include / f"{unit}.cpp"),
                "-o",
                str(folder / f"{unit}.o"),
            )

    folder = build_once("verilator-runtime", [version, _root(), *COMPILE], compile_into)
    return [folder / f"{unit}.o" for unit in units]
