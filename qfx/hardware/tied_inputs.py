"""Inputs that wait for one another, through meetings that need not do so themselves.

As with z = ((a + f(b)) + f(a)) + b: before its first element z takes many a, which the first sum
holds up until many b have come, which z holds up.  Of one input, the fork they come from would say
how many of both there are at a time; two inputs come as they like.
"""

from __future__ import annotations

from collections.abc import Sequence

from qfx.hardware.branch_stages import Fork, Meeting
from qfx.hardware.stage import Stage


def tied(stages: Sequence[Stage]) -> set[str]:
    """The names of the meetings of streams of several inputs, where inputs can wait for one
    another; else none. Queues that hold a whole frame set them free: every fork can then hand a
    frame on, whatever is behind it.

    Inputs can wait for one another where the operands of a meeting are connected, in whatever
    direction, by more than that meeting and the forks that both come from.

    Args:
        stages: each behind those whose streams it reads.
    """
    written = {stream.name for stage in stages for stream in stage.outputs}
    entering = {s.name for stage in stages for s in stage.inputs} - written
    if len(entering) < 2:
        return set()
    leading = {s.name: _leading(s, stages) for s in stages if isinstance(s, Meeting)}
    if not any(_hold_up(s, leading[s.name], stages) for s in stages if isinstance(s, Meeting)):
        return set()
    return {name for name, streams in leading.items() if len(entering & streams) > 1}


def _leading(meeting: Stage, stages: Sequence[Stage]) -> set[str]:
    """The streams that lead to a meeting."""
    found = {stream.name for stream in meeting.inputs}
    for stage in reversed(stages):
        if any(stream.name in found for stream in stage.outputs):
            found |= {stream.name for stream in stage.inputs}
    return found


def _hold_up(meeting: Stage, leading: set[str], stages: Sequence[Stage]) -> bool:
    """Whether the operands of a meeting are connected by more than it and the forks of both."""
    others = [
        stage
        for stage in stages
        if stage is not meeting
        and not (isinstance(stage, Fork) and all(s.name in leading for s in stage.outputs))
    ]
    first, second = (stream.name for stream in meeting.inputs)
    return second in _connected(first, others)


def _connected(start: str, stages: Sequence[Stage]) -> set[str]:
    """The streams that stages connect with one."""
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
