"""Meetings that wait for one another: neither is behind the other, and several forks lead to both.

As with p = f(x) + y and q = x + f(y): p takes many x before the first y, q many y before the first
x, so that each holds up the fork that the other waits for.  No bound on one meeting alone sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from qfx.hardware.branch_stages import Fork, Meeting
from qfx.hardware.stage import Stage


def entangled(stages: Sequence[Stage]) -> set[str]:
    """The names of such meetings.  Queues that hold a whole frame set them free: every fork can
    then hand a frame on, whatever is behind it.
    """
    readers = {stream.name: stage for stage in stages for stream in stage.inputs}
    apart = [_apart(stage, readers) for stage in stages if isinstance(stage, Fork)]
    meetings = [stage for stage in stages if isinstance(stage, Meeting)]
    found = set[str]()
    for one, other in combinations(meetings, 2):
        pair = {one.name, other.name}
        forks = sum(_parts(pair, ends) for ends in apart)
        if forks > 1 and other.name not in _behind(one.output.name, readers, set()):
            found |= pair
    return found


def _parts(pair: set[str], ends: tuple[set[str], set[str]]) -> bool:
    """Whether a fork leads to one of the pair here and to the other there."""
    here, there = (end & pair for end in ends)
    return bool(here and there and (here | there) == pair)


def _apart(fork: Fork, readers: dict[str, Stage]) -> tuple[set[str], set[str]]:
    """The meetings behind each of a fork's streams, up to those that are behind both."""
    both = set.intersection(*(_behind(s.name, readers, set()) for s in fork.outputs))
    here, there = (_behind(stream.name, readers, both) for stream in fork.outputs)
    return here, there


def _behind(stream: str, readers: dict[str, Stage], until: set[str]) -> set[str]:
    """The meetings that a stream leads to, none behind those in `until`."""
    found, open_ = set[str](), [stream]
    while open_:
        stage = readers.get(open_.pop())
        if stage is None or stage.name in found:
            continue
        if isinstance(stage, Meeting):
            found.add(stage.name)
        if stage.name not in until:
            open_ += [end.name for end in stage.outputs]
    return found
