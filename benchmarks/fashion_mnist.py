"""The Fashion-MNIST CNN measured: accuracy beside float, mismatches, cycles, the cost of a step.

    python benchmarks/fashion_mnist.py --data FOLDER

writes benchmarks/results/fashion_mnist.json, a table in docs/results.md and, from the model it
trained, examples/02_fashion_mnist.qfx. The two trainings are kept in build/fashion_mnist_benchmark
and not repeated while they lie there.
"""

import argparse
import json
import runpy
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from common import ROOT, takes_data, versions, write
from torch import Tensor

import qfx
from qfx.nn.bypass import bypassed
from qfx.report.terminal import show_cosim, show_project
from qfx.simulation import DEFAULT

KEPT = ROOT / "build" / "fashion_mnist_benchmark"
SEED, STEPS = 0, 25
RECIPE = {"epochs": 40, "batch_size": 128, "learning_rate": 3e-3, "freeze_at": 0.5, "seed": SEED}
QUANTIZED, FLOAT = RECIPE | {"warmup": 0.5}, RECIPE | {"warmup": 1.0}
SAMPLES = 1_000


def main() -> bool:
    """Whether every simulator agrees."""
    sys.path.insert(0, str(ROOT / "examples"))
    from fashion_mnist_data import fashion_mnist, moved

    example = runpy.run_path(str(ROOT / "examples" / "02_fashion_mnist.py"))
    training, selection, (images, labels) = fashion_mnist(arguments().data)

    def trained(name: str, recipe: dict) -> tuple[qfx.nn.Layer, float]:
        model, report = KEPT / f"{name}.safetensors", KEPT / f"{name}.json"
        if not report.exists():
            KEPT.mkdir(parents=True, exist_ok=True)
            torch.manual_seed(SEED)
            net, started = example["model"](), time.perf_counter()
            qfx.train(net, moved(training), selection, **recipe)
            seconds = time.perf_counter() - started
            qfx.save(net, model)
            report.write_text(json.dumps({"seconds": seconds}))
        return qfx.load(model), json.loads(report.read_text())["seconds"]

    net, seconds = trained("quantized", QUANTIZED)
    reference, _ = trained("float", FLOAT)
    graph = qfx.lower(net, images.shape[1:], "fashion_mnist")
    started = time.perf_counter()
    correct = graph.run(images).integers.argmax(1) == labels
    golden_speed = len(images) / (time.perf_counter() - started)
    qfx.save(graph, ROOT / "examples" / "02_fashion_mnist.qfx")
    folder, goal = ROOT / "build" / "fashion_mnist", example["GOAL_FPS"]
    samples = images[:SAMPLES]
    project = qfx.export(net, folder, samples=samples, goal_fps=goal, name="fashion_mnist")
    show_project(project)
    result = qfx.cosim(project, DEFAULT)
    show_cosim(result)
    speeds = {row.simulator: row.samples_per_second for row in result.rows}
    eager = step_ratio(example["model"], lambda model: model)
    compiled = step_ratio(example["model"], torch.compile)
    record = {
        "float_accuracy": float_accuracy(reference, images, labels),
        "golden_accuracy": float(correct.mean()),
        "mismatches": sum(row.mismatches or 0 for row in result.rows if not row.refused),
        "simulators": {row.simulator: row.mismatches for row in result.rows},
        "samples": result.rows[0].samples,
        "test_images": len(labels),
        "parameters": parameters(net),
        "cycles_predicted": project.manifest.prediction.initiation_interval,
        "cycles_measured": result.cycles_measured,
        "training_seconds": round(seconds, 1),
        "step_over_float_eager": eager["median"],
        "step_over_float_compiled": compiled["median"],
        "step_ratios": {"eager": eager, "compiled": compiled},
        "golden_images_per_second": round(golden_speed),
        "csim_samples_per_second": round(speeds["csim"]),
        "rtl_cycles_per_second": round(speeds["rtl"] * result.cycles_measured),
        "goal_fps": goal,
        "seed": SEED,
        "recipe": {"quantized": QUANTIZED, "float": FLOAT},
        "command": "python benchmarks/fashion_mnist.py",
        "versions": versions(),
    }
    write("fashion_mnist", record, table(record, project))
    return result.equal


def arguments() -> argparse.Namespace:
    parser = takes_data(argparse.ArgumentParser(description="Measure the Fashion-MNIST CNN."))
    return parser.parse_args()


