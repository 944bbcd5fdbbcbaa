"""The thread measured: the digits MLP's golden accuracy, mismatches and speed in every simulator,
cycles.

    python benchmarks/thread.py        writes benchmarks/results/thread.json and a table in
    docs/results.md
"""

import json
import platform
import runpy
import sys
import time
from pathlib import Path

import numpy as np
import torch

import qfx
from qfx.lowering import emulate
from qfx.report.terminal import show_cosim
from qfx.simulation import SIMULATORS, Cosim
from qfx.simulation.tools import TOOLS, package_version

ROOT = Path(__file__).parent.parent
RESULT = ROOT / "benchmarks" / "results" / "thread.json"
TABLE = ROOT / "docs" / "results.md"
SEED = 0
MARKS = "<!-- thread -->", "<!-- /thread -->"


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
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(record, indent=1) + "\n")
    write_table(record, result)
    print(f"wrote {RESULT.relative_to(ROOT)} and {TABLE.relative_to(ROOT)}")
    sys.exit(0 if result.equal else 1)


def versions() -> dict[str, str]:
    packages = {
        name: package_version(name) or "missing" for name in ("torch", "numpy", "qonnx", "hls4ml")
    }
    tools = {name: TOOLS[name].version() or "missing" for name in ("g++", "verilator")}
    return {"qfx": qfx.__version__, "python": platform.python_version(), **packages, **tools}


def write_table(record: dict, result: Cosim) -> None:
    """Replace the part of docs/results.md between the marks."""
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
    used = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    lines += ["", f"`{record['command']}` with {used}."]
    before, rest = TABLE.read_text().split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    body = "\n".join(lines)
    TABLE.write_text(f"{before}{MARKS[0]}\n{body}\n{MARKS[1]}{after}")


if __name__ == "__main__":
    main()
