"""How a cosimulation shows itself: a live bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time

from rich.console import Console

from qfx.progress import LiveLine

_LINE_SECONDS = 10.0


class CosimProgress(LiveLine):
    """A context manager to tell of each simulator and of the samples it has done.

    Args:
        samples: that each of them simulates.
        enabled: False says nothing at all.
        console: where to; None is standard output.
    """

    def __init__(self, samples: int, enabled: bool, console: Console | None = None) -> None:
        super().__init__("", enabled=enabled, console=console)
        self.samples = samples
        self.label, self.started, self.shown = "", 0.0, 0.0

    def begin(self, label: str) -> None:
        """A simulator is being built."""
        self.label = f"{label:<17}"
        self.bar.reset(self.task, total=None, description=self.label, figures="building")

    def told(self, samples: int) -> None:
        """So many samples are done; of none, building has ended."""
        now = time.monotonic()
        if samples == 0:
            self.started = self.shown = now
            self.bar.reset(self.task, total=self.samples)
        figures = f"{samples:,}/{self.samples:,}"
        if samples and now > self.started:
            figures += f"  {per_second(samples / (now - self.started))} samples/s"
        self.update(completed=samples, figures=figures)
        if not self.live and now - self.shown >= _LINE_SECONDS:
            self.shown = now
            left = (self.samples - samples) * (now - self.started) / max(samples, 1)
            ahead = f", {left:,.0f} s left" if samples else ""
            self.print(f"{self.label} {figures}{ahead}")


def per_second(samples: float) -> str:
    """A speed as people read it: with digits behind the point where it is slow."""
    return f"{samples:,.0f}" if samples >= 10 else f"{samples:,.2f}"
