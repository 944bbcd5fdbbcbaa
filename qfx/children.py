"""Programs that run for us and do not outlive us: each in a process group of its own, which ends
with all it has started when we are interrupted, fail, or are killed.

What is killed cannot clean up. So a shell waits at the end of a pipe that only this process holds:
when it closes, whatever the reason, the shell kills the groups that are still under way.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

# Told "+ GROUP" and "- GROUP", a line each. The terminal's signals are for the process it watches.
_GUARD = """
trap '' HUP INT TERM
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="${groups%% $group *} ${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -KILL "-$group"; done
"""
# A program begins only when the guard knows of it; if we die before, its input ends here.
_BEGIN = 'read -r go || exit 125; exec "$@" </dev/null'

_guard: subprocess.Popen[bytes] | None = None
_lock = threading.Lock()


def start(
    command: Sequence[str],
    folder: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
    stderr: int = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """A program that has begun, without input.

    Args:
        command: its path and its arguments.
        folder: it runs in.
        environment: variables it is given beside ours.
        stderr: as for Popen.
    """
    process = subprocess.Popen(
        ["/bin/sh", "-c", _BEGIN, "sh", *command],
        cwd=folder,
        env=os.environ | dict(environment or {}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        start_new_session=True,
    )
    assert process.stdin is not None
    try:
        _tell(f"+ {process.pid}")
        process.stdin.write(b"go\n")
        process.stdin.close()
        process.stdin = None  # there is no input for `communicate` to write
    except BaseException:
        end(process)
        raise
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    """See that nothing is left of a program that `start` gave."""
    with suppress(ProcessLookupError, PermissionError):  # mostly nothing is left
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    _tell(f"- {process.pid}")


def _tell(line: str) -> None:
    global _guard
    with _lock:
        if _guard is None or _guard.poll() is not None:
            _guard = subprocess.Popen(
                ["/bin/sh", "-c", _GUARD],
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        assert _guard.stdin is not None
        _guard.stdin.write(f"{line}\n".encode())
        _guard.stdin.flush()


def _dismiss() -> None:
    global _guard
    if _guard is not None and _guard.stdin is not None:
        _guard.stdin.close()
        _guard.wait()
        _guard = None


def _forget() -> None:
    """In a forked process: the guard is another's, whose end of the pipe must be the only one."""
    global _guard, _lock
    if _guard is not None and _guard.stdin is not None:
        _guard.stdin.close()
        _guard.returncode = 0  # nobody waits for it here
    _guard, _lock = None, threading.Lock()


atexit.register(_dismiss)
os.register_at_fork(after_in_child=_forget)
