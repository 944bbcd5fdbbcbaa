"""Files and folders that are there whole or not at all, whatever ends the writing: an error, a full
disk, a limit, Ctrl-C or a kill.

They are made aside, where a lock says that their writer lives; what one left that was killed is
removed by the next call that writes to the same place.
"""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qfx.disk.locks import lock
from qfx.errors import QfxError

_SUFFIX = ".part"
_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE of linux/fs.h, AT_FDCWD of fcntl.h
_NOT_HERE = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTSUP)


class BusyError(OSError, QfxError):
    """Another process writes to the same place."""


class InTheWayError(OSError, QfxError):
    """What others put into a folder stands where something new is written."""


def write(path: Path, data: bytes | str) -> None:
    """Put data, a text as UTF-8, at a path; where that is a symbolic link, at its end.

    Raises:
        OSError: it cannot be written; what was there is unchanged.
    """
    target = Path(os.path.realpath(path))
    prefix = f".{target.name[:100]}."
    for left in target.parent.glob(f"{_literal(prefix)}*{_SUFFIX}"):
        _remove_left(left)
    aside = target.with_name(f"{prefix}{secrets.token_hex(4)}{_SUFFIX}")
    try:
        with os.fdopen(_locked(aside), "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, aside)
            aside.replace(target)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise


def _locked(path: Path) -> int:
    """A new file under a lock that ends with this process."""
    while True:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        lock(file, wait=True)
        if os.fstat(file).st_nlink:
            return file
        os.close(file)  # it was taken for one that was left, and removed


def _remove_left(path: Path) -> None:
    """Remove what a writer left that lives no more."""
    with suppress(OSError):
        file = os.open(path, os.O_WRONLY)
        try:
            if lock(file, wait=False):
                path.unlink()
        finally:
            os.close(file)


def _literal(text: str) -> str:
    """A text as a pattern that matches only itself."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)


@contextmanager
def replacing(target: Path, keep: Callable[[Path, Path], None]) -> Iterator[Path]:
    """A new folder that takes the place of another in one step, at the end.

    Args:
        target: where; a symbolic link stays one, and what it points at is replaced.
        keep: called at the end with the old folder, where there is one, and the new: takes over
            what shall stay.

    Raises:
        BusyError: another process replaces this folder.
        OSError: it cannot be written; what was there is unchanged.
    """
    target = Path(os.path.realpath(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    with _aside(target) as aside:
        new = aside / "new"
        new.mkdir()
        yield new
        if target.exists():
            keep(target, new)
        for file in new.rglob("*"):
            if file.is_file() and not file.is_symlink():
                _sync(file)  # some file systems find only now that the disk is full
        _exchange(new, target)


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """An empty folder beside the target, for one process at a time."""
    aside = target.with_name(f".{target.name[:200]}.qfx-export")
    held = _lock_folder(aside)
    try:
        old = aside / "old"
        if old.exists() and not target.exists():
            old.rename(target)  # a writer was killed between the two
        _empty(aside)
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        os.close(held)


def _lock_folder(folder: Path) -> int:
    while True:
        folder.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):  # the one that had it has just removed it
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                lock(held, wait=False)
                if os.path.samestat(os.fstat(held), folder.stat()):
                    return held
            except BlockingIOError:
                os.close(held)
                raise BusyError(errno.EBUSY, "another process writes it now") from None
            except FileNotFoundError:
                pass
            os.close(held)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _exchange(new: Path, target: Path) -> None:
    """Put a folder in another's place, which goes to where the new one was, or beside it."""
    if not target.exists():
        new.rename(target)
        return
    with suppress(AttributeError):  # a C library without it
        rename = ctypes.CDLL(None, use_errno=True).renameat2
        if rename(_HERE, os.fsencode(new), _HERE, os.fsencode(target), _EXCHANGE) == 0:
            return
        code = ctypes.get_errno()
        if code not in _NOT_HERE:
            raise OSError(code, os.strerror(code), str(target))
    old = new.with_name("old")  # this file system cannot exchange: two steps, mended if cut
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        old.rename(target)
        raise


def take_over(old: Path, new: Path, ours: Callable[[str], bool]) -> None:
    """Put into a new folder what is in an old one and not ours: as links to the same files, so that
    neither folder lacks one at any time.

    Raises:
        InTheWayError: something of ours stands in its place; the error has its path.
        OSError: it cannot be copied.
    """
    for folder, names, files in os.walk(old):
        within = Path(folder).relative_to(old)
        links = [name for name in names if Path(folder, name).is_symlink()]
        for name in [*files, *links]:
            path = within / name
            if not ours(path.as_posix()):
                _link(old / path, new / path)
        if not names and not files and not (new / within).exists():
            (new / within).mkdir(parents=True)


def _link(source: Path, target: Path) -> None:
    if os.path.lexists(target):
        raise InTheWayError(errno.EEXIST, os.strerror(errno.EEXIST), str(source))
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # a file system without links, or too many of them
        shutil.copy2(source, target, follow_symlinks=False)
