"""Queues where streams part and meet, proven: deep enough, and no deeper than they must be.

    python benchmarks/fifo_depths.py --data FOLDER

writes benchmarks/results/fifo_depths.json and a table in docs/results.md. Every net is exported,
simulated in C++ and RTL against the golden model, and its queues measured at other depths.
"""

import argparse
import sys
from math import floor
from pathlib import Path

import numpy as np
from branching_nets import NETS, graph
from common import ROOT, takes_data, versions, write

import qfx
from qfx.hardware import Fifo
from qfx.hardware.fifo_depths import reconvergences
from qfx.project.folder import Project
from qfx.report.terminal import run_cosim
from qfx.simulation.rtl.throughput import DEEPEST, Throughput, measure

BOARD, SEED, FRAMES, STALLED = "ultra96", 0, 100, 20
GOALS = {"resnet8_cifar10": 40_000, "nested_residual": 20_000, "concat": 20_000, "ds_cnn": 80_000}
STALLS = ((10, 1), (30, 2), (60, 3))  # percent, seed
WORTH_REDUCING = 16  # beats: of less, three quarters less four are none


def main() -> bool:
    """Whether everything is as it must be."""
    parser = takes_data(argparse.ArgumentParser())
    folder = parser.parse_args().data
    designs = [_design(name, _samples(name, folder)) for name in NETS]
    record = {
        "designs": designs,
        "stalls_percent": [percent for percent, _ in STALLS],
        "stalled_frames": STALLED,
        "seed": SEED,
        "command": "python benchmarks/fifo_depths.py --data FOLDER",
        "versions": versions(),
    }
    write("fifo_depths", record, _table(designs))
    return all(_holds(design) for design in designs)


def _samples(name: str, folder: Path) -> np.ndarray:
    """Test images for the trained net; the others are simulated with random numbers."""
    if name != "resnet8_cifar10":
        shape = graph(name).inputs[0].shape
        return np.random.default_rng(SEED).integers(0, 256, (FRAMES, *shape)).astype(float)
    sys.path.insert(0, str(ROOT / "examples"))
    from cifar10_data import cifar10

    return cifar10(folder)[2][0][:FRAMES]


def _design(name: str, samples: np.ndarray) -> dict:
    project = qfx.export(
        graph(name), ROOT / "build" / "fifo_depths" / name,
        board=BOARD, goal_ii=GOALS[name], samples=samples, seed=SEED,
    )  # fmt: skip
    result = run_cosim(project, samples=FRAMES)
    queues = {r.queue.name: r for r in reconvergences(project.stages())}
    deep = {name: DEEPEST * r.queue.queue_depth for name, r in queues.items()}
    as_designed, deeper = measure(project), measure(project, deep)
    stalled = [measure(project, frames=STALLED, stall_percent=p, seed=s) for p, s in STALLS]
    free = not any(run.deadlock for run in (as_designed, *stalled))
    ratio = _cycles(deeper) / _cycles(as_designed)
    fifos = []
    for stage in project.stages():
        if isinstance(stage, Fifo):
            path = queues.get(stage.name)
            tight = path is not None and stage.depth > WORTH_REDUCING
            fifos.append(
                {
                    "name": stage.name,
                    "depth": stage.depth,
                    "bits": stage.input.bits,
                    "short_path": str(path) if path else None,
                    "deadlock_free": free,
                    "throughput_ratio": round(ratio, 5),
                    **(
                        _reduced(project, stage, _cycles(deeper))
                        if tight
                        else {"reduced_fails": None}
                    ),
                }
            )
            print(name, fifos[-1], flush=True)
    return {
        "name": name,
        "board": BOARD,
        "cycles_predicted": project.manifest.prediction.initiation_interval,
        "cycles_measured": as_designed.cycles_per_frame,
        "mismatches": {row.simulator: row.mismatches for row in result.rows},
        "frames": max(row.samples for row in result.rows),
        "fifos": fifos,
    }


def _cycles(run: Throughput) -> float:
    return run.cycles_per_frame or float("inf")


def _reduced(project: Project, stage: Fifo, best: float) -> dict:
    """How the design runs with three quarters of the depth, less four."""
    depth = floor(0.75 * stage.depth) - 4
    run = measure(project, {stage.name: depth})
    ratio = best / _cycles(run)
    return {
        "reduced_depth": depth,
        "reduced_deadlock": bool(run.deadlock),
        "reduced_throughput_ratio": round(ratio, 5),
        "reduced_fails": bool(run.deadlock) or ratio < 0.99,
    }


def _holds(design: dict) -> bool:
    return not any(design["mismatches"].values()) and all(
        f["deadlock_free"] and f["throughput_ratio"] >= 0.99 and f["reduced_fails"] is not False
        for f in design["fifos"]
    )


def _table(designs: list[dict]) -> list[str]:
    lines = [
        "| net | cycles predicted / measured | queue | beats x bits | speed | at 3/4 - 4 |",
        "|---|---|---|---|---|---|",
    ]
    for design in designs:
        cycles = f"{design['cycles_predicted']:,} / {design['cycles_measured']:,.0f}"
        paths = [fifo for fifo in design["fifos"] if fifo["short_path"]]
        rows = [
            (f["short_path"], f"{f['depth']} x {f['bits']}", f["throughput_ratio"], _less(f))
            for f in paths
        ] or [("no streams meet", "", "", "")]
        lines += [
            "| " + " | ".join(map(str, (design["name"], cycles, *row))) + " |" for row in rows
        ]
    return [*lines, "", f"Speed: cycles with {DEEPEST} times the depths, over cycles as designed."]


def _less(fifo: dict) -> str:
    """How the reduced queue does."""
    if fifo["reduced_fails"] is None:
        return "too small to reduce"
    if fifo["reduced_deadlock"]:
        return f"{fifo['reduced_depth']}: deadlock"
    return f"{fifo['reduced_depth']}: speed {fifo['reduced_throughput_ratio']}"


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
