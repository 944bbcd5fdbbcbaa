"""The hls::streams of a design, and how deep they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qfx.backends.vitis.expressions import cpp_type
from qfx.hardware import Fifo, Stage
from qfx.hardware.fifo_depths import with_depths
from qfx.hardware.memory import memory_of
from qfx.hardware.stream import Stream

_LEAST_DEPTH = 2  # so that who writes and who reads can both do so every cycle


def carriers(stages: Iterable[Stage]) -> dict[str, str]:
    """The hls::stream that carries each stream of a design, by name: a Fifo is its stream's depth.

    Args:
        stages: each behind those whose streams it reads.
    """
    found: dict[str, str] = {}
    for stage in stages:
        for stream in stage.inputs:  # a port's, where nothing has written it
            found.setdefault(stream.name, f"{stream.name}_elements")
        for stream in stage.outputs:
            queued = isinstance(stage, Fifo)
            found[stream.name] = found[stage.input.name] if queued else stream.name
    return found


def streams_of(stages: tuple[Stage, ...]) -> list[dict[str, Any]]:
    """What the top function declares."""
    names, carried, depth = carriers(stages), dict[str, Stream](), dict[str, int]()
    for stage in with_depths(stages, {}, "vitis"):
        for stream in (*stage.inputs, *stage.outputs):
            carried.setdefault(names[stream.name], stream)
        if isinstance(stage, Fifo):
            depth[names[stage.output.name]] = stage.depth
    deep = {name: max(_LEAST_DEPTH, depth.get(name, 0)) for name in carried}
    return [
        {
            "name": name,
            "type": cpp_type(stream.dtype),
            "lanes": stream.lanes,
            "depth": deep[name],
            "in_blocks": memory_of(deep[name], stream.bits) == "block",
        }
        for name, stream in carried.items()
    ]
