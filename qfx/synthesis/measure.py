"""The verb: measure what a project takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qfx.backends.project import Project
from qfx.synthesis import yosys
from qfx.synthesis.outcome import Synthesis


def synth(
    project: Project | str | Path, started: Callable[[str], None] = lambda step: None
) -> Synthesis:
    """Build the Verilog of a project with Yosys and count what it takes: LUTs, flip-flops, DSP
    slices, block RAMs.

    Nothing is placed or routed. What was measured once is kept, by the hash of the sources and
    Yosys' version, in the folder $QFX_CACHE or the user's cache folder.

    Args:
        project: a project folder, or what `qfx.export` returned.
        started: told of each step as it begins, in a few words.

    Raises:
        ProjectError: not a project folder.
        ToolMissing: Yosys is not on PATH.
        SynthesisError: Yosys does not know the part, or could not build the design.
    """
    if not isinstance(project, Project):
        project = Project.open(project)
    return yosys.run(project, started)
