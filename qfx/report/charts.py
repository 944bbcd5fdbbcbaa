"""Histograms, lines over training and bars as numbers, which the template draws."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qfx.boards import Resources
from qfx.project.findings import Measured
from qfx.project.manifest import Manifest
from qfx.report.histograms import HistogramRecord
from qfx.report.recorded import ReportRecord
from qfx.report.training import EpochRecord, TrainingRecord

RESOURCES = (
    ("LUT", "luts"),
    ("FF", "flip_flops"),
    ("DSP", "dsps"),
    ("BRAM18", "bram_18k"),
    ("URAM", "uram"),
)
Point = tuple[float, float]


@dataclass(frozen=True)
class Bin:
    """A bar: its position and height in percent, and whether the type does not hold its values."""

    x: float
    width: float
    height: float
    clipped: bool


@dataclass(frozen=True)
class Histogram:
    """A picture of a HistogramRecord, in percent of its width; heights are logarithms."""

    record: HistogramRecord
    bins: tuple[Bin, ...]
    low: float
    high: float
    zero: float | None
    values: str

    @property
    def clipped(self) -> bool:
        return self.record.below + self.record.above > 0


def histogram(record: HistogramRecord) -> Histogram:
    """Return its bars; the least height is that of a single value."""
    count, width = len(record.counts), 100 / len(record.counts)
    most = math.log1p(max(record.counts))

    def position(integer: int) -> float:
        return 100 * (integer - record.start) / (record.width * count)

    bins = tuple(
        Bin(
            n * width,
            width,
            0 if most == 0 else 100 * math.log1p(c) / most,
            record.start + (n + 1) * record.width <= record.low
            or record.start + n * record.width > record.high,
        )
        for n, c in enumerate(record.counts)
    )
    zero = position(0)
    return Histogram(
        record=record,
        bins=bins,
        low=max(0.0, position(record.low)),
        high=min(100.0, position(record.high + 1)),
        zero=zero if 0 < zero < 100 else None,
        values=f"{_real(record.low * record.lsb)} to {_real(record.high * record.lsb)}",
    )


def _real(value: float) -> str:
    return f"{value:.4g}"


@dataclass(frozen=True)
class Used:
    """A bar of the budget: a figure, the stage it is from, and percent of the chart's width."""

    label: str
    amount: int
    percent: float | None
    width: float


@dataclass(frozen=True)
class Budgeted:
    """One resource: what a design may take, at `mark` percent of the chart, and what it takes."""

    name: str
    budget: int
    has: int
    mark: float
    used: tuple[Used, ...]


def budget(
    manifest: Manifest, record: ReportRecord, measured: Iterable[Measured]
) -> tuple[Budgeted, ...]:
    """Return the estimate and what tools have measured, beside the board's budget."""
    found: list[tuple[str, Resources]] = [("estimate", manifest.prediction.estimate)]
    found += [(each.label, each.resources) for each in measured]
    bars = []
    for title, name in RESOURCES:
        allowed, amounts = getattr(record.budget, name), [getattr(r, name) for _, r in found]
        if not allowed and not any(amounts):
            continue
        full = max(allowed / 0.9, *amounts, 1)
        used = tuple(
            Used(label, n, 100 * n / allowed if allowed else None, 100 * n / full)
            for (label, _), n in zip(found, amounts, strict=True)
        )
        bars.append(Budgeted(title, allowed, getattr(record.has, name), 100 * allowed / full, used))
    return tuple(bars)


@dataclass(frozen=True)
class Line:
    """A series: its name, last value as text, and points in percent, y downward."""

    name: str
    last: str
    points: str


@dataclass(frozen=True)
class Steps:
    """Fraction bits of one quantizer over the epochs."""

    name: str
    first: int
    last: int
    points: str


