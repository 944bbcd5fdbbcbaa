"""Joins that wait for one another in a circle, which no bound on one of them alone sees.

Either several forks lead to both: as with p = f(x) + y and q = x + f(y), p takes many x before the
first y, q many y before the first x, so that each holds up the fork that the other waits for.

Or several inputs do, through joins that need not wait themselves: as with z = ((a + f(b)) + f(a)) +
b, where z takes many a before its first element, which the first sum holds up until many b have
come, which z holds up.  Of one input, the fork they come from would say how many of both there are
at a time; two inputs come as they like.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from qfx.hardware.stage import Stage


def entangled(stages: Sequence[Stage]) -> set[str]:
    """Return the names of the joins of which neither is behind the other and to which several forks
    lead. Queues that hold a whole frame set them free: every fork can then hand a frame on,
    whatever is behind it.
    """
    readers = {stream.name: stage for stage in stages for stream in stage.inputs}
    apart = [_apart(stage, readers) for stage in stages if stage.is_fork]
    joins = [stage for stage in stages if stage.is_join]
    found = set[str]()
    for one, other in combinations(joins, 2):
        pair = {one.name, other.name}
        forks = sum(_parts(pair, ends) for ends in apart)
        if forks > 1 and other.name not in _behind(one.output.name, readers, set()):
            found |= pair
    return found


def _parts(pair: set[str], ends: tuple[set[str], set[str]]) -> bool:
    """Say whether a fork leads to one of the pair here and to the other there."""
    here, there = (end & pair for end in ends)
    return bool(here and there and (here | there) == pair)


def _apart(fork: Stage, readers: dict[str, Stage]) -> tuple[set[str], set[str]]:
    """Return the joins behind each of a fork's streams, up to those that are behind both."""
    both = set.intersection(*(_behind(s.name, readers, set()) for s in fork.outputs))
    here, there = (_behind(stream.name, readers, both) for stream in fork.outputs)
    return here, there


def _behind(stream: str, readers: dict[str, Stage], until: set[str]) -> set[str]:
    """Return the joins that a stream leads to, none behind those in `until`."""
    found, open_ = set[str](), [stream]
    while open_:
        stage = readers.get(open_.pop())
        if stage is None or stage.name in found:
            continue
        if stage.is_join:
            found.add(stage.name)
        if stage.name not in until:
            open_ += [end.name for end in stage.outputs]
    return found


def tied(stages: Sequence[Stage]) -> set[str]:
    """Return the names of the joins of streams of several inputs, where inputs can wait for one
    another; else none. Queues that hold a whole frame set them free: every fork can then hand a
    frame on, whatever is behind it.

    Inputs can wait for one another where the operands of a join are connected, in whatever
    direction, by more than that join and the forks that both come from.

    Args:
        stages: each behind those whose streams it reads.
    """
    written = {stream.name for stage in stages for stream in stage.outputs}
    entering = {s.name for stage in stages for s in stage.inputs} - written
    if len(entering) < 2:
        return set()
    leading = {s.name: _leading(s, stages) for s in stages if s.is_join}
    if not any(_hold_up(s, leading[s.name], stages) for s in stages if s.is_join):
        return set()
    return {name for name, streams in leading.items() if len(entering & streams) > 1}


def _leading(join: Stage, stages: Sequence[Stage]) -> set[str]:
    """Return the streams that lead to a join."""
    found = {stream.name for stream in join.inputs}
    for stage in reversed(stages):
        if any(stream.name in found for stream in stage.outputs):
            found |= {stream.name for stream in stage.inputs}
    return found


def _hold_up(join: Stage, leading: set[str], stages: Sequence[Stage]) -> bool:
    """Say whether the operands of a join are connected by more than it and the forks of both."""
    others = [
        stage
        for stage in stages
        if stage is not join
        and not (stage.is_fork and all(s.name in leading for s in stage.outputs))
    ]
    first, second = (stream.name for stream in join.inputs)
    return second in _connected(first, others)


def _connected(start: str, stages: Sequence[Stage]) -> set[str]:
    """Return the streams that stages connect with one."""
    ends = [{stream.name for stream in (*stage.inputs, *stage.outputs)} for stage in stages]
    touching: dict[str, list[set[str]]] = {}
    for streams in ends:
        for name in streams:
            touching.setdefault(name, []).append(streams)
    found, ahead = {start}, [start]
    while ahead:
        for streams in touching.get(ahead.pop(), ()):
            ahead += streams - found
            found |= streams
    return found
