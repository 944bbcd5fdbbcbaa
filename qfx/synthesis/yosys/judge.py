"""Whether a design fits its board, by Yosys where the estimate says that it does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qfx.boards import Resources
from qfx.disk.scratch import scratch
from qfx.hardware import Design
from qfx.hardware.shortage import Judge, shortage
from qfx.hardware.trade import share
from qfx.progress import Steps
from qfx.project import Project
from qfx.project.manifest import Manifest, Vectors
from qfx.synthesis import yosys

Writer = Callable[[Design, Path], None]
LEEWAY = 4.0  # times over the budget: no estimate of a stage was so far above what Yosys built


def by_yosys(
    write: Writer, progress: Steps = lambda step, done, of: None, jobs: int | None = None
) -> Judge:
    """Build each stage of a design that is too large by its estimate, unless by far; what equal
    stages took before is taken as it was.

    Args:
        write: what writes a design's Verilog into a folder.
        progress, jobs: as for `qfx.synth`.

    Raises, when asked:
        ToolMissing, SynthesisError: as `qfx.synth`.
    """

    def lacks(design: Design) -> str:
        taken, allowed = design.resources(), design.board.allowance()
        over = [share(value, getattr(allowed, name)) for name, value in taken]
        if not 1 < max(over) <= LEEWAY:
            return shortage(design)
        return shortage(design, measured(design, write, progress, jobs), "yosys")

    return Judge(lacks, LEEWAY)


def measured(design: Design, write: Writer, progress: Steps, jobs: int | None = None) -> Resources:
    """Return what Yosys makes of a design that has no folder."""
    with scratch("measure") as folder:
        (folder / "verilog").mkdir()
        write(design, folder / "verilog")
        project = Project(folder, Manifest.of(design, vectors=Vectors.none()))
        return yosys.run(project, progress, jobs).resources
