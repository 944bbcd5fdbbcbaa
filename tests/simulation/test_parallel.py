"""Pieces of a batch, side by side: what comes back, what ends them, and that nothing is left."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from qfx.simulation.parallel import MOST_PIECES, Programs, Workers, each, pieces_of


@pytest.mark.parametrize("frames", [0, 1, 3, 15, 16, 100, 178, 5460])
def test_pieces_cover_the_batch_and_are_not_short(frames: int) -> None:
    pieces = pieces_of(frames)
    assert [n for piece in pieces for n in range(frames)[piece]] == list(range(frames))
    assert len(pieces) <= MOST_PIECES
    assert len(pieces) == 1 or min(p.stop - p.start for p in pieces) >= 8


def test_results_come_in_order_and_side_by_side() -> None:
    both = threading.Barrier(2, timeout=30)

    def work(number: int) -> int:
        both.wait()  # ends only when two are under way at once
        time.sleep(0.02 * (3 - number))
        return 10 * number

    assert each(work, 4, 2, lambda: None) == [0, 10, 20, 30]


def test_the_first_to_fail_stops_the_others() -> None:
    stopped, begun = threading.Event(), []

    def work(number: int) -> None:
        begun.append(number)
        if number == 1:
            raise ValueError("the second")
        assert stopped.wait(30)

    with pytest.raises(ValueError, match="the second"):
        each(work, 50, 2, stopped.set)
    assert begun == [0, 1]


def test_an_interrupt_stops_them_and_is_raised() -> None:
    stopped = threading.Event()

    def tell() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        each(lambda number: stopped.wait(30), 2, 2, stopped.set, tell)
    assert stopped.is_set()


def test_programs_are_ended_those_under_way_and_those_that_begin_later(tmp_path: Path) -> None:
    programs, started = Programs(), time.monotonic()

    def work(number: int) -> None:
        if number == 1:
            time.sleep(0.3)
            raise ValueError("the second")
        programs.run("sh", "-c", "sleep 60 & echo $!; wait", folder=tmp_path, heard=heard.append)

    heard: list[str] = []
    with pytest.raises(ValueError, match="the second"):
        each(work, 2, 2, programs.stop)
    with pytest.raises(RuntimeError, match="ended by SIGKILL"):
        programs.run("sleep", "60", folder=tmp_path)
    assert time.monotonic() - started < 30
    assert _gone(int(heard[0]))  # what the program had started, too


_SCRIPT = """
import sys
from pathlib import Path
from qfx.simulation.parallel import Programs, each
programs = Programs()
def work(number):
    programs.run("sh", "-c", "sleep 60 & echo $!; wait", folder=Path("."), heard=say)
def say(line):
    print(line, flush=True)
each(work, 2, 2, programs.stop)
"""


def test_ctrl_c_leaves_nothing_running(tmp_path: Path) -> None:
    script = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT], cwd=tmp_path, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert script.stdout is not None
    children = [int(script.stdout.readline()) for _ in range(2)]
    script.send_signal(signal.SIGINT)
    _, errors = script.communicate(timeout=30)
    assert "KeyboardInterrupt" in errors
    assert all(map(_gone, children))


def test_jobs_are_as_many_as_cpus_unless_told() -> None:
    assert Workers(3).count == 3
    assert Workers(None).count == len(os.sched_getaffinity(0))


def _gone(process: int) -> bool:
    """Whether it has ended, within a moment; one that nobody has waited for counts."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
