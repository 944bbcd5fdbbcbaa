"""An earlier commit beside this one, for benchmarks that measure both in one run."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common import ROOT

MEASURED = ("--", "qfx", "hls_templates", "boards")  # what a commit stands for


@contextmanager
def checkout(commit: str, beside: Path) -> Iterator[Path]:
    """The files of a commit, in a folder of their own.

    Args:
        commit: as git names it.
        beside: the folder in which that one is made, and removed in the end.
    """
    beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=beside) as folder:
        root = Path(folder) / "before"
        _git("worktree", "add", "--detach", str(root), commit)
        try:
            yield root
        finally:
            shutil.rmtree(root, ignore_errors=True)
            _git("worktree", "prune")


def named(commit: str) -> str:
    """A commit's short name."""
    return _git("rev-parse", "--short", commit)


def now() -> str:
    """The short name of the last commit that changed what is measured, marked where what lies here
    is another.
    """
    last = _git("log", "-1", "--format=%h", *MEASURED)
    return last + ("-changed" if _git("diff", "HEAD", *MEASURED) else "")


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", "-C", ROOT, *words], capture_output=True, text=True, check=True
    ).stdout.strip()
