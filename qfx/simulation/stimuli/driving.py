"""Inputs that drive casts beyond their ends: found by following slopes, within counted work.

What the search may take is counted in work, not in time, so that the same seed finds the same rows
on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.simulation.stimuli.climbing import Climb
from qfx.simulation.stimuli.space import Space
from qfx.simulation.stimuli.targets import reached, targets

INFERENCES = 200  # of the whole graph, that a search may take: about what writing the rest takes
_LEAST_WORK = 1 << 28  # that it may take in any case: well below a second

Ends = dict[str, list[str]]  # by cast, some of "low" and "high"


@dataclass(frozen=True)
class Driving:
    """What was found.

    Args:
        rows: that drive casts farther than those at hand.
        saturated, undriven, search: as for Stimuli.
    """

    rows: Integers
    saturated: Ends
    undriven: Ends
    search: str


def drive(
    space: Space,
    at_hand: dict[str, Integers],
    generator: np.random.Generator,
    inferences: int | None,
) -> Driving:
    """Rows that drive the casts of a graph to their ends and, where any are found, beyond.

    Args:
        space: of the graph.
        at_hand: rows by kind; the search starts from all but the kind "data".
        generator: of what is chosen at random.
        inferences: of the whole graph, that the search may take; None for the usual.
    """
    aims, whole = targets(space.graph), sum(space.work)
    far = {kind: reached(space, aims, rows) for kind, rows in at_hand.items()}
    pool = {kind: rows for kind, rows in at_hand.items() if kind != "data"}
    rows, said = next(iter(pool.values()))[:0], "not looked for: drive_casts=0"
    if not aims:
        said = "no cast can be driven beyond its range"
    elif inferences != 0:
        usual = max(INFERENCES * whole, _LEAST_WORK)
        climb = Climb(space, aims, generator, usual if inferences is None else inferences * whole)
        columns = space.column_extremes()
        far_pool = np.concatenate([far[kind] for kind in pool], axis=1)
        every = np.concatenate([far_pool, reached(space, aims, columns)], axis=1)
        starts = np.concatenate([*pool.values(), columns])[every.argmax(axis=1)]
        found, reach = climb.rows(starts)
        reach = np.maximum(reach, every.max(axis=1))
        rows = np.unique(found[reach > far_pool.max(axis=1)], axis=0)
        far["driving casts"] = reached(space, aims, rows)
        done = f"the work of {-(-climb.spent // whole):,} inferences"
        said = f"looked for by {done}"
        if not climb.whole:
            said += ", all that was allowed: a larger drive_casts looks farther"
    saturated, undriven = Ends(), Ends()
    for number, aim in enumerate(aims):
        exceeded = any(aim.exceeded(each[number].max()) for each in far.values() if each.size)
        kept = saturated if exceeded else undriven
        kept.setdefault(aim.node.output.name, []).append(aim.end)
    return Driving(rows, saturated, undriven, said)
