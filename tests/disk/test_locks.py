"""Temporary folders and files where the file system knows no locks: used, and nobody's swept."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from qfx.disk import scratch, whole
from qfx.disk.locks import lock


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_everything_works_without_locks(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", unknown)
    (tmp_path / "building-other").mkdir()
    with scratch.temporary(tmp_path, "building-") as folder:
        (folder / "made").write_text("1")
        folder.rename(tmp_path / "kept")
    assert (tmp_path / "kept" / "made").exists()
    assert (tmp_path / "building-other").exists()  # its process may live
    whole.write(tmp_path / "file", "text")
    assert (tmp_path / "file").read_text() == "text"
    with whole.replacing(tmp_path / "target", lambda old, new: None) as new:
        (new / "made").write_text("1")
    assert (tmp_path / "target" / "made").exists()


def test_other_errors_are_not_taken_for_that(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match="Bad file descriptor"):
        lock(1 << 20, wait=False)
    read, write = os.pipe()
    os.close(write)
    try:
        assert lock(read, wait=False)
    finally:
        os.close(read)
