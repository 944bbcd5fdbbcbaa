"""What `qfx synth` shows: each stage measured beside its estimate, and all beside the budget."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

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
    """Measure with a bar of the stages done, then show the tables."""
    console = Console()
    bar = Progress(
        TextColumn("Yosys:"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("stages,"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("starting", total=None)
        result = synth(
            project,
            lambda step, done, of: bar.update(
                task, description=step, completed=done, total=of or None
            ),
        )
    show_synth(result, console)
    return result


def show_synth(result: Synthesis, console: Console | None = None) -> None:
    """The tables and, where the design promises to have no DSP slices, the verdict."""
    console = console or Console()
    manifest = result.project.manifest
    console.print(f"{manifest.name} for {manifest.board} ({manifest.part})", highlight=False)
    console.print(_by_stage(result))
    console.print(_totals(result))
    for line in _notes(result):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    if result.verdict():
        verdict(console, result.verdict(), result.kept)


def _by_stage(result: Synthesis) -> Table:
    """Each stage measured, beside its estimate."""
    shown = table("stage", "layer", "LUT", "est.", "FF", "est.", "DSP", "BRAM18", "depth", text=2)
    records = {record.name: record for record in result.project.manifest.stages}
    for stage in result.stages:
        record, found = records.get(stage.stage), stage.resources
        estimate = record.estimate if record else Resources()
        name, layer = (stage.stage, record.layer) if record else ("(top level)", "")
        shown.add_row(
            name,
            layer,
            f"{found.luts:,}",
            f"{estimate.luts:,}",
            f"{found.flip_flops:,}",
            f"{estimate.flip_flops:,}",
            _differing(found.dsps, estimate.dsps),
            _differing(found.bram_18k, estimate.bram_18k),
            str(stage.depth),
        )
    return shown


def _differing(measured: int, estimate: int) -> str:
    return f"{measured}" if measured == estimate else f"{measured} / {estimate}"


def _totals(result: Synthesis) -> Table:
    """All stages together, beside the estimate and the board's budget."""
    manifest, found = result.project.manifest, result.resources
    allowance = _allowance(manifest.board)
    shown = table("all", "yosys", "estimate", "budget", "yosys / budget", text=1)
    for label, name in _ROWS:
        measured = getattr(found, name)
        row = [label, f"{measured:,}", f"{getattr(manifest.prediction.estimate, name):,}"]
        if allowance is not None:
            allowed = getattr(allowance, name)
            row += [f"{allowed:,}", _share(measured, allowed)]
        shown.add_row(*row, style="red" if allowance and measured > allowed else None)
    return shown


def _allowance(board: str) -> Resources | None:
    """The board's budget; None for a board that did not come with qfx."""
    try:
        return boards.load(board).allowance()
    except boards.BoardError:
        return None


def _share(measured: int, allowed: int) -> str:
    return f"{100 * measured / allowed:.1f} %" if allowed else "-" if not measured else "none there"


def _notes(result: Synthesis) -> list[str]:
    found, count = result.resources, len(result.stages)
    logic = found.luts - result.memory_luts - result.shift_luts
    known = f"the other {count - result.built} " if result.built else f"all {count} "
    lines = [
        f"yosys: measured by {result.tool} for {result.family}, not placed or routed",
        f"stages: {result.built} built in {result.seconds:.1f} s, {known}as measured before",
        "est., estimate: by formula, at export; of DSP and BRAM18 where it differs",
        f"LUT: {logic:,} as logic, {result.memory_luts:,} as memory, {result.shift_luts:,} as shift"
        " registers; inverters are not counted",
        f"depth: LUTs and carries of 4 bits on the longest path, most in {result.deepest.stage}",
    ]
    if _allowance(result.project.manifest.board) is None:
        board = result.project.manifest.board
        lines.append(f"budget: not known, {board} is a board file of your own")
    return lines + [str(left) for left in result.leftovers]