def parameters(net: qfx.nn.Layer) -> int:
    """Weights, biases, and batch normalization's two numbers a channel."""
    return sum(p.numel() for name, p in net.named_parameters() if "binary_point" not in name)


@torch.no_grad()
def float_accuracy(net: qfx.nn.Layer, images: np.ndarray, labels: np.ndarray) -> float:
    """Of the model with every quantizer passed by."""
    with bypassed(net):
        found = [net(part).argmax(1) for part in torch.tensor(images).float().split(1000)]
    return float((torch.cat(found).numpy() == labels).mean())


def float_twin() -> torch.nn.Module:
    """The same network of torch's own layers."""
    nn = torch.nn

    def block(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
        conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        return conv, nn.BatchNorm2d(outputs), nn.ReLU()

    return nn.Sequential(
        *block(1, 16), nn.MaxPool2d(2), *block(16, 32), nn.MaxPool2d(2), *block(32, 48),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(48, 10),
    )  # fmt: skip


def step_ratio(model: Callable[[], torch.nn.Module], prepare: Callable) -> dict[str, float]:
    """Median over pairs of training steps, one after the other: quantized over float."""
    torch.manual_seed(SEED)
    x, y = torch.randint(0, 256, (128, 1, 28, 28)).float(), torch.randint(0, 10, (128,))
    nets = float_twin(), model()
    for net in nets:
        net(x)  # what a model learns from its first image is no part of a step
    steps = [_step(prepare(net), x, y) for net in nets]
    for _ in range(4):
        for step in steps:
            step()
    pairs = [[_seconds(step) for step in steps] for _ in range(STEPS)]
    ratios = sorted(quantized / plain for plain, quantized in pairs)
    return {
        "median": round(statistics.median(ratios), 3),
        "first_quartile": round(ratios[len(ratios) // 4], 3),
        "third_quartile": round(ratios[3 * len(ratios) // 4], 3),
    }


def _step(net: torch.nn.Module, x: Tensor, y: Tensor) -> Callable[[], None]:
    optimizer = torch.optim.Adam(p for p in net.parameters() if p.requires_grad)

    def step() -> None:
        loss = torch.nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def _seconds(step: Callable[[], None]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def table(record: dict, project: qfx.project.folder.Project) -> list[str]:
    """What docs/results.md shows."""
    used, prediction = project.manifest.prediction.estimate, project.manifest.prediction
    speeds = ", ".join(
        f"{fps:,.0f} at {clock}" for clock, fps in prediction.frames_per_second.items()
    )
    eager, compiled = record["step_ratios"]["eager"], record["step_ratios"]["compiled"]
    return [
        f"CNN of {record['parameters']:,} parameters (three 3 x 3 convolutions of 16, 32 and 48"
        " channels, each normalized), 6-bit weights and activations, no element-wise tensor above 8"
        f" bits; ultra96 at a goal of {record['goal_fps']:,} frames/s at 100 MHz. 55,000 images"
        f" train, 5,000 select, {record['test_images']:,} were tested once; one seed.",
        "",
        "| | |",
        "|---|---|",
        f"| accuracy, golden model | {100 * record['golden_accuracy']:.2f} % |",
        f"| accuracy, float, same schedule | {100 * record['float_accuracy']:.2f} % |",
        f"| mismatches of {', '.join(record['simulators'])} on {record['samples']:,} samples each |"
        f" {record['mismatches']} |",
        f"| cycles a frame, predicted | {record['cycles_predicted']:,} |",
        f"| cycles a frame, RTL, unstalled | {record['cycles_measured']:,.2f} |",
        f"| frames/s, kernel | {speeds} |",
        f"| resources, estimate | {used.luts:,} LUT, {used.flip_flops:,} FF, {used.dsps} DSP,"
        f" {used.bram_18k} BRAM18 |",
        f"| training, two shared cores | {record['training_seconds']:,.0f} s |",
        f"| training step over float, eager (median of {STEPS} pairs) | {eager['median']:.2f}"
        f" ({eager['first_quartile']:.2f} to {eager['third_quartile']:.2f}) |",
        f"| the same, both under torch.compile | {compiled['median']:.2f}"
        f" ({compiled['first_quartile']:.2f} to {compiled['third_quartile']:.2f}) |",
        f"| golden model | {record['golden_images_per_second']:,} images/s |",
        f"| Verilated RTL | {record['rtl_cycles_per_second']:,} cycles/s |",
        f"| C++ csim | {record['csim_samples_per_second']:,} images/s |",
    ]


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
