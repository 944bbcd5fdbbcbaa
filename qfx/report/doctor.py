"""What `qfx doctor` shows: every program and package, and what installs those that are missing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console

from qfx.packages import PACKAGES, package_version
from qfx.report.tables import table, verdict
from qfx.tools import TOOLS


@dataclass(frozen=True)
class Entry:
    """A program or package.

    Args:
        name: as it is called or installed.
        version: None where it is not here.
        purpose: in a few words.
        install: what to type.
        required: whether the proof needs it.
    """

    name: str
    version: str | None
    purpose: str
    install: str
    required: bool


@dataclass(frozen=True)
class Examination:
    """All of them."""

    entries: tuple[Entry, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Those that the proof needs and that are not here."""
        return tuple(e.name for e in self.entries if e.required and e.version is None)

    def verdict(self) -> str:
        """Say it in one sentence."""
        if self.missing:
            return f"MISSING: {', '.join(self.missing)}"
        return "READY: everything the proof needs is here"

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold of it."""
        return {"verdict": self.verdict(), "missing": self.missing, **asdict(self)}


def examine() -> Examination:
    """Ask every program and package for its version."""
    programs = [
        Entry(t.command, t.version(), t.purpose, t.install or "AMD's installer", t.required)
        for t in TOOLS.values()
    ]
    packages = [
        Entry(p.name, package_version(p.name), p.purpose, p.install, p.required)
        for p in PACKAGES.values()
    ]
    return Examination((*programs, *packages))


def show_doctor(found: Examination, console: Console | None = None) -> None:
    """Show the table, and return whether all that the default proof needs are there."""
    console = console or Console()
    shown = table("program", "version", "for", "install with", text=4)
    shown.columns[0].no_wrap, shown.columns[2].no_wrap = True, False  # names are typed, words read
    for entry in found.entries:
        state = entry.version or ("MISSING" if entry.required else "not here")
        shown.add_row(entry.name, state, entry.purpose, "" if entry.version else entry.install)
    console.print(shown)
    verdict(console, found.verdict(), not found.missing)
