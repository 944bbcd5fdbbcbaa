"""What `qfx synth` shows: the measured resources beside the estimate and the board's budget."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from qfx import boards
from qfx.backends.project import Project
from qfx.boards import Resources
from qfx.report.tables import table, verdict
from qfx.synthesis import Synthesis, synth

_ROWS = (
    ("LUT", "luts"),
    ("FF", "flip_flops"),
    ("DSP", "dsps"),
    ("BRAM18", "bram_18k"),
)


def run_synth(project: Project | Path) -> Synthesis:
    """Measure with a spinner that tells the step and the seconds, then show the table."""
    console = Console()
    spinner = Progress(
        SpinnerColumn(),
        TextColumn("Yosys: {task.description}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with spinner:
        task = spinner.add_task("starting", total=None)
        result = synth(project, lambda step: spinner.update(task, description=step))
    show_synth(result, console)
    return result


def show_synth(result: Synthesis, console: Console | None = None) -> None:
    """The table and, where the design promises to have no DSP slices, the verdict."""
    console = console or Console()
    manifest, found = result.project.manifest, result.resources
    allowance = _allowance(manifest.board)
    shown = table("", "yosys", "estimate", "budget", "yosys / budget", text=1)
    for label, name in _ROWS:
        measured = getattr(found, name)
        row = [label, f"{measured:,}", f"{getattr(manifest.prediction.estimate, name):,}"]
        if allowance is not None:
            allowed = getattr(allowance, name)
            row += [f"{allowed:,}", _share(measured, allowed)]
        shown.add_row(*row, style="red" if allowance and measured > allowed else None)
    console.print(f"{manifest.name} for {manifest.board} ({manifest.part})", highlight=False)
    console.print(shown)
    for line in _notes(result):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    if result.verdict():
        verdict(console, result.verdict(), result.kept)


def _allowance(board: str) -> Resources | None:
    """The board's budget; None for a board that did not come with qfx."""
    try:
        return boards.load(board).allowance()
    except boards.BoardError:
        return None


def _share(measured: int, allowed: int) -> str:
    return f"{100 * measured / allowed:.1f} %" if allowed else "-" if not measured else "none there"


def _notes(result: Synthesis) -> list[str]:
    project, found = result.project, result.resources
    layers = {stage.name: stage.layer for stage in project.manifest.stages}
    logic = found.luts - result.memory_luts - result.shift_luts
    took = f"{result.seconds:.1f} s" + (", cached" if result.cached else "")
    lines = [
        f"yosys: measured by {result.tool} for {result.family}, not placed or routed ({took})",
        "estimate: by formula, at export",
        f"LUT: {logic:,} as logic, {result.memory_luts:,} as memory, {result.shift_luts:,} as shift"
        " registers; inverters are not counted",
    ]
    if _allowance(project.manifest.board) is None:
        lines.append(f"budget: not known, {project.manifest.board} is a board file of your own")
    if result.leftovers:
        return lines + [str(left) for left in result.leftovers]
    for stage, count in result.multiplications.dsps.items():
        layer = f" of layer {layers[stage]}" if layers.get(stage) else ""
        lines.append(f"DSP: {count:,} in {stage}{layer}")
    return lines
