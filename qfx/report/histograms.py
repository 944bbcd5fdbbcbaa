"""How often each integer occurs, before a cast and among weights, against those its type holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from qfx.disk.record import Record
from qfx.fixedpoint import FixedPointType, Interval, Overflow
from qfx.fixedpoint.array import Integers, quantize
from qfx.hardware import STAGE_OF
from qfx.ir import Graph, Input, Node
from qfx.ops import Cast, Conv2d, Matmul
from qfx.report.layers import Floats

BINS = 32  # of the whole range a type holds, at most
_BEYOND = 4  # bins on either side of it; the outermost also counts what lies farther out
_LONGEST = 63  # bits of an integer


class HistogramRecord(Record):
    """Values of a layer before they are cast, rounded to the grid of the cast's type; or its
    weights, none of which lies outside.

    Args:
        layer: as in LayerRecord.
        dtype: of the cast, or of the weights.
        lsb: a step of the grid.
        low, high: the least and the greatest integer that pass the cast unchanged.
        start: integer at the left edge of the first bin.
        width: integers a bin.
        counts: values in each bin.
        below, above: shares of the values under `low` and over `high`.
        wraps: whether those come out elsewhere, not at the ends.
    """

    layer: str
    dtype: str
    lsb: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    low: int
    high: int
    start: int
    width: Annotated[int, Field(ge=1)]
    counts: Annotated[tuple[Annotated[int, Field(ge=0, le=1 << 53)], ...], Field(min_length=1)]
    below: Annotated[float, Field(ge=0, le=1)]
    above: Annotated[float, Field(ge=0, le=1)]
    wraps: bool


def histograms(
    graph: Graph, data: Sequence[Floats], values: Mapping[str, Integers]
) -> tuple[HistogramRecord, ...]:
    """Return one for each input, and one for each layer whose result is cast.

    Args:
        graph: the layers' nodes are told by their `source`.
        data: a batch of floats for each input.
        values: the same batch's integers by value, as `graph.trace` gives them.
    """
    alone = len(graph.inputs) == 1
    entering = (
        histogram("" if alone else entry.name, entry.cast, _of_input(entry, floats))
        for entry, floats in zip(graph.inputs, data, strict=True)
    )
    casts = (
        histogram(layer, cast, cast.before_overflow(values[node.inputs[0].name]))
        for layer, node, cast in _ending_casts(graph)
    )
    return (*entering, *casts)


def histogram(layer: str, cast: Cast, rounded: Integers) -> HistogramRecord:
    """Count integers on the cast's grid, some of them beyond its type."""
    wraps = cast.overflow in (Overflow.WRAP, Overflow.SAT_ZERO)
    return _counted(layer, cast.dtype, cast.fitting, rounded, wraps)


def weight_histograms(graph: Graph) -> tuple[HistogramRecord, ...]:
    """Return one for each layer that multiplies its input with weights: their integers."""
    return tuple(
        _counted(node.source, weight.dtype, weight.dtype.interval, weight.integers, False)
        for node in graph.nodes
        if isinstance(node.op, (Matmul, Conv2d))
        for weight in (node.op.weight,)
    )


def _counted(
    layer: str, dtype: FixedPointType, fits: Interval, integers: Integers, wraps: bool
) -> HistogramRecord:
    shift = max(0, dtype.wordlength - BINS.bit_length() + 1)
    width, inside = 1 << shift, 1 << dtype.wordlength - shift
    x = integers.reshape(-1)
    bins = np.clip(x - dtype.min_int >> shift, -_BEYOND, inside - 1 + _BEYOND) + _BEYOND
    counts = np.bincount(bins, minlength=inside + 2 * _BEYOND)
    below, above = x < fits.low, x > fits.high
    left = 0 if below.any() else _BEYOND
    right = len(counts) if above.any() else len(counts) - _BEYOND
    return HistogramRecord(
        layer=layer,
        dtype=str(dtype),
        lsb=dtype.lsb,
        low=fits.low,
        high=fits.high,
        start=dtype.min_int + (left - _BEYOND) * width,
        width=width,
        counts=tuple(counts[left:right].tolist()),
        below=float(below.mean()),
        above=float(above.mean()),
        wraps=wraps,
    )


def _of_input(entry: Input, floats: Floats) -> Integers:
    """The floats on the input's grid, as if its type were wide enough."""
    dtype = entry.cast.dtype
    wide = FixedPointType(min(dtype.wordlength + 8, _LONGEST), dtype.fraction_bits, True)
    return quantize(floats, wide, entry.cast.rounding, Overflow.SAT).integers


def _ending_casts(graph: Graph) -> Iterator[tuple[str, Node, Cast]]:
    """The casts that end a layer, wiring behind them left out."""
    last: dict[str, Node] = {}
    for node in graph.nodes:
        if STAGE_OF[type(node.op)] is not None:
            last[node.source] = node
    for layer, node in last.items():
        if isinstance(node.op, Cast):
            yield layer, node, node.op
