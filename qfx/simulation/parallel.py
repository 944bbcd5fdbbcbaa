"""A batch in pieces, several at a time.

Pieces depend on the batch alone, never on the machine, so that a run can be repeated anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from qfx.tools import usable_cpus

Result = TypeVar("Result")
PIECE_FRAMES = 8  # at least: enough to fill a pipeline and to count its cycles
MOST_PIECES = 32
_TELL_SECONDS = 0.1


@dataclass(frozen=True)
class Workers:
    """Who does the work, and who hears of it.

    Args:
        jobs: pieces at a time; None takes one for each CPU.
        told: is told the frames done so far, 0 when building has ended, then every now and then.
    """

    jobs: int | None = 1
    told: Callable[[int], None] = lambda frames: None

    @property
    def count(self) -> int:
        """Pieces at a time."""
        return self.jobs or usable_cpus()


def pieces_of(frames: int) -> list[slice]:
    """A batch of so many frames, cut into runs of frames back to back."""
    count = max(1, min(MOST_PIECES, frames // PIECE_FRAMES))
    ends = [frames * n // count for n in range(count + 1)]
    return [slice(*pair) for pair in pairwise(ends)]


def each(
    work: Callable[[int], Result],
    count: int,
    jobs: int,
    stop: Callable[[], None],
    tell: Callable[[], None] = lambda: None,
) -> list[Result]:
    """What `work` gives for 0 to count - 1, on threads.

    Args:
        work: for one number; it must let other threads run while it waits or computes.
        count: numbers.
        jobs: threads.
        stop: makes every `work` under way end soon; called when one of them raises, and when this
            call is interrupted. Nothing is left running when `each` returns or raises.
        tell: called every now and then, and at the end.
    """
    with ThreadPoolExecutor(max(1, min(jobs, count))) as pool:
        futures = [pool.submit(work, number) for number in range(count)]
        try:
            waiting = set(futures)
            while waiting:
                done, waiting = wait(waiting, _TELL_SECONDS, FIRST_COMPLETED)
                for future in done:
                    future.result()
                tell()
        except BaseException:
            for future in futures:
                future.cancel()
            stop()
            raise
    return [future.result() for future in futures]
