"""All samples that a graph can be given, each as one row: the elements of its inputs in order."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.ir import Graph
from qfx.ops import Conv2d, Matmul, Reshape

_COLUMNS = 16  # of a matmul, that are driven to their ends
_AT_A_TIME = 1 << 24  # elements of all values together, whatever the graph: 128 MB


class Space:
    """The rows of a graph.

    Args:
        graph: whose inputs they are for.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph, self.inputs = graph, graph.inputs
        self.sizes = [prod(entry.shape) for entry in self.inputs]
        dtypes = [entry.cast.dtype for entry in self.inputs]
        self.low = np.repeat([dtype.min_int for dtype in dtypes], self.sizes)
        self.high = np.repeat([dtype.max_int for dtype in dtypes], self.sizes)
        self.owner = np.repeat(np.arange(len(self.sizes)), self.sizes)  # of each element
        self.at_a_time = max(1, _AT_A_TIME // graph.elements)  # rows whose values are held at once

    @property
    def work(self) -> list[int]:
        """What each node takes for a row: products, or else elements of its result."""
        counts = []
        for node in self.graph.nodes:
            shape, op = node.output.type.shape, node.op
            each = prod(op.weight.shape[1:]) if isinstance(op, Conv2d) else 1
            each = op.weight.shape[0] if isinstance(op, Matmul) else each
            counts.append(prod(shape) * each)
        return counts

    def split(self, rows: Integers) -> tuple[Integers, ...]:
        """What each input is given: the inverse of a concatenation."""
        parts = np.split(rows, np.cumsum(self.sizes)[:-1], axis=1)
        return tuple(
            part.reshape(len(rows), *entry.shape)
            for part, entry in zip(parts, self.inputs, strict=True)
        )

    def values(self, rows: Integers) -> Iterator[tuple[slice, str, Integers]]:
        """Every value of the graph for some of the rows after others, in its order; none is held
        longer than it is read.
        """
        for start in range(0, len(rows), self.at_a_time):
            part = slice(start, start + self.at_a_time)
            entries = zip(self.split(rows[part]), self.inputs, strict=True)
            data = (FixedPointArray(x, entry.cast.dtype) for x, entry in entries)
            for name, integers in self.graph.walk(*data):
                yield part, name, integers

    def random(self, generator: np.random.Generator, count: int) -> Integers:
        """Rows of any integers."""
        return np.concatenate(
            [
                generator.integers(
                    entry.cast.dtype.min_int,
                    entry.cast.dtype.max_int,
                    (count, size),
                    endpoint=True,
                )
                for entry, size in zip(self.inputs, self.sizes, strict=True)
            ],
            axis=1,
        )

    def ends(self) -> Integers:
        """All inputs lowest, all highest; and of several each alone at the other end."""
        rows = [self.low, self.high]
        for number in range(len(self.inputs)) if len(self.inputs) > 1 else ():
            own = self.owner == number
            rows += [np.where(own, self.low, self.high), np.where(own, self.high, self.low)]
        return np.unique(np.stack(rows), axis=0) if len(rows) > 2 else np.stack(rows)

    def column_extremes(self) -> Integers:
        """Where a matmul reads an input directly: what makes its first columns largest and
        smallest; the other inputs are zero.
        """
        found = [np.zeros((0, len(self.low)), np.int64)]
        for number, entry in enumerate(self.inputs):
            own, weight = self.owner == number, _first_weight(self.graph, entry.name)
            if not len(weight):
                continue
            rows = np.zeros((2 * len(weight), len(own)), np.int64)
            signs = np.concatenate([weight > 0, weight <= 0])
            rows[:, own] = np.where(signs, self.high[own], self.low[own])
            found.append(rows)
        return np.concatenate(found)


def _first_weight(graph: Graph, entry: str) -> Integers:
    """(columns, inputs): the first columns of a matmul that reads an input, if one does."""
    flat = {entry}
    for node in graph.nodes:
        if isinstance(node.op, Reshape) and node.inputs[0].name in flat:
            flat.add(node.output.name)
        elif isinstance(node.op, Matmul) and node.inputs[0].name in flat:
            weight: Integers = node.op.weight.integers[:, :_COLUMNS].T
            return weight
    return np.zeros((0, 0), np.int64)
