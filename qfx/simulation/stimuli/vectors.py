"""Stimuli that are worth simulating: data, random words, the ends of the range, and what drives
casts into overflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qfx.data import Numbers, Score
from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.hardware import Design
from qfx.ir import Graph
from qfx.project.manifest import Vectors
from qfx.simulation.cpp.csim import to_hex
from qfx.simulation.stimuli.driving import drive
from qfx.simulation.stimuli.reached import Reached
from qfx.simulation.stimuli.space import Space

RANDOM_SAMPLES = 64


@dataclass(frozen=True)
class Stimuli:
    """A batch and what is in it.

    Args:
        inputs: (samples, *input shape) of each input.
        counts: samples by kind, in the order they stand.
        saturated: by cast, which ends of its range the batch exceeds ("low", "high").
        undriven: by cast, which it does not, though intervals do not rule it out.
        search: how far that was looked for, as a sentence.
        missed: by node, the sides of its comparisons that intervals allow, and where no sample was
            seen, or none that an output shows.
    """

    inputs: tuple[Integers, ...]
    counts: dict[str, int]
    saturated: dict[str, list[str]]
    undriven: dict[str, list[str]]
    search: str
    missed: dict[str, list[str]]

    def batch(self, graph: Graph) -> list[FixedPointArray]:
        """As numbers that the graph can be run on."""
        pairs = zip(self.inputs, graph.inputs, strict=True)
        return [FixedPointArray(integers, entry.cast.dtype) for integers, entry in pairs]

    def record(
        self, seed: int, torch: bool, scores: dict[str, tuple[Score, ...]] | None = None
    ) -> Vectors:
        """What the manifest says of them; arguments as for it."""
        return Vectors(
            seed=seed,
            counts=self.counts,
            saturated=self.saturated,
            undriven=self.undriven,
            search=self.search,
            missed=self.missed,
            torch=torch,
            scores=scores or {},
        )


def make(
    graph: Graph,
    samples: tuple[Integers, ...] | None,
    seed: int,
    drive_casts: int | None = None,
) -> Stimuli:
    """The stimuli for a graph.

    Args:
        graph: whose casts are to be driven.
        samples: the user's own data for each input, already integers of its dtype; they come first.
        seed: of the random ones.
        drive_casts: inferences of the whole graph that the search for what drives casts may take;
            None for about as many as writing the rest of a project takes, 0 for no search.
    """
    generator, space = np.random.default_rng(seed), Space(graph)
    parts = {
        "data": None
        if samples is None
        else np.concatenate([x.reshape(len(x), -1) for x in samples], axis=1),
        "random": space.random(generator, RANDOM_SAMPLES),
        "minimum and maximum": space.ends(),
    }
    kept = {kind: part for kind, part in parts.items() if part is not None}
    driving = drive(space, kept, generator, drive_casts)
    if len(driving.rows):
        kept["driving casts"] = driving.rows
    reached = Reached(space)
    reached.look_at_last(np.concatenate(list(kept.values())))
    found = reached.search(generator) if drive_casts != 0 else reached.none
    if len(found):
        kept["reaching comparisons"] = found
    batch = np.concatenate(list(kept.values())).astype(np.int64)
    return Stimuli(
        inputs=space.split(batch),
        counts={kind: len(part) for kind, part in kept.items()},
        saturated=driving.saturated,
        undriven=driving.undriven,
        search=driving.search,
        missed=reached.missed(),
    )


def write(
    design: Design,
    stimuli: tuple[Integers, ...],
    golden: tuple[Integers, ...],
    torch: tuple[Integers, ...] | None,
    labels: tuple[Numbers, ...],
    directory: Path,
) -> None:
    """Write the `vectors/` part of a project folder: arrays for numpy, and the bus words for
    testbenches; of several ports a file for each.

    Args:
        design: whose ports they are for.
        stimuli: of each input; golden, torch: of each output.
        labels: of each output, or none; of the first samples.
        directory: must exist.
    """
    kinds = (("stimuli", design.inputs, stimuli), ("golden", design.outputs, golden))
    for kind, ports, arrays in kinds:
        for port, array in zip(ports, arrays, strict=True):
            np.save(directory / f"{kind}{port.suffix}.npy", array, allow_pickle=False)
            (directory / f"{kind}{port.suffix}.hex").write_text(to_hex(port.pack(array)))
    for port, array in () if torch is None else zip(design.outputs, torch, strict=True):
        np.save(directory / f"torch{port.suffix}.npy", array, allow_pickle=False)
    for port, array in zip(design.outputs, labels, strict=bool(labels)):
        np.save(directory / f"labels{port.suffix}.npy", array, allow_pickle=False)
