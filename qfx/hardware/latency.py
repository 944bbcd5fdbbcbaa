"""When the beats of one frame alone pass each stream, by what stages need, hold and take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qfx.hardware.stage import Stage
from qfx.hardware.stream import Stream

_LOOKED_AT = 1 << 14  # beats of a stream at most; what is between two of them is interpolated

_Times = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Passing:
    """When beats pass a stream.

    Args:
        beats: numbers of some of them, counted from 1, the first and the last among them.
        cycles: at which these do, counted from that of the frame's first beat, which is 0.
    """

    beats: _Times
    cycles: _Times

    def at(self, beats: _Times) -> _Times:
        """Return the cycles at which these beats have passed."""
        found: _Times = np.interp(np.maximum(beats, 1), self.beats, self.cycles)
        return found


def latency_cycles(
    entering: Iterable[Stream], stages: Sequence[Stage], leaving: Iterable[Stream]
) -> int:
    """Count the cycles from the first beat in to the last beat out of one frame alone, both of them
    included, of ports that offer and take a beat in every cycle.

    Each beat leaves a stage some cycles (`Stage.delay`) behind the last one that it needs, and some
    (`Stage.pace`) behind the one before it.

    Args:
        entering, leaving: the streams at the ports.
        stages: each behind those whose streams it reads.
    """
    passing: dict[str, _Passing] = {}
    for stream in entering:
        beats = _some_of(stream)
        passing[stream.name] = _Passing(beats, beats - 1)
    for stage in stages:
        found = _leaving(stage, passing)
        passing |= {stream.name: found for stream in stage.outputs}
    last = max(float(passing[stream.name].cycles[-1]) for stream in leaving)
    return round(last) + 1


def _leaving(stage: Stage, passing: Mapping[str, _Passing]) -> _Passing:
    beats = _some_of(stage.output)
    needed = stage.needed(beats.astype(np.int64))
    pairs = zip(stage.inputs, needed, strict=True)
    ready = np.maximum.reduce([passing[s.name].at(n.astype(float)) for s, n in pairs])
    paced = np.maximum.accumulate(ready + stage.delay - beats * stage.pace) + beats * stage.pace
    return _Passing(beats, paced)


def _some_of(stream: Stream) -> _Times:
    count = min(stream.beats, _LOOKED_AT)
    return np.unique(np.linspace(1, stream.beats, count).round())