@dataclass(frozen=True)
class Training:
    """The lines of a training.

    Args:
        measure: "accuracy" or "loss".
        lines: training and validation.
        ticks: (percent from the top, text) of the y axis.
        phases: (percent of the width where it begins, its share of it, name).
        best: percent of the width; None before any quantized epoch.
        steps: of each quantizer.
        first, last: epochs.
    """

    measure: str
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]
    phases: tuple[tuple[float, float, str], ...]
    best: float | None
    best_number: int | None
    steps: tuple[Steps, ...]
    first: int
    last: int


def training(record: TrainingRecord) -> Training:
    """Return accuracy over the epochs, or loss where there is none; and each binary point's way."""
    epochs = record.epochs
    classified = all(e.accuracy is not None and e.val_accuracy is not None for e in epochs)
    pairs = [_measured(epoch, classified) for epoch in epochs]
    finite = [y for pair in pairs for y in pair if math.isfinite(y)] or [0.0, 1.0]
    low, high = _span(min(finite), max(finite), classified)
    suffix = " %" if classified else ""
    lines = tuple(
        Line(
            name,
            f"{pairs[-1][n]:.4g}{suffix}",
            _polyline([(_x(i, epochs), _y(pair[n], low, high)) for i, pair in enumerate(pairs)]),
        )
        for n, name in enumerate(("training", "validation"))
    )
    ticks = tuple((100.0 * n / 4, f"{high - n * (high - low) / 4:.4g}{suffix}") for n in range(5))
    return Training(
        measure="accuracy" if classified else "loss",
        lines=lines,
        ticks=ticks,
        phases=tuple(_phases(epochs)),
        best=None if record.best is None else _x(record.best, epochs),
        best_number=None if record.best is None else epochs[record.best].number,
        steps=tuple(_steps(name, epochs) for name in _quantizers(epochs)),
        first=epochs[0].number,
        last=epochs[-1].number,
    )


def _measured(epoch: EpochRecord, classified: bool) -> tuple[float, float]:
    if classified:
        return 100 * (epoch.accuracy or 0.0), 100 * (epoch.val_accuracy or 0.0)
    return epoch.loss, epoch.val_loss


def _span(low: float, high: float, classified: bool) -> tuple[float, float]:
    """The ends of the y axis."""
    if classified:
        return 10 * math.floor(low / 10), 10 * math.ceil(high / 10) or 10
    return min(0.0, low), high if high > min(0.0, low) else low + 1


def _x(index: int, epochs: Sequence[EpochRecord]) -> float:
    return 100 * (index + 0.5) / len(epochs)


def _y(value: float, low: float, high: float) -> float:
    return 100 * (high - value) / ((high - low) or 1)


def _polyline(points: Iterable[Point]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points if math.isfinite(y))


def _phases(epochs: Sequence[EpochRecord]) -> list[tuple[float, float, str]]:
    names = list(dict.fromkeys(epoch.phase for epoch in epochs))
    found = []
    for name in names:
        indices = [n for n, epoch in enumerate(epochs) if epoch.phase == name]
        share = 100 * len(indices) / len(epochs)
        found.append((100 * indices[0] / len(epochs), share, str(name)))
    return found


def _quantizers(epochs: Sequence[EpochRecord]) -> list[str]:
    return list(epochs[-1].binary_points)


def _steps(name: str, epochs: Sequence[EpochRecord]) -> Steps:
    """A staircase in a box of 100 by 100; of the epochs in which it is quantized."""
    learned = [
        (n, e.binary_points[name])
        for n, e in enumerate(epochs)
        if e.phase != "float" and name in e.binary_points
    ] or [(len(epochs) - 1, epochs[-1].binary_points[name])]
    bits = [b for _, b in learned]
    low, high = min(bits), max(bits)
    wide = 100 / len(epochs)
    points = [
        (x, 50.0 if high == low else 88 - 76 * (b - low) / (high - low))
        for n, b in learned
        for x in (n * wide, (n + 1) * wide)
    ]
    return Steps(name, bits[0], bits[-1], _polyline(points))
