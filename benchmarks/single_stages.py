"""Stages alone, as Verilog, built by Yosys with what `qfx synth` tells it."""

import json
import re
import shutil
import tempfile
from pathlib import Path

from qfx import assets, tools
from qfx.backends import verilog
from qfx.backends.netlist import spell
from qfx.backends.verilog.literals import of_parameter
from qfx.boards import Resources
from qfx.cache import build_once
from qfx.hardware import Design, Stage
from qfx.synthesis.yosys import scripts
from qfx.synthesis.yosys.cells import Cells
from qfx.synthesis.yosys.family import Family

LIBRARY = assets.folder("hls_templates") / "verilog" / "lib"


def sources(design: Design, stage: Stage) -> dict[str, str]:
    """The stage's own modules by name, and a top of it and its ROMs, its streams the ports."""
    streams = {s.name: s.bits for s in (*stage.inputs, *stage.outputs)}
    entering = {s.name for s in stage.inputs}
    ports = ["input logic aclk", "input logic rst"]
    for name, bits in streams.items():
        ins, outs = ("input", "output") if name in entering else ("output", "input")
        ports += [f"{ins} logic {name}_valid", f"{outs} logic {name}_ready"]
        ports.append(f"{ins} logic [{bits - 1}:0] {name}_data")
    body = []
    instances, _, _ = spell(design, stage)
    for instance in instances:
        given = ", ".join(f".{n}({of_parameter(v)})" for n, v in instance.parameters.items())
        wires = ", ".join(f".{n}({w})" for n, w in instance.connections.items())
        for wire in instance.wires:
            width = "" if wire.width is None else f"[{wire.width - 1}:0] "
            body.append(f"wire {width}{wire.name};")
        body.append(f"{instance.module} #({given}) {instance.name} (.clk(aclk), {wires});")
    texts = {n: t for n, t in verilog.modules(design).items() if stage.name in n}
    top = f"module {scripts.MODULE} ({', '.join(ports)});\n" + "\n".join(body) + "\nendmodule\n"
    return texts | {scripts.MODULE: top}


def measured(texts: dict[str, str], family: Family) -> Resources:
    """What Yosys makes of a top and its modules; kept like what `qfx synth` measures."""
    return built(texts, family)[0]


def built(texts: dict[str, str], family: Family) -> tuple[Resources, int]:
    """What Yosys makes of a top and its modules, and the levels of its longest path."""
    library = sorted(LIBRARY.glob("*.sv"))
    files = [f"{name}.sv" for name in (*texts, *(file.stem for file in library))]
    script = scripts.build(family, [*scripts.read_sources(scripts.MODULE, files)])
    version = tools.TOOLS["yosys"].version() or ""

    def build(target: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="qfx-yosys-") as folder:
            for file in library:
                shutil.copyfile(file, Path(folder) / file.name)
            for name, text in texts.items():
                (Path(folder) / f"{name}.sv").write_text(text)
            (Path(folder) / "steps.ys").write_text(script)
            tools.run("yosys", "-q", "-s", "steps.ys", cwd=folder)
            for name in ("stat.json", "depth.txt"):
                shutil.copyfile(Path(folder) / name, target / name)

    keys = [version, script, *texts.values(), *library]
    folder = build_once("yosys-levels", keys, build)
    stat = json.loads((folder / "stat.json").read_text())
    length = re.search(r"\(length=(-?\d+)\)", (folder / "depth.txt").read_text())
    cells = Cells.of(stat["modules"][f"\\{scripts.MODULE}"]["num_cells_by_type"])
    return cells.resources, int(length[1]) if length else 0
