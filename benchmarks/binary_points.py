"""Who should place the binary point? Post-training or in training, held fixed or learned, BatchNorm
apart or folded; every tensor, element-wise ones included, at 3 to 8 bits.

    python benchmarks/binary_points.py --data FOLDER

writes benchmarks/results/binary_points.json and a table in docs/results.md. Each run is kept in
build/binary_points and not repeated while it lies there, so that a second process with --only
ablation shares the work, and an interrupted one goes on.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from binary_point_models import MODELS, Data, Model, digits, fashion_mnist
from common import takes_data, versions, write
from other_point_trainers import anneal, straight_through
from runs import (
    BUILD,
    FLOAT,
    QUANTIZED,
    accuracy,
    float_accuracies,
    float_checkpoint,
    kept,
    load_float,
    shown,
    summary,
)
from torch import nn

import qfx
from qfx.nn.bypass import quantizers

KEPT = BUILD / "binary_points"
BITS, METHODS = (3, 4, 5, 6, 8), ("ptq_global", "ptq", "fixed", "learned", "folded")
GLOBAL_POINTS = range(-4, 11)
SEEDS = {"fashion_mnist": 3, "digits": 10}
# Other ways to learn the points, against the default: what changes in the call of train, and how
# the quantizers learn.
SLOW = {"binary_point_learning_rate": 3e-3}
ABLATION: dict[str, tuple[dict, Callable | None]] = {
    "real step, learning rate 3e-3": (SLOW, None),
    "real step, rounded gradually": ({}, partial(anneal, real=0.5)),
    "straight-through": (SLOW, straight_through),
    "straight-through, frozen at 0.25": (SLOW | {"freeze_at": 0.25}, straight_through),
    "straight-through, frozen at 0.75": (SLOW | {"freeze_at": 0.75}, straight_through),
    "straight-through, never frozen": (SLOW | {"freeze_at": 1.0}, straight_through),
    "straight-through, learning rate 1e-3": (
        {"binary_point_learning_rate": 1e-3},
        straight_through,
    ),
    "straight-through, learning rate 1e-2": ({}, straight_through),
}
ABLATION_BITS = (3, 4)


def main() -> None:
    parser = takes_data(
        argparse.ArgumentParser(description="Compare ways to place the binary points.")
    )
    parser.add_argument("--only", choices=["main", "ablation"], help="run these, write nothing")
    chosen = parser.parse_args()
    data = {"fashion_mnist": fashion_mnist(chosen.data), "digits": digits()}
    if chosen.only != "ablation":
        tables = {name: accuracies(name, part) for name, part in data.items()}
    if chosen.only != "main":
        ablated = ablation("fashion_mnist", data["fashion_mnist"])
    if chosen.only is None:
        floats = {
            name: summary(float_accuracies(name, part, SEEDS[name])) for name, part in data.items()
        }
        write_results(tables, ablated, floats)


Table = dict[str, dict[str, dict]]


def accuracies(name: str, data: Data) -> Table:
    """By bits and method: golden accuracy on the test set, mean and spread over the seeds."""
    return {
        str(bits): {
            method: summary(
                kept(
                    KEPT / f"{name}_{method}_{bits}_{seed}.json",
                    lambda m=method, b=bits, s=seed: run(name, data, m, b, s),
                )["accuracy"]
                for seed in range(SEEDS[name])
            )
            for method in METHODS
        }
        for bits in BITS
    }


def ablation(name: str, data: Data) -> Table:
    """As `accuracies`, of the other ways to learn."""
    return {
        str(bits): {
            title: summary(
                kept(
                    KEPT / f"{name}_{title.replace(' ', '_')}_{bits}_{seed}.json",
                    lambda c=changes, h=how, b=bits, s=seed: run(
                        name, data, "learned", b, s, changes=c, how=h
                    ),
                )["accuracy"]
                for seed in range(SEEDS[name])
            )
            for title, (changes, how) in ABLATION.items()
        }
        for bits in ABLATION_BITS
    }


def run(
    name: str, data: Data, method: str, bits: int, seed: int,
    changes: dict | None = None, how: Callable | None = None,
) -> dict:  # fmt: skip
    """One quantization of the float checkpoint of this seed."""
    training, selection, (images, labels) = data
    net = MODELS[name](bits, method == "folded")
    load_float(net, float_checkpoint(name, data, seed))
    torch.manual_seed(seed)
    if method == "ptq":
        qfx.calibrate(net, training)
    elif method == "ptq_global":
        place_globally(net, training)
    else:
        if method == "fixed":
            for quantizer in quantizers(net).values():
                quantizer.learned = False
        recipe = QUANTIZED[name] | {"seed": seed} | (changes or {})
        if isinstance(how, partial):
            how = partial(how, steps=len(training[0]) // 128 * recipe["epochs"] // 2)
        if how is not None:
            how(net)
        qfx.train(net, training, selection, progress=False, **recipe)
    graph = qfx.lower(net, images.shape[1:])
    return {
        "accuracy": accuracy(graph, images, labels),
        "fraction_bits": {path: q.dtype.fraction_bits for path, q in quantizers(net).items()},
    }


@torch.no_grad()
def place_globally(net: Model, training: tuple[np.ndarray, np.ndarray]) -> None:
    """One binary point for all tensors: the one with the least loss on 2,048 training images."""
    x, y = torch.tensor(training[0][:2048]), torch.tensor(training[1][:2048])
    losses = []
    for point in (*GLOBAL_POINTS, None):
        best = GLOBAL_POINTS[int(np.argmin(losses))] if point is None else point
        net.train()  # discards what was frozen
        for quantizer in quantizers(net).values():
            quantizer.binary_point.fill_(best)
        net.eval().freeze()
        losses.append(float(nn.functional.cross_entropy(net(x).float(), y)))


def write_results(tables: dict[str, Table], ablated: Table, floats: dict[str, dict]) -> None:
    record = {
        "accuracy": tables["fashion_mnist"],
        "float_accuracy": floats["fashion_mnist"],
        "digits": {"accuracy": tables["digits"], "float_accuracy": floats["digits"]},
        "ablation": ablated,
        "recipes": {"float": FLOAT, "quantized": QUANTIZED},
        "seeds": SEEDS,
        "command": "python benchmarks/binary_points.py",
        "versions": versions(),
    }
    lines = [
        "Every tensor at the bits of its row: input, weights, biases, BatchNorm's scale and"
        " offset, results of convolutions, activations, the pooling's reciprocal, logits. Golden"
        " accuracy in % on the test set, mean ± standard deviation; all methods start from the"
        " same float checkpoints; the three trained ones have the same schedule (4 epochs for the"
        " CNN, 30 for the MLP). `ptq_global`: one binary point for all tensors, the best of 15 by"
        " loss; `ptq`: each tensor's by least squared error; `fixed`: trained with those held;"
        " `learned`: trained with them learned, as `qfx.train` does; `folded`: the same with"
        " BatchNorm folded.",
    ]
    titles = {
        "fashion_mnist": "Fashion-MNIST, CNN of 19,258 parameters, 10,000 test images",
        "digits": "Digits, MLP 64-32-16-10 with BatchNorm, 360 test images",
    }
    for name, title in titles.items():
        lines += [
            "",
            f"**{title}**, {SEEDS[name]} seeds; float {shown(floats[name])}.",
            "",
            f"| bits | {' | '.join(METHODS)} |",
            f"|---|{'---|' * len(METHODS)}",
            *(row(bits, [cells[m] for m in METHODS]) for bits, cells in tables[name].items()),
        ]
    lines += [
        "",
        "**Other ways to learn the points**, the same CNN and seeds, against `learned`: a real"
        " step, Adam at 1e-2 on the closed-form gradient, snapped and kept at half of the quantized"
        " epochs. Straight-through means that every forward rounds the point, Adam at 3e-3 unless"
        " said:",
        "",
        f"| | {' | '.join(f'{bits} bits' for bits in ablated)} |",
        f"|---|{'---|' * len(ablated)}",
        row("default", [tables["fashion_mnist"][bits]["learned"] for bits in ablated]),
        *(row(title, [cells[title] for cells in ablated.values()]) for title in ABLATION),
    ]
    write("binary_points", record, lines)


def row(head: str, cells: list[dict]) -> str:
    return f"| {head} | {' | '.join(shown(cell) for cell in cells)} |"


if __name__ == "__main__":
    sys.exit(main())
