"""The verb: measure what a project takes."""

from __future__ import annotations

from pathlib import Path

from qfx.backends.project import Project
from qfx.synthesis import yosys
from qfx.synthesis.outcome import Synthesis
from qfx.synthesis.yosys import Progress


def synth(
    project: Project | str | Path, progress: Progress = lambda step, done, of: None
) -> Synthesis:
    """Build the Verilog of a project with Yosys, stage by stage, and count what each takes: LUTs,
    flip-flops, DSP slices, block RAMs, cells on its longest path.

    Nothing is placed or routed. What a stage took once is kept, by a hash of its logic and Yosys'
    version, in the folder $QFX_CACHE or the user's cache folder.

    Args:
        project: a project folder, or what `qfx.export` returned.
        progress: told what begins, in a few words, and so many stages done of all.

    Raises:
        ProjectError: not a project folder.
        ToolMissing: Yosys is not on PATH.
        SynthesisError: Yosys does not know the part, or could not build the design.
    """
    if not isinstance(project, Project):
        project = Project.open(project)
    return yosys.run(project, progress)
