"""What the command line and the examples show: tables, progress and the verdict."""

from __future__ import annotations

import warnings
from pathlib import Path

from rich.console import Console

from qfx import boards
from qfx.disk import nearby
from qfx.fixedpoint import count_digits
from qfx.ir import Graph, to_text
from qfx.ops import Conv2d, Matmul
from qfx.project.folder import Project
from qfx.project.input_fit import SamplesWarning
from qfx.report import page
from qfx.report.fit import fit_lines
from qfx.report.label_lines import label_lines
from qfx.report.tables import table as _table
from qfx.report.tables import verdict as _verdict
from qfx.simulation import SIMULATORS, Cosim, Row, Trace, cosim, trace
from qfx.simulation.progress import per_second


def run_cosim(
    project: Project | Path,
    simulators: tuple[str, ...] | None = None,
    samples: int | None = None,
    jobs: int | None = None,
    console: Console | None = None,
) -> Cosim:
    """Simulate with a bar, as `qfx.cosim`, then show the table; the last line is the verdict.

    The project's page shows it too, from now on.
    """
    console = console or Console()
    with warnings.catch_warnings():
        if not console.quiet:  # the table says it
            warnings.simplefilter("ignore", SamplesWarning)
        result = cosim(project, simulators, samples=samples, jobs=jobs, progress=not console.quiet)
    page.refresh(result.project)
    show_cosim(result, console)
    return result


def run_trace(project: Project, console: Console | None = None) -> list[Trace]:
    """Compare the streams between the stages, and say which stage errs first."""
    console = console or Console()
    with console.status("recording every stream in C++ and RTL"):
        found = trace(project)
    for line in found:
        console.print(str(line), highlight=False, markup=False, soft_wrap=True)
    return found


def show_cosim(result: Cosim, console: Console | None = None) -> None:
    """Show the table of simulators and the verdict."""
    console = console or Console()
    manifest = result.project.manifest
    table = _table(
        "simulator", "samples", "mismatches", "samples/s", "cycles/frame", "predicted", text=1
    )
    for row in result.rows:
        predicted = str(manifest.prediction.initiation_interval) if row.cycles_per_frame else ""
        measured = f"{row.cycles_per_frame:.2f}" if row.cycles_per_frame else ""
        speed = per_second(row.samples_per_second) if row.samples_per_second else ""
        table.add_row(SIMULATORS[row.simulator].label, *_counts(row), speed, measured, predicted)
    console.print(table)
    for row in result.rows:
        if row.problem:
            console.print(
                f"{SIMULATORS[row.simulator].label}: {row.problem}", highlight=False, markup=False
            )
    latency = result.latency_measured
    if latency is not None:
        console.print(
            f"latency: {latency:,} cycles from a frame's first beat in to its last out,"
            f" {latency / manifest.believed_mhz:,.3g} us at {manifest.believed_mhz:.4g} MHz"
            f" (estimate; RTL; {manifest.prediction.latency_cycles:,} cycles predicted)",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    for line in label_lines(manifest, result.rows):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    if manifest.vectors.undriven:
        said = f"note: {manifest.vectors.casts_driven}"
        console.print(said, highlight=False, markup=False, soft_wrap=True)
    changed = result.project.changed_files()
    if changed:
        console.print(
            f"note: changed since export: {', '.join(changed[:3])}", highlight=False, markup=False
        )
    for line in fit_lines(manifest):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print(
        f"folder: {nearby(result.project.path)}", highlight=False, markup=False, soft_wrap=True
    )
    _verdict(console, result.verdict(), result.equal)


def show_project(project: Project, console: Console | None = None) -> None:
    """Show the stages of a project and what is predicted of it."""
    console, manifest = console or Console(), project.manifest
    console.print(f"{manifest.name} for {manifest.board} ({manifest.part})", highlight=False)
    table = _table("stage", "gives", "pe", "simd", "cycles", "LUT", "DSP", "BRAM18", text=2)
    for stage in manifest.stages:
        used, folding = stage.estimate, stage.folding
        window = f" window {folding['window']}" if "window" in folding else ""
        lanes = (str(folding.get("pe", "")), f"{folding.get('simd', '')}{window}")
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
        f" latency about {prediction.latency_cycles:,} cycles; frames/s {speeds} (kernel)",
        f"clock: {manifest.clock_mhz:g} MHz asked for; in reach are about"
        f" {prediction.fmax_mhz:.0f} MHz (estimate), for the longest path in"
        f" {prediction.slowest_path}",
        f"estimate: {used.luts:,} LUT, {used.flip_flops:,} FF, {used.dsps:,} DSP,"
        f" {used.bram_18k:,} BRAM18",
        f"stimuli: {manifest.vectors.casts_driven}",
    ]
    if len(manifest.inputs) + len(manifest.outputs) > 2:
        sides = (("in", manifest.inputs), ("out", manifest.outputs))
        lines += [f"{side}: {', '.join(map(str, ports))}" for side, ports in sides]
    if manifest.qonnx_refused:
        lines.append(f"no model.onnx: {manifest.qonnx_refused}")
    lines += fit_lines(manifest, loud=False)
    lines.append(f"folder: {nearby(project.path)}")
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def show_graph(graph: Graph, console: Console | None = None) -> None:
    """Show the graph as text, then the size of each weight."""
    console = console or Console()
    console.print(to_text(graph), end="", highlight=False, markup=False, soft_wrap=True)
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


def show_boards(console: Console | None = None) -> None:
    """Show what each board has, and the fastest clock worth asking the tools for."""
    console = console or Console()
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


def _counts(row: Row) -> tuple[str, str]:
    if row.refused:
        return "-", "not run"
    if row.mismatches is None:
        return "", "FAILED"
    return f"{row.samples:,}", f"{row.mismatches:,}"
