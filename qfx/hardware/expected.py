"""What every stream of a design must carry by the golden model: to find the stage that errs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.hardware.layout import HEADS
from qfx.hardware.sections import orders
from qfx.hardware.stage import Stage
from qfx.hardware.stages import Map, Window
from qfx.hardware.stream import Order
from qfx.ir import Graph


def expected(
    graph: Graph, stages: Iterable[Stage], values: dict[str, Integers]
) -> Iterator[tuple[Stage, Integers]]:
    """Each stage with the elements that its output streams carry, of which a fork has two.

    Args:
        graph: what is computed.
        stages: of its design, each behind those whose streams it reads.
        values: the batch's integers by value, as `graph.trace` gives them.

    Yields:
        The stage and (samples, elements), in the order of the stream.
    """
    order, entering = orders(graph), iter(graph.inputs)
    carried: dict[str, Integers] = {}
    for stage in stages:
        if stage.input.name not in carried:  # a port's
            entry = next(entering).name
            carried[stage.input.name] = _in_order(values[entry], order[entry])
        elements = carried[stage.input.name]
        if isinstance(stage, HEADS) and stage.name in values:
            elements = _in_order(values[stage.name], order[stage.name])
        elif isinstance(stage, Window):
            elements = _patches(stage, elements)
        elif isinstance(stage, Map):
            last = stage.steps[-1].result.name
            elements = _in_order(values[last], order[last])
        carried |= {stream.name: elements for stream in stage.outputs}
        yield stage, elements


def _in_order(value: Integers, order: Order) -> Integers:
    return value.reshape(len(value), -1)[:, order]


def _patches(stage: Window, pixels: Integers) -> Integers:
    """(samples, elements) of the patches: pixel by pixel, then group, row, column, channel."""
    channels, height, width = stage.shape
    (top, left), (down, right) = stage.padding, stage.stride
    image = pixels.reshape(-1, height, width, channels)
    padded = np.pad(image, ((0, 0), (top, top), (left, left), (0, 0)))
    view: Any = np.lib.stride_tricks.sliding_window_view
    windows = view(padded, stage.reach, axis=(1, 2))[:, ::down, ::right]
    windows = windows[..., :: stage.dilation[0], :: stage.dilation[1]]
    samples, rows, columns = windows.shape[:3]
    grouped = windows.reshape(samples, rows, columns, stage.groups, -1, *stage.kernel)
    patches: Integers = grouped.transpose(0, 1, 2, 3, 5, 6, 4).reshape(samples, -1)
    return patches
