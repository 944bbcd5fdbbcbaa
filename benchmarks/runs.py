"""What benchmarks over seeds share: runs kept in build/, float checkpoints, accuracy, summaries."""

import json
import statistics
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from binary_point_models import MODELS, Data, Model
from common import ROOT

import qfx
from qfx.nn.bypass import bypassed

BUILD = ROOT / "build"
FLOAT = {
    "fashion_mnist": {"epochs": 8, "learning_rate": 3e-3},
    "digits": {"epochs": 30, "learning_rate": 5e-3},
}
QUANTIZED = {
    "fashion_mnist": {"epochs": 4, "learning_rate": 2e-3, "warmup": 0},
    "digits": {"epochs": 30, "learning_rate": 2e-3, "warmup": 0},
}
FLOATS = ("weight", "gamma", "beta", "running_mean", "running_var")


def kept(path: Path, compute: Callable[[], dict]) -> dict:
    """What `compute` gives, or gave before; an interrupted benchmark goes on here."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        result = compute()
        part = path.with_suffix(".part")
        part.write_text(json.dumps(result))
        part.replace(path)
        print(f"{path.stem}: {result}"[:100], flush=True)
    return json.loads(path.read_text())


def float_checkpoint(name: str, data: Data, seed: int) -> dict:
    """The weights trained in float with this seed."""
    path = BUILD / "floats" / f"{name}_{seed}.pt"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(seed)
        net = MODELS[name](8, False)
        recipe = FLOAT[name] | {"warmup": 1, "seed": seed}
        qfx.train(net, data[0], data[1], progress=False, **recipe)
        part = path.with_suffix(f".{id(net)}")
        torch.save(net.state_dict(), part)
        part.replace(path)
    return torch.load(path, weights_only=True)


def load_float(net: Model, state: dict) -> None:
    """The float weights of `state`; a bias that only a folded normalization needs is 0."""
    with torch.no_grad():
        for path, tensor in [*net.named_parameters(), *net.named_buffers()]:
            if path.rsplit(".", 1)[-1] in FLOATS:
                tensor.copy_(state[path])
            elif path.endswith(".bias"):
                tensor.copy_(state.get(path, torch.zeros_like(tensor)))


def float_accuracies(name: str, data: Data, seeds: int) -> Iterable[float]:
    """Of the checkpoints themselves, on the test set."""
    x, y = torch.tensor(data[2][0]), torch.tensor(data[2][1])
    for seed in range(seeds):
        net = MODELS[name](8, False)
        load_float(net, float_checkpoint(name, data, seed))
        net.eval()
        with torch.no_grad(), bypassed(net):
            yield float((torch.cat([net(p).argmax(1) for p in x.split(1000)]) == y).float().mean())


def accuracy(graph: qfx.ir.Graph, images: np.ndarray, labels: np.ndarray) -> float:
    """Of the golden model."""
    return float((graph.run(images).integers.argmax(1) == labels).mean())


def summary(runs: Iterable[float]) -> dict:
    """Mean, spread (standard deviation of the runs) and the runs, as shares."""
    values = [round(value, 5) for value in runs]
    return {
        "mean": round(statistics.mean(values), 5),
        "spread": round(statistics.stdev(values), 5),
        "runs": values,
    }


def shown(cell: dict) -> str:
    return f"{100 * cell['mean']:.2f} ± {100 * cell['spread']:.2f}"
