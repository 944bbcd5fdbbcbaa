"""Yosys as the area meter: each stage through synth_xilinx, its cells counted.

Every stage is built alone, by a process of its own, so that what it takes depends on nothing but
itself and can be kept. The products are given to DSP slices or to LUTs as the attribute use_dsp of
their module says.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from qfx import tools
from qfx.cache import build_once, kept
from qfx.disk.scratch import scratch
from qfx.progress import Steps
from qfx.project import Project
from qfx.synthesis.measured import (
    Multiplications,
    StageSynthesis,
    Synthesis,
    SynthesisError,
)
from qfx.synthesis.yosys import scripts
from qfx.synthesis.yosys.cells import Cells, unknown
from qfx.synthesis.yosys.family import family_of
from qfx.synthesis.yosys.split import (
    digests_of,
    parts_of,
    run_on_sources,
    run_yosys,
    sources_of,
    texts_of,
    yosys,
)

Key = tuple[str, str, str]  # Yosys' version, what it is told, a hash of what it builds
_KEPT = ("products.txt", "stat.json", "depth.txt")


def run(
    project: Project,
    progress: Steps = lambda step, done, of: None,
    jobs: int | None = None,
) -> Synthesis:
    """Measure a design; what equal stages took before is taken as it was.

    Args:
        project: whose Verilog is built.
        progress: as for `qfx.synth`.
        jobs: stages at a time; None takes one for each CPU.

    Raises:
        ToolMissing, SynthesisError: as `qfx.synth`.
    """
    begun, family, version = time.perf_counter(), family_of(project), _version()
    script, texts = scripts.build(family), dict[str, str]()

    def split() -> dict[str, str]:
        progress("reading the design", 0, 0)
        texts.update(texts_of(project))
        return texts

    digests = digests_of(project, version, split)
    keys = {name: (version, script, digest) for name, digest in digests.items()}
    missing = {name: key for name, key in keys.items() if kept("yosys", key) is None}
    if missing:
        _build(project, texts or split(), missing, len(keys), progress, jobs)
    return Synthesis(
        project=project,
        tool=f"Yosys {version}",
        label="yosys",
        target=family.name,
        stages=tuple(_counted(project, name, key) for name, key in keys.items()),
        built=len(set(missing.values())),
        seconds=time.perf_counter() - begun,
    )


def multiplications(project: Project) -> Multiplications:
    """Find the products of a design alone, sooner than `run`.

    Raises:
        ToolMissing, SynthesisError: as `qfx.synth`.
    """
    sources = sources_of(project)
    script = scripts.products(
        project.manifest.name, [s.name for s in sources], parts_of(project), family_of(project)
    )

    def list_them(target: Path) -> None:
        with scratch("yosys") as folder:
            run_on_sources(project, Path(folder), script)
            for name in ("products.txt", "dsps.txt"):
                shutil.copyfile(Path(folder) / name, target / name)

    folder = build_once("yosys-products", [_version(), script, *sources], list_them)
    return Multiplications(
        products=_by_stage(project, folder / "products.txt"),
        dsps=_by_stage(project, folder / "dsps.txt"),
    )


def _build(
    project: Project,
    texts: dict[str, str],
    missing: dict[str, Key],
    of: int,
    progress: Steps,
    at_once: int | None,
) -> None:
    """Build stages, the largest first, some at a time, and keep what they take."""
    largest_first = sorted(missing, key=lambda name: -len(texts[name]))
    done = of - len(missing)

    def jobs(work: Path) -> Iterator[tools.Job]:
        for name in largest_first:
            if kept("yosys", missing[name]) is None:  # an equal stage may have been built
                yield build(name, work / name)

    def build(name: str, folder: Path) -> tools.Job:
        def ended() -> None:
            nonlocal done
            done += list(missing.values()).count(missing[name])
            build_once("yosys", missing[name], keep)

        def keep(target: Path) -> None:
            for found in _KEPT:
                shutil.copyfile(folder / found, target / found)

        folder.mkdir()
        (folder / "stage.il").write_text(texts[name])
        script = missing[name][1]
        return yosys(folder, script, lambda step: progress(f"{name}: {step}", done, of), ended)

    with scratch("yosys") as work:
        run_yosys(project, jobs(Path(work)), at_once=at_once or tools.usable_cpus())


def _version() -> str:
    tools.require("yosys")
    return tools.TOOLS["yosys"].version() or "of no version"


def _counted(project: Project, name: str, key: Key) -> StageSynthesis:
    """What was kept of a stage."""
    folder = kept("yosys", key)
    assert folder is not None
    stat = json.loads((folder / "stat.json").read_text())
    cells = stat["modules"][f"\\{scripts.MODULE}"]["num_cells_by_type"]
    by_type = {t: n for t, n in cells.items() if not scripts.is_stage(t)}
    strange = unknown(by_type)
    if strange:
        raise SynthesisError(
            f"Yosys built {name} of {', '.join(strange)}, cells that qfx cannot count: take Yosys"
            " 0.23"
        )
    counted = Cells.of(by_type)
    length = re.search(r"\(length=(-?\d+)\)", (folder / "depth.txt").read_text())
    assert length is not None
    return StageSynthesis(
        stage=name,
        resources=counted.resources,
        memory_luts=counted.memory_luts,
        shift_luts=counted.shift_luts,
        products=len((folder / "products.txt").read_text().splitlines()),
        depth=max(0, int(length.group(1))),
    )


def _by_stage(project: Project, listed: Path) -> dict[str, int]:
    """Cells counted by their stages; those of the top's own logic by the name of the top."""
    lines = listed.read_text().splitlines()
    found = Counter(scripts.stage_of(line) or project.manifest.name for line in lines)
    return dict(sorted(found.items()))
