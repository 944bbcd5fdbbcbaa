"""What does a weight of K powers of two cost, in accuracy and in logic, against multipliers of 3 to
8 bits? And which way to train it: straight through, gradually, or not at all?

    python benchmarks/k_hot.py --data FOLDER

writes benchmarks/results/k_hot.json and a table in docs/results.md. Each run is kept in build/k_hot
and not repeated while it lies there; `--only accuracy` or `--only designs` does that part alone, so
that two processes can share the work.
"""

import argparse
import sys
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import torch
from binary_point_models import MODELS, Data, Grid, digits, fashion_mnist
from common import takes_data
from k_hot_designs import design
from k_hot_speed import projection_over_cast
from k_hot_table import write_results
from runs import (
    BUILD,
    QUANTIZED,
    accuracy,
    float_accuracies,
    float_checkpoint,
    kept,
    load_float,
    summary,
)

import qfx
from qfx import nn
from qfx.fixedpoint import count_digits
from qfx.ops import Conv2d, Matmul

KEPT = BUILD / "k_hot"
SEEDS, ELEMENTWISE_BITS, GRID_BITS = 3, 8, 8
DIGITS, BITS = (1, 2, 3), (3, 4, 6, 8)
NARROW = ((1, 5), (2, 6))  # K of a grid of fewer bits: shorter shifts and sums
POST_TRAINING = ("nearest", "compensated")


@dataclass(frozen=True)
class Weights:
    """A grid for the weights, and how they come to it.

    Args:
        grid: "signed", "binary" or "plain".
        size: K of a K-hot grid, the bits of a plain one.
        trainer: "gradual" or "straight_through" ("trained" for a plain grid), or without training
            "nearest" or "compensated".
        bits: of the grid that K-hot weights are chosen from.
    """

    grid: str
    size: int
    trainer: str
    bits: int = GRID_BITS

    @property
    def k(self) -> int | None:
        return None if self.grid == "plain" else self.size

    @property
    def quantizer(self) -> Grid:
        if self.k is None:
            return partial(nn.Quantizer, self.size)
        return partial(nn.KHot, self.k, self.bits, signed_digits=self.grid == "signed")

    @property
    def name(self) -> str:
        narrow = "" if self.bits == GRID_BITS else f"_of_{self.bits}"
        return f"{self.grid}_{self.size}{narrow}_{self.trainer}"

    def __str__(self) -> str:
        if self.k is None:
            return f"{self.size} bits"
        narrow = "" if self.bits == GRID_BITS else f", of {self.bits} bits"
        return f"K = {self.size}, {self.grid}{narrow}"


WEIGHTS = [
    *(
        Weights(grid, k, trainer)
        for grid, trainer, k in product(
            ("signed", "binary"), ("gradual", "straight_through", *POST_TRAINING), DIGITS
        )
    ),
    *(Weights("signed", k, "gradual", bits) for k, bits in NARROW),
    *(Weights("plain", bits, trainer) for trainer in ("trained", *POST_TRAINING) for bits in BITS),
]

# What is built as hardware, and of what multipliers; the ways to train change the contents of the
# ROMs alone, and 4 and 8 plain bits show what signed digits give without choosing weights for them.
DESIGNS = [
    *((Weights(grid, k, "gradual"), "none") for grid in ("signed", "binary") for k in DIGITS),
    *((Weights("signed", k, "gradual", bits), "none") for k, bits in NARROW),
    *((Weights("plain", bits, "trained"), kind) for bits in BITS for kind in ("lut", "dsp")),
    *((Weights("plain", bits, "trained"), "none") for bits in (4, 8)),
]


def main() -> None:
    parser = takes_data(
        argparse.ArgumentParser(description="Compare K-hot weights with multipliers.")
    )
    parser.add_argument("--only", choices=["accuracy", "designs"], help="write nothing")
    chosen = parser.parse_args()
    data = {"digits": digits(), "fashion_mnist": fashion_mnist(chosen.data)}
    if chosen.only != "designs":
        accuracies = {
            (name, weights): accuracies_of(name, part, weights)
            for name, part in data.items()
            for weights in WEIGHTS
        }
    if chosen.only != "accuracy":
        measured = {
            (name, weights, kind): design(name, graph_path(name, weights, 0), kind, part[2][0])
            for name, part in data.items()
            for weights, kind in DESIGNS
        }
    if chosen.only is None:
        floats = {name: summary(float_accuracies(name, d, SEEDS)) for name, d in data.items()}
        tool = next(iter(measured.values()))["tool"]
        speed = projection_over_cast()
        write_results(accuracies, measured, floats, speed, SEEDS, tool)


def graph_path(name: str, weights: Weights, seed: int) -> Path:
    return KEPT / f"{name}_{weights.name}_{seed}.qfx"


def accuracies_of(name: str, data: Data, weights: Weights) -> dict:
    """Golden accuracy on the test set over the seeds, and the non-zero digits of a weight."""
    runs = [
        kept(KEPT / f"{name}_{weights.name}_{seed}.json", partial(run, name, data, weights, seed))
        for seed in range(SEEDS)
    ]
    found = summary(run["accuracy"] for run in runs)
    return found | {"digits": round(float(np.mean([run["digits"] for run in runs])), 3)}


def run(name: str, data: Data, weights: Weights, seed: int) -> dict:
    """One quantization of the float checkpoint of this seed."""
    training, selection, (images, labels) = data
    net = MODELS[name](ELEMENTWISE_BITS, True, weights.quantizer)
    load_float(net, float_checkpoint(name, data, seed))
    torch.manual_seed(seed)
    if weights.trainer in POST_TRAINING:
        qfx.calibrate(net, training, compensate=weights.trainer == "compensated")
    else:
        way = "straight_through" if weights.trainer == "straight_through" else "gradual"
        recipe = QUANTIZED[name] | {"seed": seed, "projection": way}
        qfx.train(net, training, selection, progress=False, **recipe)
    graph = qfx.lower(net, images.shape[1:], f"{name}_{weights.grid}_{weights.size}")
    KEPT.mkdir(parents=True, exist_ok=True)
    qfx.save(graph, graph_path(name, weights, seed))
    return {"accuracy": accuracy(graph, images, labels), "digits": digits_of(graph)}


def digits_of(graph: qfx.ir.Graph) -> float:
    """Non-zero signed digits of a weight, in the mean; a pooling's ones are no weights."""
    ops = [node.op for node in graph.nodes if isinstance(node.op, (Conv2d, Matmul))]
    weights = [op.weight.integers for op in ops if (op.weight.integers != 1).any()]
    return float(count_digits(np.concatenate([w.reshape(-1) for w in weights])).mean())


if __name__ == "__main__":
    sys.exit(main())
