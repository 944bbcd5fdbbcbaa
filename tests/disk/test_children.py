"""Programs that end with the process that started them, and the temporary folders they leave."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qfx import tools
from qfx.cache import build_once
from qfx.disk.scratch import scratch

_WATCH = """
import sys
from pathlib import Path
from qfx import tools
from qfx.disk.scratch import scratch
line = "echo $$ > pid; sleep 60 & echo $! > child; wait"
with scratch("test") as folder:
    Path(sys.argv[1]).write_text(str(folder))
    if sys.argv[2] == "watch":
        tools.watch([tools.Job(("sh", "-c", line), folder, print)])
    else:
        tools.run("sh", "-c", line, cwd=folder)
"""


def lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not waited for does not."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def until(true, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(true())


@pytest.mark.parametrize("how", ["watch", "run"])
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_what_a_tool_started_ends_with_us(how: str, sent: signal.Signals, tmp_path: Path) -> None:
    told = tmp_path / "told"
    process = subprocess.Popen(
        [sys.executable, "-c", _WATCH, str(told), how],
        stderr=subprocess.DEVNULL,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    assert until(lambda: told.is_file() and told.read_text())
    folder = Path(told.read_text())
    assert until(lambda: (folder / "child").is_file() and (folder / "child").read_text().strip())
    pids = [int((folder / name).read_text()) for name in ("pid", "child")]
    assert all(map(lives, pids))
    process.send_signal(sent)
    process.wait()
    assert until(lambda: not any(map(lives, pids)))
    assert folder.exists() == (sent != signal.SIGINT)  # what is killed cannot clean up
    again = subprocess.run(
        [sys.executable, "-c", "from qfx.disk.scratch import scratch\nwith scratch('x'): pass"],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        check=True,
    )
    assert again.returncode == 0
    assert list(folder.parent.iterdir()) == []


def test_a_tool_gets_no_input_and_its_own_words_are_kept(tmp_path: Path) -> None:
    assert tools.run("sh", "-c", "cat; pwd", cwd=tmp_path) == f"{tmp_path.resolve()}\n"
    with pytest.raises(tools.ToolFailed, match="sh ended with 3:\nout\nerr"):
        tools.run("sh", "-c", "echo out; echo err >&2; exit 3")
    with pytest.raises(tools.ToolFailed, match="it was ended by SIGTERM"):
        tools.watch([tools.Job(("sh", "-c", "kill -TERM $$"), tmp_path, lambda line: None)])


def test_folders_in_use_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with scratch("one") as one:
        (one / "file").write_text("x")
        with scratch("two") as two:
            assert (one / "file").exists()
        assert not two.exists()
    assert not one.exists()


def test_a_killed_build_is_cleared_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QFX_CACHE", str(tmp_path))
    (tmp_path / "kind" / "building-left").mkdir(parents=True)
    built = build_once("kind", ["key"], lambda folder: (folder / "x").touch())
    assert [path.name for path in (tmp_path / "kind").iterdir()] == [built.name]
    assert (built / "x").exists()
