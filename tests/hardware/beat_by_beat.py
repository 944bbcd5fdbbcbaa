"""How deep queues are, counted at every beat of three frames, and tried by bisection: the oracle
that qfx.hardware.fifo_depths must agree with.
"""

from __future__ import annotations

import numpy as np
from beat_by_beat_tokens import accepted, needed

from qfx.fixedpoint.array import Integers
from qfx.hardware import Fifo, Language, Stage
from qfx.hardware.fifo_depths import _FRAMES, _LEAST, _forks, _lag

Counts = dict[str, Integers]  # by stream, beats at each beat that leaves a join


def depth_of(region: list[Stage], index: int, interval: int, language: Language) -> int:
    """The least depth with which no fork has to wait for the path behind it that is full."""
    join, forks = region[-1], _forks(region)
    if not forks:
        return _LEAST
    given = np.arange(1, _FRAMES * join.output.beats + 1)
    wanted = {}
    for fork in forks:
        there, back = _lag(region, fork, join), _lag(region, fork, region[index])
        ahead = -(-(there + back) * join.output.beats // interval)
        wanted[fork.name] = _wanted(region, given + ahead, language)[fork.input.name]

    def suffices(depth: int) -> bool:
        room = _room(region, index, depth, given - 1, language)
        return all(
            bool((room[stream.name] >= wanted[fork.name]).all())
            for fork in forks
            for stream in fork.outputs
            if stream.name in room
        )

    low, high = _LEAST, _LEAST
    while not suffices(high):
        low, high = high + 1, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle + 1, high)
    return high


def _wanted(region: list[Stage], given: Integers, language: Language) -> Counts:
    """The beats that each stream must have carried before the last stage's leave."""
    wanted: Counts = {}
    for stage in reversed(region):
        ends = [wanted[s.name] for s in stage.outputs if s.name in wanted]
        if stage is region[-1]:
            ends = [given]
        if ends:
            counts = needed(stage, np.maximum.reduce(ends), language)
            wanted |= {s.name: n for s, n in zip(stage.inputs, counts, strict=True)}
    return wanted


def _room(
    region: list[Stage], index: int, depth: int, given: Integers, language: Language
) -> Counts:
    """The beats that each stream can have carried when the last stage's have left, through the
    queue at `index` of that depth; other paths are not looked at.
    """
    old = region[index]
    queue = Fifo(old.name, old.source, old.input, old.output, depth)
    ends = [stream.name for stream in region[-1].inputs]
    taken = dict(zip(ends, needed(region[-1], given, language), strict=True))
    room: Counts = {queue.input.name: accepted(queue, taken[queue.output.name])[0]}
    for stage in reversed(region[:index]):
        rooms = [room[s.name] for s in stage.outputs if s.name in room]
        if rooms:
            counts = accepted(stage, np.minimum.reduce(rooms), language)
            room |= {s.name: n for s, n in zip(stage.inputs, counts, strict=True)}
    return room
