"""Stimuli that are worth simulating: data, random words, the ends of the range, and what drives
casts into overflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qfx.fixedpoint import FixedPointArray, Interval
from qfx.fixedpoint.array import Integers
from qfx.hardware import Design
from qfx.ir import Graph, Node
from qfx.ops import Cast, Matmul, Reshape
from qfx.simulation.csim import to_hex

RANDOM_SAMPLES = 64
_POOL, _ROUNDS, _COLUMNS = 64, 4, 16


@dataclass(frozen=True)
class Stimuli:
    """A batch and what is in it.

    Args:
        inputs: (samples, *input shape) of each input.
        counts: samples by kind, in the order they stand.
        saturated: by cast, which ends of its range the batch exceeds ("low", "high").
    """

    inputs: tuple[Integers, ...]
    counts: dict[str, int]
    saturated: dict[str, list[str]]


class _Space:
    """All samples a graph can be given, each as one row: its inputs' elements one after another.

    Args:
        graph: whose inputs they are for.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph, self.inputs = graph, graph.inputs
        self.sizes = [int(np.prod(entry.shape)) for entry in self.inputs]
        dtypes = [entry.cast.dtype for entry in self.inputs]
        self.low = np.repeat([dtype.min_int for dtype in dtypes], self.sizes)
        self.high = np.repeat([dtype.max_int for dtype in dtypes], self.sizes)
        self.owner = np.repeat(np.arange(len(self.sizes)), self.sizes)  # of each element

    def split(self, rows: Integers) -> tuple[Integers, ...]:
        """What each input is given: the inverse of a concatenation."""
        parts = np.split(rows, np.cumsum(self.sizes)[:-1], axis=1)
        return tuple(
            part.reshape(len(rows), *entry.shape)
            for part, entry in zip(parts, self.inputs, strict=True)
        )

    def trace(self, rows: Integers) -> dict[str, Integers]:
        """Every value of the graph."""
        parts = zip(self.split(rows), self.inputs, strict=True)
        return self.graph.trace(*(FixedPointArray(x, entry.cast.dtype) for x, entry in parts))

    def random(self, generator: np.random.Generator) -> Integers:
        """Rows of any integers."""
        return np.concatenate(
            [
                generator.integers(
                    entry.cast.dtype.min_int,
                    entry.cast.dtype.max_int,
                    (RANDOM_SAMPLES, size),
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


def make(graph: Graph, samples: tuple[Integers, ...] | None, seed: int) -> Stimuli:
    """The stimuli for a graph.

    Args:
        graph: whose casts are to be driven.
        samples: the user's own data for each input, already integers of its dtype; they come first.
        seed: of the random ones.
    """
    generator, space = np.random.default_rng(seed), _Space(graph)
    random, ends = space.random(generator), space.ends()
    given = None
    if samples is not None:
        given = np.concatenate([x.reshape(len(x), -1) for x in samples], axis=1)
    parts = {
        "data": given,
        "random": random,
        "minimum and maximum": ends,
        "driving casts": _driving(space, np.concatenate([random, ends]), generator),
    }
    kept = {kind: part for kind, part in parts.items() if part is not None and len(part)}
    batch = np.concatenate(list(kept.values())).astype(np.int64)
    saturated = {node.output.name: ends for node, ends in _overflows(space, batch) if ends}
    counts = {kind: len(part) for kind, part in kept.items()}
    return Stimuli(space.split(batch), counts, saturated)


def write(
    design: Design,
    stimuli: tuple[Integers, ...],
    golden: tuple[Integers, ...],
    torch: tuple[Integers, ...] | None,
    directory: Path,
) -> None:
    """Write the `vectors/` part of a project folder: arrays for numpy, and the bus words for
    testbenches; of several ports a file for each.

    Args:
        design: whose ports they are for.
        stimuli: of each input; golden, torch: of each output.
        directory: must exist.
    """
    kinds = (("stimuli", design.inputs, stimuli), ("golden", design.outputs, golden))
    for kind, ports, arrays in kinds:
        for port, array in zip(ports, arrays, strict=True):
            np.save(directory / f"{kind}{port.suffix}.npy", array, allow_pickle=False)
            (directory / f"{kind}{port.suffix}.hex").write_text(to_hex(port.pack(array)))
    for port, array in () if torch is None else zip(design.outputs, torch, strict=True):
        np.save(directory / f"torch{port.suffix}.npy", array, allow_pickle=False)


def _casts(graph: Graph) -> list[Node]:
    """The casts that some input might overflow."""
    return [
        node
        for node in graph.nodes
        if isinstance(node.op, Cast)
        and node.op.rounded(node.inputs[0].type.interval) not in node.op.fitting
    ]


def _overflows(space: _Space, batch: Integers) -> list[tuple[Node, list[str]]]:
    casts = _casts(space.graph)
    if not casts:
        return []
    values = space.trace(batch)
    found = []
    for node in casts:
        assert isinstance(node.op, Cast)
        operand = values[node.inputs[0].name]
        lowest, highest = int(operand.min()), int(operand.max())
        ends = {"low": node.op.rounded(_point(lowest)).low < node.op.fitting.low}
        ends["high"] = node.op.rounded(_point(highest)).high > node.op.fitting.high
        found.append((node, [end for end, exceeded in ends.items() if exceeded]))
    return found


def _driving(space: _Space, pool: Integers, generator: np.random.Generator) -> Integers:
    """For each cast, the samples found that drive its operand lowest and highest: a short random
    ascent.
    """
    pool = np.concatenate([pool, space.column_extremes()])
    chosen = []
    for node in _casts(space.graph):
        for sign in (-1, 1):
            best = _fittest(space, node, sign, pool)
            for _ in range(_ROUNDS):
                flips = generator.random((_POOL, *best.shape)) < 0.1
                ends = np.where(generator.choice([False, True], flips.shape), space.high, space.low)
                offspring = np.concatenate([best[None], np.where(flips, ends, best)])
                best = _fittest(space, node, sign, offspring)
            chosen.append(best)
    return np.stack(chosen) if chosen else pool[:0]


def _fittest(space: _Space, node: Node, sign: int, batch: Integers) -> Integers:
    operand = space.trace(batch)[node.inputs[0].name].reshape(len(batch), -1)
    best: Integers = batch[int((sign * operand).max(axis=1).argmax())]
    return best


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


def _point(value: int) -> Interval:
    return Interval(value, value)
