"""Yosys as the area meter: the whole design through synth_xilinx, its cells counted.

The products are given to DSP slices or to LUTs as the attribute use_dsp of their module says.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qfx import tools
from qfx.backends.project import Project
from qfx.cache import build_once
from qfx.synthesis.cells import Cells, unknown
from qfx.synthesis.outcome import (
    Multiplications,
    Synthesis,
    SynthesisError,
    changed_sources,
)

Started = Callable[[str], None]


@dataclass(frozen=True)
class Family:
    """A family of parts as Yosys knows it.

    Args:
        name: of synth_xilinx's option.
        parts: a pattern of the parts' names.
        dsp: the cell of a DSP slice.
        multiplier: its widest product, as synth_xilinx gives it to mul2dsp.v.
    """

    name: str
    parts: str
    dsp: str
    multiplier: tuple[int, int]

    @property
    def product_map(self) -> str:
        """The techmap that puts one product of any size into as few DSP slices as it needs."""
        a, b = self.multiplier
        widths = f"-D DSP_A_MAXWIDTH={a} -D DSP_B_MAXWIDTH={b} -D DSP_A_MAXWIDTH_PARTIAL={b}"
        cells = "xc7" if self.name == "xc7" else "xcu"
        return (
            f"techmap -map +/mul2dsp.v -map +/xilinx/{cells}_dsp_map.v {widths}"
            f" -D DSP_SIGNEDONLY=1 -D DSP_NAME=$__MUL{a}X{b}"
        )


FAMILIES = (
    Family("xc7", r"xc7", "DSP48E1", (25, 18)),
    Family("xcup", r"xczu|xck26|xc[akv]u\d+p", "DSP48E2", (27, 18)),
    Family("xcu", r"xc[kv]u\d+", "DSP48E2", (27, 18)),
)
_STEP = "qfx step: "  # what the script says when one begins
# After the flattened design is optimized: what is left of the products, then those that a module
# wants in DSP slices, of whatever size, and in LUTs, whatever Yosys thinks of them.
_PRODUCTS = """\
tee -q -o products.txt select -list t:$mul t:$macc
memory_dff
{product_map} t:$mul a:qfx_in_dsp %i
chtype -set $__soft_mul t:$mul a:qfx_in_luts %i
{synth} -run map_dsp:coarse
opt_clean
"""
# The rest of synth_xilinx by its labels, and what each step is called.
_REST = (
    ("sharing arithmetic", "coarse", "map_memory"),
    ("mapping memories", "map_memory", "fine"),
    ("mapping adders and flip-flops", "fine", "map_luts"),
    ("mapping LUTs", "map_luts", "check"),
)


def run(project: Project, started: Started = lambda step: None) -> Synthesis:
    """Measure a design; an earlier measurement of the same sources is taken as it is.

    Raises:
        ToolMissing, SynthesisError: as `qfx.synth`.
    """
    family, version = family_of(project), _version()
    folder, cached = _measured(project, version, script(project, family), started)
    cells = _cells(project, folder)
    return Synthesis(
        project=project,
        tool=f"Yosys {version}",
        family=family.name,
        resources=cells.resources,
        memory_luts=cells.memory_luts,
        shift_luts=cells.shift_luts,
        multiplications=_multiplications(project, folder),
        seconds=float((folder / "seconds.txt").read_text()),
        cached=cached,
    )


def multiplications(project: Project, started: Started = lambda step: None) -> Multiplications:
    """Only where a design multiplies: `run` up to where products are mapped, much sooner.

    Raises:
        ToolMissing, SynthesisError: as `qfx.synth`.
    """
    steps = script(project, family_of(project), whole=False)
    folder, _ = _measured(project, _version(), steps, started)
    return _multiplications(project, folder)


def family_of(project: Project) -> Family:
    """The family of the project's part.

    Raises:
        SynthesisError: Yosys has none.
    """
    part = project.manifest.part
    for family in FAMILIES:
        if re.match(family.parts, part):
            return family
    raise SynthesisError(
        f"Yosys cannot build for the part {part!r}: qfx synth measures on AMD's 7 series,"
        " UltraScale and UltraScale+, so export for a board with such a part"
    )


def script(project: Project, family: Family, whole: bool = True) -> str:
    """What Yosys is told, in a folder with the sources in src/.

    Args:
        project: whose sources are read.
        family: of parts.
        whole: False stops when the products are mapped.
    """
    top = project.manifest.name
    synth = f"synth_xilinx -family {family.name} -flatten -noiopad -nowidelut -top {top}"
    lines = [
        f"log -stderr {_STEP}reading the design",
        *(f"read_verilog -sv src/{file.name}" for file in _sources(project)),
        f"hierarchy -check -top {top}",
        "proc",
        "setattr -set qfx_in_dsp 1 A:use_dsp=yes/t:$mul",
        "setattr -set qfx_in_luts 1 A:use_dsp=no/t:$mul",
        f"log -stderr {_STEP}flattening and optimizing",
        f"{synth} -run begin:map_dsp",
        f"log -stderr {_STEP}mapping products",
        _PRODUCTS.format(synth=synth, product_map=family.product_map),
    ]
    if whole:
        for words, first, last in _REST:
            lines += [f"log -stderr {_STEP}{words}", f"{synth} -run {first}:{last}"]
        lines.append("tee -q -o stat.json stat -json -tech xilinx")
    lines.append(f"tee -q -o dsps.txt select -list t:{family.dsp}")
    return "\n".join(lines) + "\n"


def _sources(project: Project) -> list[Path]:
    return sorted((project.path / "verilog" / "src").glob("*.sv"))


def _version() -> str:
    tools.require("yosys")
    return tools.TOOLS["yosys"].version() or "of no version"


def _measured(project: Project, version: str, steps: str, started: Started) -> tuple[Path, bool]:
    """The folder of what the script wrote, and whether it was there already."""
    sources, cached = _sources(project), True

    def measure(target: Path) -> None:
        nonlocal cached
        cached = False
        begun = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="qfx-yosys-") as folder:
            work = Path(folder)
            (work / "src").mkdir()
            for source in sources:
                shutil.copyfile(source, work / "src" / source.name)
            (work / "steps.ys").write_text(steps)
            _yosys(project, work, started)
            for found in (*work.glob("*.txt"), *work.glob("*.json")):
                shutil.copyfile(found, target / found.name)
        (target / "seconds.txt").write_text(f"{time.perf_counter() - begun:.2f}")

    return build_once("yosys", [version, steps, *sources], measure), cached


def _yosys(project: Project, work: Path, started: Started) -> None:
    """Run steps.ys."""

    def heard(line: str) -> None:
        if line.startswith(_STEP):
            started(line.removeprefix(_STEP))

    try:
        tools.watch("yosys", "-q", "-s", "steps.ys", folder=work, heard=heard)
    except tools.ToolFailed as error:
        last = str(error).splitlines()[-1]
        changed = changed_sources(project)
        cause = f"changed since export: {', '.join(changed[:3])}; " if changed else ""
        raise SynthesisError(
            f"Yosys cannot build {project.manifest.name}: {last.removeprefix('ERROR: ')}"
            f" ({cause}export again)"
        ) from error


def _cells(project: Project, folder: Path) -> Cells:
    """The cells of the flattened design."""
    top = project.manifest.name
    by_type = json.loads((folder / "stat.json").read_text())["modules"][f"\\{top}"][
        "num_cells_by_type"
    ]
    strange = unknown(by_type)
    if strange:
        raise SynthesisError(
            f"Yosys built {top} of {', '.join(strange)}, cells that qfx cannot count: take Yosys"
            " 0.23"
        )
    return Cells.of(by_type)


def _multiplications(project: Project, folder: Path) -> Multiplications:
    return Multiplications(
        products=_by_stage(project, folder / "products.txt"),
        dsps=_by_stage(project, folder / "dsps.txt"),
    )


def _by_stage(project: Project, listed: Path) -> dict[str, int]:
    """Cells counted by the stage whose instance their name begins with; in the top's own logic, by
    the name of the top.
    """
    stages = {f"u_{stage.name}": stage.name for stage in project.manifest.stages}
    found: Counter[str] = Counter()
    for line in listed.read_text().splitlines():
        instance = re.match(r"[^/]+/(?:\$flatten)?\\?(u_\w+)\.", line)
        name = instance.group(1) if instance else ""
        found[stages.get(name, name.removeprefix("u_") or project.manifest.name)] += 1
    return dict(sorted(found.items()))
