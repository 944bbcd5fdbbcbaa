"""Stimuli that are worth simulating: data, random words, the ends of the range, and what drives
casts into overflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval
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
        integers: (samples, *input shape).
        counts: samples by kind, in the order they stand.
        saturated: by cast, which ends of its range the batch exceeds ("low", "high").
    """

    integers: Integers
    counts: dict[str, int]
    saturated: dict[str, list[str]]


def make(graph: Graph, samples: Integers | None, seed: int) -> Stimuli:
    """The stimuli for a graph of one input.

    Args:
        graph: whose casts are to be driven.
        samples: the user's own data, already integers of the input's dtype; they come first.
        seed: of the random ones.
    """
    generator = np.random.default_rng(seed)
    entry = graph.inputs[0]
    dtype = entry.cast.dtype
    low, high = dtype.min_int, dtype.max_int
    random = generator.integers(low, high, (RANDOM_SAMPLES, *entry.shape), endpoint=True)
    ends = np.stack([np.full(entry.shape, low), np.full(entry.shape, high)])
    driving = _driving(graph, dtype, np.concatenate([random, ends]), generator)
    parts = {
        "data": samples,
        "random": random,
        "minimum and maximum": ends,
        "driving casts": driving,
    }
    kept = {kind: part for kind, part in parts.items() if part is not None and len(part)}
    batch = np.concatenate(list(kept.values())).astype(np.int64)
    saturated = {node.output.name: ends for node, ends in _overflows(graph, batch) if ends}
    return Stimuli(batch, {kind: len(part) for kind, part in kept.items()}, saturated)


def write(
    design: Design, stimuli: Integers, golden: Integers, torch: Integers | None, directory: Path
) -> None:
    """Write the `vectors/` part of a project folder: arrays for numpy, and the bus words for
    testbenches.
    """
    arrays = {"stimuli": stimuli, "golden": golden} | ({} if torch is None else {"torch": torch})
    for name, array in arrays.items():
        np.save(directory / f"{name}.npy", array, allow_pickle=False)
    (directory / "stimuli.hex").write_text(to_hex(design.inputs[0].pack(stimuli)))
    (directory / "golden.hex").write_text(to_hex(design.outputs[0].pack(golden)))


def _casts(graph: Graph) -> list[Node]:
    """The casts that some input might overflow."""
    return [
        node
        for node in graph.nodes
        if isinstance(node.op, Cast)
        and node.op.rounded(node.inputs[0].type.interval) not in node.op.fitting
    ]


def _overflows(graph: Graph, batch: Integers) -> list[tuple[Node, list[str]]]:
    casts = _casts(graph)
    if not casts:
        return []
    values = _trace(graph, batch)
    found = []
    for node in casts:
        assert isinstance(node.op, Cast)
        operand = values[node.inputs[0].name]
        lowest, highest = int(operand.min()), int(operand.max())
        ends = {"low": node.op.rounded(_point(lowest)).low < node.op.fitting.low}
        ends["high"] = node.op.rounded(_point(highest)).high > node.op.fitting.high
        found.append((node, [end for end, exceeded in ends.items() if exceeded]))
    return found


def _driving(
    graph: Graph, dtype: FixedPointType, pool: Integers, generator: np.random.Generator
) -> Integers:
    """For each cast, the samples found that drive its operand lowest and highest: a short random
    ascent.
    """
    casts = _casts(graph)
    pool = np.concatenate([pool, _column_extremes(graph, dtype)])
    chosen = []
    for node in casts:
        for sign in (-1, 1):
            best = _fittest(graph, node, sign, pool)
            for _ in range(_ROUNDS):
                flips = generator.random((_POOL, *best.shape)) < 0.1
                ends = generator.choice([dtype.min_int, dtype.max_int], flips.shape)
                offspring = np.concatenate([best[None], np.where(flips, ends, best)])
                best = _fittest(graph, node, sign, offspring)
            chosen.append(best)
    return np.stack(chosen) if chosen else pool[:0]


def _fittest(graph: Graph, node: Node, sign: int, batch: Integers) -> Integers:
    operand = _trace(graph, batch)[node.inputs[0].name].reshape(len(batch), -1)
    best: Integers = batch[int((sign * operand).max(axis=1).argmax())]
    return best


def _column_extremes(graph: Graph, dtype: FixedPointType) -> Integers:
    """Where a matmul reads the input directly: the inputs that make its first columns largest and
    smallest.
    """
    shape = graph.inputs[0].shape
    flat = {graph.inputs[0].name}
    for node in graph.nodes:
        if isinstance(node.op, Reshape) and node.inputs[0].name in flat:
            flat.add(node.output.name)
        elif isinstance(node.op, Matmul) and node.inputs[0].name in flat:
            weight = node.op.weight.integers[:, :_COLUMNS].T
            highest = np.where(weight > 0, dtype.max_int, dtype.min_int)
            lowest = np.where(weight > 0, dtype.min_int, dtype.max_int)
            extremes: Integers = np.concatenate([highest, lowest]).reshape(-1, *shape)
            return extremes
    return np.zeros((0, *shape), np.int64)


def _trace(graph: Graph, batch: Integers) -> dict[str, Integers]:
    return graph.trace(FixedPointArray(batch, graph.inputs[0].cast.dtype))


def _point(value: int) -> Interval:
    return Interval(value, value)
