"""Builds and measurements, kept by the hash of what they were made from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import platformdirs

from qfx.disk.scratch import temporary


def cache_folder() -> Path:
    """Where they are kept: $QFX_CACHE, else the user's cache folder."""
    own = os.environ.get("QFX_CACHE")
    return Path(own) if own else platformdirs.user_cache_path("qfx")


def kept(kind: str, keys: Iterable[str | Path]) -> Path | None:
    """The folder that `build_once` filled earlier for the same keys; None when there is none."""
    target = _place(kind, keys)
    return target if target.is_dir() else None


def build_once(kind: str, keys: Iterable[str | Path], build: Callable[[Path], None]) -> Path:
    """The folder that `build` filled, now or earlier, for the same keys.

    Args:
        kind: the folder's group in the cache.
        keys: texts, and files whose names and contents count.
        build: fills the empty folder it is given; if it raises, nothing is kept.
    """
    target = _place(kind, keys)
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with temporary(target.parent, "building-") as aside:
        build(aside)
        try:
            aside.rename(target)
        except OSError:  # another process built the same thing first
            if not target.is_dir():
                raise
    return target


def _place(kind: str, keys: Iterable[str | Path]) -> Path:
    digest = hashlib.sha256()
    for key in keys:
        digest.update(
            key.name.encode() + key.read_bytes() if isinstance(key, Path) else key.encode()
        )
        digest.update(b"\0")
    return cache_folder() / kind / digest.hexdigest()[:32]
