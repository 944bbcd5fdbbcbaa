"""The channels that carry a design's streams in C++: a stream and the queue behind it are one
channel there, as deep as the queue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qfx.hardware.fifo_depths import with_depths
from qfx.hardware.stage import Stage
from qfx.hardware.stream import Stream

_LEAST_DEPTH = 2  # so that who writes and who reads can both do so every cycle


@dataclass(frozen=True)
class Channel:
    """An hls::stream.

    Args:
        name: as it is declared.
        stream: that is written to it.
        depth: in beats.
    """

    name: str
    stream: Stream
    depth: int


def carriers(stages: Iterable[Stage]) -> dict[str, str]:
    """Return the name of the channel that carries each stream, by the stream's name.

    Args:
        stages: each behind those whose streams it reads.
    """
    found: dict[str, str] = {}
    for stage in stages:
        for stream in stage.inputs:  # a port's, where nothing has written it
            found.setdefault(stream.name, f"{stream.name}_elements")
        for stream in stage.outputs:
            queued = stage.queue_depth is not None
            found[stream.name] = found[stage.input.name] if queued else stream.name
    return found


def channels_of(stages: tuple[Stage, ...]) -> list[Channel]:
    """Return the channels that the C++ declares, in the order in which they are met."""
    names, carried, depth = carriers(stages), dict[str, Stream](), dict[str, int]()
    for stage in with_depths(stages, {}, "vitis"):
        for stream in (*stage.inputs, *stage.outputs):
            carried.setdefault(names[stream.name], stream)
        if stage.queue_depth is not None:
            depth[names[stage.output.name]] = stage.queue_depth
    return [
        Channel(name, stream, max(_LEAST_DEPTH, depth.get(name, 0)))
        for name, stream in carried.items()
    ]
