"""The thread measured: the digits MLP's golden accuracy, mismatches and speed in every simulator,
cycles.

    python benchmarks/thread.py        writes benchmarks/results/thread.json and a table in
    docs/results.md
"""

import runpy
import sys
import time

import numpy as np
import torch
from common import ROOT, versions, write

import qfx
from qfx.lowering import emulate
from qfx.report.terminal import show_cosim
from qfx.simulation import SIMULATORS, Cosim

SEED = 0


def main() -> None:
    example = runpy.run_path(str(ROOT / "examples" / "01_digits.py"))
    training, validation, (images, labels) = example["digits"]()
    noisy = example["with_noise"](training)
    torch.manual_seed(SEED)
    net, started = example["model"](), time.perf_counter()
    qfx.train(net, noisy, validation, epochs=30, batch_size=64, learning_rate=5e-3, seed=SEED)
    seconds = time.perf_counter() - started
    graph = qfx.lower(net, (1, 8, 8), "digits")
    correct = graph.run(images).integers.argmax(1) == labels
    samples = np.concatenate([images, noisy[0]])  # enough of them to time the simulators
    project = qfx.export(
        net, ROOT / "build" / "thread", samples=samples, goal_fps=1_000_000, name="digits"
    )
    result = qfx.cosim(project, tuple(SIMULATORS))
    show_cosim(result)
    stimuli, started = project.vectors("stimuli"), time.perf_counter()
    emulate(net, graph, stimuli)
    speeds = {"torch": round(len(stimuli) / (time.perf_counter() - started))} | {
        row.simulator: round(row.samples_per_second)
        for row in result.rows
        if row.samples_per_second
    }
    record = {
        "golden_accuracy": float(correct.mean()),
        "mismatches": {row.simulator: row.mismatches for row in result.rows},
        "samples_per_second": speeds,
        "cycles_predicted": project.manifest.prediction.initiation_interval,
        "cycles_measured": result.cycles_measured,
        "samples": result.rows[0].samples,
        "test_images": len(labels),
        "training_seconds": round(seconds, 1),
        "seed": SEED,
        "command": "python benchmarks/thread.py",
        "versions": versions(),
    }
    write("thread", record, table(record, result))
    sys.exit(0 if result.equal else 1)


def table(record: dict, result: Cosim) -> list[str]:
    """What docs/results.md shows."""
    lines = [
        f"Digits MLP 64-32-16-10, 6-bit weights and activations, ultra96 at a goal of 1,000,000"
        f" frames/s at 100 MHz; golden accuracy **{100 * record['golden_accuracy']:.2f} %** on"
        f" {record['test_images']} test images (trained in {record['training_seconds']} s on two"
        f" shared cores, seed {record['seed']}).",
        f"Cycles per frame: predicted {record['cycles_predicted']}, measured in RTL (unstalled)"
        f" {record['cycles_measured']:.2f}. Samples per second are of one run on a shared machine:"
        " compare them with each other, not with another day's.",
        "",
        "| simulator | samples | mismatches | samples/s |",
        "|---|---|---|---|",
    ]
    for row in result.rows:
        speed = record["samples_per_second"][row.simulator]
        lines.append(f"| {row.simulator} | {row.samples:,} | {row.mismatches} | {speed:,} |")
    return lines


if __name__ == "__main__":
    main()
