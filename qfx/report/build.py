"""What `qfx build` shows: what came out, what it takes, and whether it meets its clock."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from qfx.boards import Board
from qfx.disk import nearby
from qfx.progress import steps
from qfx.report.tables import verdict
from qfx.synthesis import BuildTool, Built, Checked, build, check


def run_build(
    directory: Path, tool: BuildTool, board: Board | None, console: Console | None = None
) -> Built:
    """Build, telling what the tool begins, then show the result."""
    console = console or Console()
    with steps(tool.capitalize(), console) as begun:
        result = build(directory, begun, tool, board)
    show_build(result, console)
    return result


def show_build(result: Built, console: Console | None = None) -> None:
    """Show the files, the resources and the clock; last, whether timing is met."""
    console = console or Console()
    for line in _lines(result):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    verdict(console, result.verdict(), result.met is not False)


def _lines(result: Built) -> list[str]:
    lines = [f"{result.project.manifest.name}: built by {result.tool} in {result.seconds:.0f} s"]
    lines += [f"file: {nearby(file)}" for file in result.files]
    if result.resources is not None:
        r = result.resources
        lines.append(
            f"takes: {r.luts:,} LUT, {r.flip_flops:,} FF, {r.dsps:,} DSP, {r.bram_18k:,} BRAM18"
        )
    if result.clock is not None:
        asked, reached = result.clock.asked_ns, result.clock.reached_ns
        lines.append(f"clock: {asked:.3f} ns asked for, the longest path takes {reached:.3f} ns")
    return lines


def run_check(directory: Path, board: Board | None, console: Console | None = None) -> Checked:
    """Check the scripts without Vivado, then show what was found."""
    console = console or Console()
    result = check(directory, board)
    for problem in result.problems:
        console.print(problem, highlight=False, markup=False, soft_wrap=True)
    verdict(console, result.verdict(), not result.problems)
    return result
