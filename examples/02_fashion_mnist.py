"""A CNN of 20,000 parameters on Fashion-MNIST, from raw bytes to a proven streaming design.

python examples/02_fashion_mnist.py                 export and prove the trained net
python examples/02_fashion_mnist.py --data FOLDER   train it anew (a quarter of an hour)
python examples/02_fashion_mnist.py --smoke         train for a moment, on digits, and prove
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from fashion_mnist_data import Data, digits, fashion_mnist, moved

import qfx
from qfx import nn
from qfx.report.layer_tables import show_layers
from qfx.report.terminal import run_cosim, show_project

TRAINED = Path(__file__).with_suffix(".qfx")
FOLDER = "build/fashion_mnist"
GOAL_FPS = 10_000  # frames a second


def model(bits: int = 6) -> nn.Sequential:
    """Three convolutions, each normalized; weights and activations of 6 bits, nothing above 8."""

    def block(inputs: int, outputs: int) -> tuple[nn.Layer, ...]:
        weight = nn.Quantizer(bits, per_channel=True)
        return (
            nn.Conv2d(inputs, outputs, 3, padding=1, weight=weight, bias=False),
            nn.BatchNorm2d(outputs, output=nn.Quantizer(bits + 1)),
            nn.ReLU(),  # takes the sign away, so 6 bits
        )

    return nn.Sequential(
        nn.Pixels(),  # bytes as the camera gives them
        nn.Normalize(73, 90, output=nn.Quantizer(bits)),
        *block(1, 16),
        nn.MaxPool2d(2),
        *block(16, 32),
        nn.MaxPool2d(2),
        *block(32, 48),
        nn.AdaptiveAvgPool2d(1, output=nn.Quantizer(bits, signed=False)),
        nn.Flatten(),
        nn.Linear(48, 10, weight=nn.Quantizer(bits)),
    )


def trained(data: tuple[Data, Data, Data], epochs: int) -> nn.Sequential:
    """The model, half of the epochs in float; its golden accuracy is printed."""
    training, selection, (images, labels) = data
    torch.manual_seed(0)
    net = model()
    qfx.train(net, moved(training), selection, epochs=epochs, learning_rate=3e-3, warmup=0.5)
    correct = qfx.lower(net, (1, 28, 28)).run(images).integers.argmax(1) == labels
    print(f"accuracy of the golden model on {len(labels)} images: {np.mean(correct):.2%}")
    return net


def main() -> bool:
    """Whether all simulators agree."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="folder of Fashion-MNIST: train on it")
    parser.add_argument("--smoke", action="store_true", help="two epochs, on digits")
    chosen = parser.parse_args()
    goal = {"board": "ultra96", "goal_fps": GOAL_FPS}
    if chosen.smoke or chosen.data:
        data = digits() if chosen.smoke else fashion_mnist(chosen.data)
        net, samples = trained(data, epochs=2 if chosen.smoke else 40), data[2][0][:200]
        project = qfx.export(net, FOLDER, samples=samples, name="fashion_mnist", **goal)
    else:
        project = qfx.export(qfx.load(TRAINED), FOLDER, **goal)
    show_project(project)
    show_layers(project)
    return run_cosim(project).equal


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
