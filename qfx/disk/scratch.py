"""Temporary folders that do not outlive their process for good: what a killed one left is removed
by the next that needs one.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qfx.disk.locks import lock


@contextmanager
def scratch(kind: str) -> Iterator[Path]:
    """A folder below the system's own for temporary files, gone at the end.

    Args:
        kind: begins its name, for people who look what is there.
    """
    home = Path(tempfile.gettempdir()) / f"qfx-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    found = home.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():  # somebody was here first
        with tempfile.TemporaryDirectory(prefix=f"qfx-{kind}-") as name:
            yield Path(name)
        return
    with temporary(home, f"{kind}-", "") as folder:
        yield folder


@contextmanager
def temporary(parent: Path, prefix: str, swept: str | None = None) -> Iterator[Path]:
    """A new folder in another, gone at the end unless it has been moved.

    Args:
        parent: there; it exists.
        prefix: of its name.
        swept: what the names begin with of folders that are removed where their process lives no
            more; `prefix` when None.
    """
    for left in parent.glob(f"{prefix if swept is None else swept}*"):
        _remove_left(left)
    folder, held = _locked(parent, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _locked(parent: Path, prefix: str) -> tuple[Path, int]:
    """A new folder under a lock that ends with this process."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        with suppress(FileNotFoundError):  # it was taken for one that was left, and removed
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            lock(held, wait=True)
            if folder.exists():
                return folder, held
            os.close(held)


def _remove_left(folder: Path) -> None:
    """Remove a folder unless the process that made it lives."""
    with suppress(OSError):
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if lock(held, wait=False):
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(held)
