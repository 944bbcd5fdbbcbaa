"""Cycles a frame of each stage, beside the interval between frames."""

from __future__ import annotations

from dataclasses import dataclass

from qfx.project.manifest import Manifest


@dataclass(frozen=True)
class Bar:
    """A stage or a port: its length in percent of the chart; `slowest` where it sets the pace."""

    name: str
    cycles: int
    width: float
    slowest: bool


@dataclass(frozen=True)
class Cycles:
    """The bars, and where the interval stands, in percent.

    Args:
        predicted, measured: the interval; None where it has not been measured.
        queues: so many stages are queues, which go at their neighbours' pace and are left out.
    """

    bars: tuple[Bar, ...]
    predicted: float
    measured: float | None
    measured_cycles: float | None
    queues: int


def cycles(manifest: Manifest, measured: float | None) -> Cycles:
    """Return every stage in order, but for the queues."""
    interval = manifest.prediction.initiation_interval
    full = max(interval, measured or 0) / 0.985
    shown = [stage for stage in manifest.stages if stage.queue_depth is None]
    return Cycles(
        bars=tuple(
            Bar(s.name, s.cycles, 100 * s.cycles / full, s.cycles == interval) for s in shown
        ),
        predicted=100 * interval / full,
        measured=None if measured is None else 100 * measured / full,
        measured_cycles=measured,
        queues=len(manifest.stages) - len(shown),
    )
