"""Pieces of a batch, side by side: what comes back, and what ends them."""

import os
import threading
import time

import pytest

from qfx.simulation.parallel import MOST_PIECES, Workers, each, pieces_of


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


def test_jobs_are_as_many_as_cpus_unless_told() -> None:
    assert Workers(3).count == 3
    assert Workers(None).count == len(os.sched_getaffinity(0))
