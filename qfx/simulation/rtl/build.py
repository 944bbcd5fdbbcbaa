"""The Verilated design as one shared library, which runs a whole batch in one call of ctypes.

Verilator writes C++; it is compiled in a few units at a time, together with the functions that run
a batch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qfx import assets, tools
from qfx.cache import build_once
from qfx.project import Project
from qfx.simulation.rtl.compile import OPTIONS, compile_units, root
from qfx.templates import Templates

TEMPLATES = Templates(lambda: assets.folder("hls_templates") / "verilog" / "sim")
_SPLIT = ("--output-split", "5000", "--output-split-cfuncs", "5000")  # no larger files: compile.py


@dataclass(frozen=True)
class Variant:
    """What a library can do beside running batches; each costs time.

    Args:
        recorded: words of 32 bits that a beat takes, by stream to be recorded.
        depths_given: whether queues take their depths from plusargs, by qfx_fifo.sv.
    """

    recorded: Mapping[str, int] = field(default_factory=dict)
    depths_given: bool = False


def build(project: Project, variant: Variant | None = None) -> Path:
    """The library; built once for the same sources.

    Args:
        project: whose verilog/src is simulated.
        variant: what more it can do.

    Raises:
        ToolMissing, ToolFailed: Verilator or g++.
    """
    variant, name, streams = variant or Variant(), project.manifest.name, streams_of(project)
    inputs, outputs = ports_of(project)
    unit = TEMPLATES.render(
        "library.cc.j2",
        top=name,
        inputs=inputs,
        outputs=outputs,
        streams=streams,
        recorded=variant.recorded,
    )
    return compiled(
        name,
        sources(project),
        project.path / "verilog" / "sim",
        unit,
        ("+define+QFX_PROOF",) if variant.depths_given else (),
        _visible(name, streams, variant),
    )


def compiled(
    top: str,
    sources: list[Path],
    harness: Path,
    unit: str,
    flags: tuple[str, ...] = (),
    visible: str = "",
) -> Path:
    """The library of a module; built once for the same sources.

    Args:
        top: the module.
        sources: of it and of all below it.
        harness: the folder of the headers that the unit includes.
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
        compile_units(folder, harness.resolve(), version)

    options, headers = (*OPTIONS, *_SPLIT, *flags), sorted(harness.glob("*.hpp"))
    keys: list[str | Path] = [version, root(), *options, visible, unit, *headers, *sources]
    return build_once("verilator", keys, compile_into) / "design.so"


def sources(project: Project) -> list[Path]:
    """The SystemVerilog of a project."""
    return sorted((project.path / "verilog" / "src").glob("*.sv"))


def streams_of(project: Project) -> list[str]:
    """The streams of the top level by name, as its Verilog declares them."""
    top = project.path / "verilog" / "src" / f"{project.manifest.name}.sv"
    return re.findall(r"^  wire (\w+)_valid, \1_ready;$", top.read_text(), re.MULTILINE)


def ports_of(project: Project) -> tuple[list[str], list[str]]:
    """The names of the input and of the output ports."""
    manifest = project.manifest
    return [port.name for port in manifest.inputs], [port.name for port in manifest.outputs]


def _visible(top: str, streams: list[str], variant: Variant) -> str:
    """Verilator's configuration: the signals to keep for the functions that read them."""
    kept = [f"{stream}_{wire}" for stream in streams for wire in ("valid", "ready")]
    kept += [f"{stream}_data" for stream in variant.recorded]
    lines = [f'public_flat_rd -module "{top}" -var "{signal}"' for signal in kept]
    return "\n".join(("`verilator_config", *lines, ""))
