"""One design of benchmarks/speed.py, in a process of its own: prints what is predicted and
measured.

    python benchmarks/speed_design.py GRAPH BOARD GOAL FOLDER

Which qfx makes it, PYTHONPATH says. GOAL is cycles a frame, or "fastest" within the budget, which
is taken, too, where the goal is out of reach.
"""

import json
import sys
from pathlib import Path

import numpy as np

import qfx
from qfx import boards
from qfx.hardware import ScheduleError
from qfx.ir import Graph
from qfx.project import Project

FRAMES = 6  # the cycles between frames are those of the last three
SIMULATORS = ("golden", "csim", "rtl", "rtl-stalled")


def _random(graph: Graph) -> np.ndarray:
    port = graph.inputs[0]
    dtype, shape = port.cast.dtype, (FRAMES, *port.value.type.shape)
    integers = np.random.default_rng(0).integers(dtype.min_int, dtype.max_int, shape, endpoint=True)
    return integers * dtype.lsb


def _exported(graph: Graph, board: str, goal: str, folder: Path) -> tuple[Project, str]:
    """And why the goal was not reached."""
    how = {"board": board, "samples": _random(graph), "drive_casts": 0}
    if goal != "fastest":
        try:
            return qfx.export(graph, folder, goal_ii=int(goal), **how), ""
        except ScheduleError as error:
            return qfx.export(graph, folder, **how), str(error)
    return qfx.export(graph, folder, **how), ""


def main() -> None:
    path, board, goal, folder = sys.argv[1:]
    project, refused = _exported(qfx.load(path), board, goal, Path(folder))
    simulated = qfx.cosim(project, SIMULATORS, samples=FRAMES, progress=False)
    built = qfx.synth(project)
    predicted, allowed = project.manifest.prediction, boards.load(board).allowance()
    found = {
        "refused": refused,
        "predicted": predicted.initiation_interval,
        "measured": simulated.cycles_measured,
        "latency_predicted": predicted.latency_cycles,
        "latency_measured": simulated.latency_measured,
        "bottleneck": predicted.bottleneck,
        "mismatches": sum(row.mismatches or 0 for row in simulated.rows),
        "equal": simulated.equal,
        "estimated": predicted.estimate.model_dump(),
        "yosys": built.resources.model_dump(),
        "over_budget": [n for n, taken in built.resources if taken > getattr(allowed, n)],
        "levels": {stage.stage: stage.depth for stage in built.stages},
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
