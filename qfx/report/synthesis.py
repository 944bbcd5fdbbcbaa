"""What `qfx synth` shows: each stage measured beside its estimate, and all beside the budget."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from qfx import boards
from qfx.boards import Resources
from qfx.progress import steps
from qfx.project import Project
from qfx.report import clocks, page
from qfx.report.tables import table, verdict
from qfx.synthesis import Synthesis, Tool, synth

_ROWS = (
    ("LUT", "luts"),
    ("FF", "flip_flops"),
    ("DSP", "dsps"),
    ("BRAM18", "bram_18k"),
)


_COUNTED = {"yosys": ("Yosys", "stages"), "nextpnr": ("nextpnr", "runs")}  # what is counted
_MEANS = {  # a label, in a few words
    "yosys": "not placed or routed",
    "vivado OOC": "placed and routed out of context, without a board's wires",
    "csynth": "estimated from the C++ before anything is placed, LUTs often several times too high",
}


def run_synth(
    project: Project | Path,
    tool: Tool = "yosys",
    console: Console | None = None,
    jobs: int | None = None,
    seeds: int | None = None,
) -> Synthesis:
    """Measure with a bar of what is done, on stderr, then show the tables; the project's page shows
    the figures too, from now on.
    """
    console = console or Console()
    title, counted = _COUNTED.get(tool, (tool.capitalize(), ""))
    aside = Console(stderr=True, quiet=console.quiet)
    with steps(title, aside, counted) as progress:
        result = synth(project, progress, tool, jobs, seeds)
    page.refresh(result.project)
    show_synth(result, console)
    return result


def show_synth(result: Synthesis, console: Console | None = None) -> None:
    """Show the tables and the verdict."""
    console = console or Console()
    manifest = result.project.manifest
    console.print(f"{manifest.name} for {manifest.board} ({manifest.part})", highlight=False)
    if result.routing is not None:
        console.print(clocks.by_stage(result))
        console.print(clocks.by_seed(result.routing))
        for line in (*clocks.notes(result), *map(str, result.leftovers)):
            console.print(line, highlight=False, markup=False, soft_wrap=True)
        verdict(console, result.verdict(), result.kept)
        return
    if len(result.stages) > 1:
        console.print(_by_stage(result))
    console.print(_totals(result))
    for line in _notes(result):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
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
            "-" if stage.depth is None else str(stage.depth),
        )
    return shown


def _differing(measured: int, estimate: int) -> str:
    return f"{measured}" if measured == estimate else f"{measured} / {estimate}"


def _totals(result: Synthesis) -> Table:
    """All stages together, beside the estimate and the board's budget."""
    manifest, found = result.project.manifest, result.resources
    allowance = _allowance(manifest.board)
    label = result.label
    shown = table("all", label, "estimate", "budget", f"{label} / budget", text=1)
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
    known, count = len(result.stages) - result.built, len(result.stages)
    built = f"{result.built} built in {result.seconds:.1f} s" if result.built else "none built"
    lines = [
        f"{result.label}: by {result.tool} for {result.target}, {_MEANS[result.label]}",
        f"stages: {built}, {known} of {count} as measured before",
        "est., estimate: by formula, at export; of DSP and BRAM18 where it differs",
        *_used(result),
        *_speed(result),
    ]
    if _allowance(result.project.manifest.board) is None:
        board = result.project.manifest.board
        lines.append(f"budget: not known, {board} is a board file of your own")
    return lines + [str(left) for left in result.leftovers]


def _used(result: Synthesis) -> list[str]:
    """What LUTs are used as, where the tool tells."""
    memory, shift = result.memory_luts, result.shift_luts
    if result.label == "csynth":
        return []
    logic = result.resources.luts - memory - shift
    inverters = "; inverters are not counted" if result.label == "yosys" else ""
    return [
        f"LUT: {logic:,} as logic, {memory:,} as memory, {shift:,} as shift registers{inverters}"
    ]


def _speed(result: Synthesis) -> list[str]:
    """The longest path, and what clock it allows."""
    lines = []
    if result.deepest.depth is not None:
        where = result.deepest.stage
        lines.append(f"depth: LUTs and carries of 4 bits on the longest path, most in {where}")
    if result.clock is not None:
        asked, reached = result.clock.asked_ns, result.clock.reached_ns
        met = "met" if reached <= asked else "NOT MET"
        depth = "" if result.clock.depth is None else f", {result.clock.depth} cells"
        lines.append(
            f"clock: {asked:.3f} ns asked for, {met}: the longest path takes {reached:.3f} ns"
            f"{depth}, so {1000 / reached:.0f} MHz"
        )
    if result.interval is not None:
        predicted = result.project.manifest.prediction.initiation_interval
        lines.append(
            f"cycles: {result.interval:,} between frames by {result.tool}, {predicted:,} predicted"
        )
    return lines
