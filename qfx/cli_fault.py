"""A fault of qfx itself on the command line: what is said of it, and where the rest is kept."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shlex
import time
import traceback
from pathlib import Path

import typer

import qfx
from qfx.cache import cache_folder

FAULT_STATUS = 70  # EX_SOFTWARE of sysexits.h
FOLDER = "faults"  # below the cache folder
_ROOT = Path(qfx.__file__).parent.parent


def told_fault(error: Exception, arguments: list[str], whole: bool) -> str:
    """Tell on stderr that this is ours, and how to report it.

    Args:
        error: that nobody expected.
        arguments: of the command.
        whole: whether the traceback itself is wanted; it is told, too, where no file can be kept.

    Returns:
        The traceback's last line.
    """
    last = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    report = _report(error, arguments)
    try:
        kept = f"the whole traceback is in {_kept(report)}"
    except OSError:
        whole, kept = True, "the whole traceback stands above"
    if whole:
        typer.echo(report, err=True)
    typer.echo(f"qfx: a fault of qfx, not of what it was given: {last}{_place(error)}", err=True)
    typer.echo(f"qfx: {kept}: please report it {_where()}, with your command and files", err=True)
    return last


def _report(error: Exception, arguments: list[str]) -> str:
    """What whoever mends it has to know, beside the files."""
    return (
        f"qfx {qfx.__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"$ qfx {shlex.join(arguments)}\n"
        f"{''.join(traceback.format_exception(error))}"
    )


def _kept(report: str) -> Path:
    """The file it is written to."""
    folder = cache_folder() / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    file.write_text(report, encoding="utf-8", errors="backslashreplace")
    return file


def _place(error: Exception) -> str:
    """The innermost line of qfx that it passed, as ` (qfx/ir/graph.py, line 12)`."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(_ROOT / "qfx"):
            return f" ({file.relative_to(_ROOT)}, line {frame.lineno})"
    return ""


def _where() -> str:
    """As the installed package's metadata say; a checkout knows no address of its own."""
    try:
        urls = importlib.metadata.metadata("qfx").get_all("Project-URL") or []
    except importlib.metadata.PackageNotFoundError:
        urls = []
    known = dict(url.split(", ", 1) for url in urls if ", " in url)
    place = known.get("Issues") or known.get("Source")
    return f"at {place}" if place else "where this qfx came from"
