"""ResNet-8 on CIFAR-10 measured: accuracy beside float, mismatches, cycles, what Yosys makes of it.

    python benchmarks/resnet8_cifar10.py --data FOLDER

writes benchmarks/results/resnet8_cifar10.json, a table in docs/results.md and, from the model it
trained, examples/04_resnet8_cifar10.qfx. The trainings are kept in build/resnet8_benchmark and not
repeated while they lie there.
"""

import argparse
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from common import ROOT, takes_data, versions, write

import qfx
from qfx import boards
from qfx.nn.bypass import bypassed
from qfx.report.synthesis import show_synth
from qfx.report.terminal import run_cosim, show_project

KEPT = ROOT / "build" / "resnet8_benchmark"
TRAINED = ROOT / "examples" / "04_resnet8_cifar10.qfx"
FLOAT_EPOCHS, MORE_EPOCHS, SAMPLES = 60, 22, 100
RECIPE = {"epochs": MORE_EPOCHS, "learning_rate": 1e-3, "seed": 0}


def main() -> bool:
    """Whether every simulator agrees and both designs keep to the budget."""
    sys.path.insert(0, str(ROOT / "examples"))
    from cifar10_data import cifar10, moved

    example = runpy.run_path(str(ROOT / "examples" / "04_resnet8_cifar10.py"))
    training, selection, (images, labels) = cifar10(
        takes_data(argparse.ArgumentParser()).parse_args().data
    )

    def continued(warmup: float) -> qfx.nn.Layer:
        """Quantized from the first step on, or, with a warm-up of 1, in float to the end."""
        net = example["ResNet8"]()
        net.load_state_dict(torch.load(KEPT / "float.pt", weights_only=True))
        torch.manual_seed(0)
        twin = example["twin"](net.eval())
        qfx.train(twin, moved(training), selection, warmup=warmup, **RECIPE)
        return twin

    _kept(
        KEPT / "float.pt",
        lambda path: torch.save(
            example["trained_float"](training, FLOAT_EPOCHS).state_dict(), path
        ),
    )
    quantized = _kept(KEPT / "quantized.safetensors", lambda path: qfx.save(continued(0.0), path))
    reference = _kept(KEPT / "continued.safetensors", lambda path: qfx.save(continued(1.0), path))
    net = qfx.load(quantized)
    graph = qfx.lower(net, images.shape[1:], "resnet8_cifar10")
    qfx.save(graph, TRAINED)
    correct = graph.run(images).integers.argmax(1) == labels
    start = example["ResNet8"]()
    start.load_state_dict(torch.load(KEPT / "float.pt", weights_only=True))
    record = {
        "float_accuracy": _float_accuracy(qfx.load(reference), images, labels),
        "float_accuracy_before_quantization": _float_accuracy(start.eval(), images / 256, labels),
        "golden_accuracy": float(correct.mean()),
        "test_images": len(labels),
        "parameters": sum(p.numel() for p in start.parameters()),
        "epochs": [FLOAT_EPOCHS, MORE_EPOCHS],
        **_design(graph, images[:SAMPLES], example["GOAL"], "auto"),
        "dsp_free": _design(graph, images[:SAMPLES], example["GOAL"], "none"),
        "board": example["GOAL"]["board"],
        "samples": SAMPLES,
        "seed": 0,
        "command": "python benchmarks/resnet8_cifar10.py --data FOLDER",
        "versions": versions(),
    }
    write("resnet8_cifar10", record, _table(record))
    designs = (record, record["dsp_free"])
    return all(not d["mismatches"] and d["in_budget"] for d in designs)


def _kept(path: Path, make: Callable[[Path], object]) -> Path:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"part_{path.name}")
        make(part)
        part.replace(path)
    return path


@torch.no_grad()
def _float_accuracy(net: torch.nn.Module, images: np.ndarray, labels: np.ndarray) -> float:
    x = torch.tensor(images).float()
    with bypassed(net):
        found = torch.cat([net.eval()(part).argmax(1) for part in x.split(500)])
    return float((found.numpy() == labels).mean())


def _design(graph: qfx.ir.Graph, images: np.ndarray, goal: dict, multipliers: str) -> dict:
    """Exported, simulated everywhere and built."""
    folder = ROOT / "build" / f"resnet8_{multipliers}"
    project = qfx.export(graph, folder, samples=images, multipliers=multipliers, **goal)
    show_project(project)
    result = run_cosim(project, samples=SAMPLES)
    built = qfx.synth(project, lambda step, done, of: print(f"{done}/{of} {step}", flush=True))
    show_synth(built)
    allowed, cycles = boards.load(goal["board"]).allowance(), result.cycles_measured
    assert cycles is not None
    return {
        "mismatches": sum(row.mismatches or 0 for row in result.rows if not row.refused),
        "simulators": {row.simulator: row.mismatches for row in result.rows},
        "cycles_predicted": project.manifest.prediction.initiation_interval,
        "cycles_measured": cycles,
        "fmax_mhz_estimate": project.manifest.prediction.fmax_mhz,
        "estimate": project.manifest.prediction.estimate.model_dump(),
        "yosys": built.resources.model_dump(),
        "yosys_depth": {"stage": built.deepest.stage, "cells": built.deepest.depth},
        "in_budget": all(value <= getattr(allowed, name) for name, value in built.resources),
    }


def _table(record: dict) -> list[str]:
    rows = [
        "| design | cycles predicted / measured | LUT | FF | DSP | BRAM18 | mismatches |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, design in (("auto", record), ("no multipliers", record["dsp_free"])):
        taken, cycles = design["yosys"], design["cycles_measured"]
        figures = [taken[key] for key in ("luts", "flip_flops", "dsps", "bram_18k")]
        rows.append(
            f"| {name} | {design['cycles_predicted']:,} / {cycles:,.0f} | "
            + " | ".join(f"{figure:,}" for figure in figures)
            + f" | {design['mismatches']} |"
        )
    before = record["float_accuracy_before_quantization"]
    return [
        f"{record['parameters']:,} parameters, weights of 6 bits, activations of 8, on"
        f" {record['test_images']:,} test images: **golden {record['golden_accuracy']:.2%}**, float"
        f" {record['float_accuracy']:.2%} after the same {sum(record['epochs'])} epochs"
        f" ({before:.2%} after the first {record['epochs'][0]}, where quantization begins).",
        "",
        *rows,
        "",
        "Cycles: RTL. Resources: Yosys. Frames a second: [Clocks](#clocks).",
    ]


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
