"""What the command line and the examples show: tables, progress and the verdict."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from qfx import boards
from qfx.backends.project import Project
from qfx.fixedpoint import count_digits
from qfx.ir import Graph, to_text
from qfx.ops import Conv2d, Matmul
from qfx.packages import PACKAGES, package_version
from qfx.report import page
from qfx.report.tables import table as _table
from qfx.report.tables import verdict as _verdict
from qfx.simulation import LABELS, Cosim, Row, cosim, trace
from qfx.simulation.progress import per_second
from qfx.tools import TOOLS


def run_cosim(
    project: Project | Path,
    simulators: tuple[str, ...] | None = None,
    samples: int | None = None,
    jobs: int | None = None,
) -> Cosim:
    """Simulate with a bar, as `qfx.cosim`, then show the table; the last line is the verdict.

    The project's page shows it too, from now on.
    """
    result = cosim(project, simulators, samples=samples, jobs=jobs)
    page.refresh(result.project)
    show_cosim(result)
    return result


def run_trace(project: Project) -> None:
    """Compare the streams between the stages, and say which stage errs first."""
    console = Console()
    with console.status("recording every stream in C++ and RTL"):
        found = trace(project)
    for line in found:
        console.print(str(line), highlight=False, markup=False, soft_wrap=True)


def show_cosim(result: Cosim, console: Console | None = None) -> None:
    """The table of simulators and the verdict."""
    console = console or Console()
    manifest = result.project.manifest
    table = _table(
        "simulator", "samples", "mismatches", "samples/s", "cycles/frame", "predicted", text=1
    )
    for row in result.rows:
        predicted = str(manifest.prediction.initiation_interval) if row.cycles_per_frame else ""
        measured = f"{row.cycles_per_frame:.2f}" if row.cycles_per_frame else ""
        speed = per_second(row.samples_per_second) if row.samples_per_second else ""
        table.add_row(LABELS[row.simulator], *_counts(row), speed, measured, predicted)
    console.print(table)
    for row in result.rows:
        if row.problem:
            console.print(f"{LABELS[row.simulator]}: {row.problem}", highlight=False, markup=False)
    changed = result.project.changed_files()
    if changed:
        console.print(
            f"note: changed since export: {', '.join(changed[:3])}", highlight=False, markup=False
        )
    console.print(f"folder: {result.project.path}", highlight=False, markup=False, soft_wrap=True)
    _verdict(console, result.verdict(), result.equal)


def show_project(project: Project) -> None:
    """The stages of a project and what is predicted of it."""
    console, manifest = Console(), project.manifest
    console.print(f"{manifest.name} for {manifest.board} ({manifest.part})", highlight=False)
    table = _table("stage", "gives", "pe", "simd", "cycles", "LUT", "DSP", "BRAM18", text=2)
    for stage in manifest.stages:
        used, folding = stage.estimate, stage.folding
        lanes = (str(folding.get("pe", "")), str(folding.get("simd", "")))
        figures = (stage.cycles, used.luts, used.dsps, used.bram_18k)
        table.add_row(stage.name, stage.output, *lanes, *map("{:,}".format, figures))
    console.print(table)
    prediction = manifest.prediction
    used = prediction.estimate
    speeds = ", ".join(
        f"{fps:,.0f} at {clock}" for clock, fps in prediction.frames_per_second.items()
    )
    lines = [
        f"goal: {manifest.goal}; multipliers: {manifest.multipliers}",
        f"predicted: {prediction.initiation_interval:,} cycles a frame (slowest:"
        f" {prediction.bottleneck}),"
        f" latency about {prediction.latency_cycles:,} cycles; frames/s {speeds}"
        " (kernel; the clocks are assumed)",
        f"estimate: {used.luts:,} LUT, {used.flip_flops:,} FF, {used.dsps:,} DSP,"
        f" {used.bram_18k:,} BRAM18",
    ]
    if len(manifest.inputs) + len(manifest.outputs) > 2:
        sides = (("in", manifest.inputs), ("out", manifest.outputs))
        lines += [f"{side}: {', '.join(map(str, ports))}" for side, ports in sides]
    if manifest.qonnx_refused:
        lines.append(f"no model.onnx: {manifest.qonnx_refused}")
    lines.append(f"folder: {project.path}")
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def show_graph(graph: Graph) -> None:
    """The graph as text, then the size of each weight."""
    console = Console(soft_wrap=True)
    console.print(to_text(graph), end="", highlight=False, markup=False)
    table = _table("weights of", "layer", "shape", "type", "bits", "zeros", "digits/weight", text=4)
    for node in graph.nodes:
        if isinstance(node.op, (Matmul, Conv2d)):
            weight = node.op.weight
            zeros = 100 * float((weight.integers == 0).mean())
            digits = float(count_digits(weight.integers).mean())
            bits = weight.integers.size * weight.dtype.wordlength
            shape = " x ".join(map(str, weight.shape))
            table.add_row(
                node.output.name,
                node.source,
                shape,
                str(weight.dtype),
                f"{bits:,}",
                f"{zeros:.1f} %",
                f"{digits:.2f}",
            )
    console.print(table)


def show_boards() -> None:
    """What each board has, and the fastest clock worth asking the tools for."""
    console = Console()
    table = _table("board", "part", "LUT", "FF", "DSP", "BRAM18", "MHz", text=2)
    for name in boards.names():
        board = boards.load(name)
        has = board.resources
        figures = (has.luts, has.flip_flops, has.dsps, has.bram_18k, board.max_clock_mhz)
        table.add_row(name, board.part, *map("{:,.0f}".format, figures))
    console.print(table)
    console.print(
        "MHz: the most worth asking the tools for, an assumption until routed. A design may take"
        " 70 % of the LUTs and 80 % of the rest, unless a board's own budget says otherwise.",
        highlight=False,
    )


def show_doctor() -> bool:
    """Tools and packages; whether all that the default proof needs are there."""
    console = Console()
    table = _table("program", "version", "for", "install with", text=4)
    table.columns[0].no_wrap, table.columns[2].no_wrap = True, False  # names are typed, words read
    missing = []
    for tool in TOOLS.values():
        version = tool.version()
        if version is None and tool.required:
            missing.append(tool.command)
        hint = "" if version else tool.install or "AMD's installer"
        state = version or ("MISSING" if tool.required else "not here")
        table.add_row(tool.command, state, tool.purpose, hint)
    for package in PACKAGES.values():
        version = package_version(package.name)
        if version is None:
            missing.append(package.name)
        hint = "" if version else package.install
        table.add_row(package.name, version or "MISSING", package.purpose, hint)
    console.print(table)
    verdict = (
        f"MISSING: {', '.join(missing)}" if missing else "READY: everything the proof needs is here"
    )
    _verdict(console, verdict, not missing)
    return not missing


def _counts(row: Row) -> tuple[str, str]:
    if row.refused:
        return "-", "-"
    if row.mismatches is None:
        return "", "FAILED"
    return f"{row.samples:,}", f"{row.mismatches:,}"
