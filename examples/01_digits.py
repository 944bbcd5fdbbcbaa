"""From 8 x 8 images of digits to a proven FPGA design: train, export, compare every simulator.

Run it with `make demo`, or `python examples/01_digits.py --smoke` for a training of three epochs.
"""

import sys
import time

import numpy as np
import torch
from sklearn.datasets import load_digits

import qfx
from qfx.nn import Dropout, Flatten, Linear, Quantizer, ReLU, Sequential
from qfx.report.terminal import run_cosim, show_project

SMOKE = "--smoke" in sys.argv[1:]
FOLDER = "build/digits"


def model(bits: int = 6) -> Sequential:
    """64-32-16-10, weights and activations of 6 bits; where each binary point stands is learned."""
    return Sequential(
        Quantizer(bits, signed=False),
        Flatten(),
        Linear(64, 32, weight=Quantizer(bits), output=None),
        ReLU(Quantizer(bits, signed=False)),
        Dropout(0.1),
        Linear(32, 16, weight=Quantizer(bits), output=None),
        ReLU(Quantizer(bits, signed=False)),
        Dropout(0.1),
        Linear(16, 10, weight=Quantizer(bits), output=Quantizer(bits)),
    )


def digits() -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Training (1,257), validation (180) and test (360) images, (1, 8, 8) in 0 to 1, and labels."""
    images, labels = load_digits(return_X_y=True)
    images = (images / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    order = np.random.default_rng(0).permutation(len(images))
    test, validation, training = order[:360], order[360:540], order[540:]
    return tuple((images[part], labels[part]) for part in (training, validation, test))


def with_noise(
    data: tuple[np.ndarray, np.ndarray], copies: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """The images once as they are and some times with noise: 1,257 are few."""
    images, labels = data
    noise = np.random.default_rng(0).normal(0, 0.1, (copies, *images.shape))
    noisy = np.clip(images + noise, 0, 1).reshape(-1, *images.shape[1:])
    return np.concatenate([images, noisy.astype(np.float32)]), np.tile(labels, copies + 1)


def main() -> bool:
    """Whether all simulators agree."""
    training, validation, (images, labels) = digits()
    torch.manual_seed(0)
    net, started = model(), time.perf_counter()
    epochs = 3 if SMOKE else 30
    history = qfx.train(
        net, with_noise(training), validation, epochs=epochs, batch_size=64, learning_rate=5e-3
    )
    print(f"trained in {time.perf_counter() - started:.0f} s")
    project = qfx.export(
        net,
        FOLDER,
        board="ultra96",
        samples=images,
        labels=labels,
        goal_fps=1_000_000,
        name="digits",
        history=history,
    )
    show_project(project)
    return run_cosim(project).equal


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
