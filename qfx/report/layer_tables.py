"""What `qfx report` shows: accuracy and cycles layer by layer, and what products cost."""

from __future__ import annotations

from rich.console import Console

from qfx.project.folder import Project
from qfx.project.manifest import LayerRecord, Manifest
from qfx.report.fit import fit_lines
from qfx.report.layers import EXACT_DB
from qfx.report.tables import table as _table


def show_layers(project: Project, console: Console | None = None) -> None:
    """Show where the accuracy went, and where the cycles go."""
    console, manifest = console or Console(), project.manifest
    console.print(
        f"{manifest.name}: layers on {manifest.layers_from}; signal over noise in dB, of the"
        " cast itself and of all so far against float",
        highlight=False,
    )
    table = _table(
        "layer", "gives", "point", "range %", "sat. %", "cast", "float", "pe x simd", "cycles",
        text=2,
    )  # fmt: skip
    for layer in manifest.layers:
        table.add_row(
            f"{layer.layer} {layer.ops[0]}".strip(),
            layer.dtype,
            str(layer.fraction_bits),
            "" if layer.range_used is None else f"{100 * layer.range_used:.0f}",
            "" if layer.saturated is None else f"{100 * layer.saturated:.2f}",
            _decibels(layer.cast_sqnr_db),
            _decibels(layer.float_sqnr_db),
            layer.folding,
            f"{layer.cycles:,}" if layer.cycles else "",
        )
    console.print(table)
    _show_products(manifest, console)
    for line in (*fit_lines(manifest), *_losses(manifest)):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _show_products(manifest: Manifest, console: Console) -> None:
    """What products by constants are built of, and what multipliers would take."""
    built = [(stage, stage.products) for stage in manifest.stages if stage.products is not None]
    if not built:
        return
    console.print(
        "products by constants: signed digits, mean and most; adders and shifters in place of"
        " multipliers; ROM bits as built and of integers; LUT (estimate) as built and with LUT"
        " multipliers; DSP slices with DSP multipliers",
        highlight=False,
    )
    table = _table(
        "layer", "built of", "digits", "add", "shift", "ROM bits", "of int", "LUT", "by LUT", "DSP",
        text=2,
    )  # fmt: skip
    for stage, cost in built:
        figures = (
            cost.adders, cost.shifters, cost.rom_bits, cost.integer_rom_bits, stage.estimate.luts,
            cost.lut_luts, cost.dsps,
        )  # fmt: skip
        table.add_row(
            stage.layer if "pe" in stage.folding else f"{stage.layer} {stage.kind}",
            cost.multiplier,
            f"{cost.mean_digits:.2f} {cost.most_digits}",
            *map("{:,}".format, figures),
        )
    console.print(table)


def _losses(manifest: Manifest) -> list[str]:
    """The sentences under the layer table."""
    lines = []
    casts = [layer for layer in manifest.layers if layer.cast_sqnr_db is not None]
    if casts:
        worst = min(casts, key=lambda layer: layer.cast_sqnr_db or 0.0)
        lines.append(
            f"accuracy: the noisiest cast is that of {_where(worst)} ({worst.dtype}):"
            f" {worst.cast_sqnr_db:.1f} dB, {100 * (worst.saturated or 0.0):.2f} % saturated"
        )
    if all(layer.float_sqnr_db is None for layer in manifest.layers):
        lines.append("float is empty: the folder was exported from a graph, not from a model")
    slowest = max(manifest.layers, key=lambda layer: layer.cycles)
    lines.append(
        f"cycles: {manifest.prediction.initiation_interval:,} a frame, set by"
        f" {manifest.prediction.bottleneck}; the slowest layer is {slowest.layer or 'the input'}"
    )
    return lines


def _where(layer: LayerRecord) -> str:
    if layer.ops == ("input",):
        return f"the input {layer.layer}".strip()
    return f"layer {layer.layer}"


def _decibels(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return "exact" if ratio >= EXACT_DB else f"{ratio:.1f}"
