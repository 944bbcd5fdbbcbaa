"""ResNet-8 of MLPerf Tiny (77,946 parameters) on CIFAR-10: a float torch model, converted.

python examples/04_resnet8_cifar10.py                 export the trained net, prove eight frames
python examples/04_resnet8_cifar10.py --data FOLDER   train it anew (an hour)
python examples/04_resnet8_cifar10.py --smoke         train a thin one for a moment, on noise
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from cifar10_data import cifar10, moved, noise
from resnet8 import ResNet8, trained_float

import qfx
from qfx.report.terminal import run_cosim, show_project

TRAINED = Path(__file__).with_suffix(".qfx")
FOLDER = "build/resnet8_cifar10"
FRAMES = 8  # proven here; a hundred in benchmarks/resnet8_cifar10.py
GOAL = {"board": "ultra96", "goal_fps": 1_000}


def twin(net: ResNet8) -> qfx.nn.Layer:
    """Weights of 6 bits with a binary point for each channel, activations of 8, bytes in."""
    with torch.no_grad():
        net.conv.weight /= 256  # bytes instead of numbers up to 1
    weights = {
        "*conv*": {"weight": 6},
        "block[23].shortcut": {"weight": 6},
        "classify": {"weight": 6},
    }
    pixels = qfx.nn.Pixels()
    return qfx.convert(
        net, 8, input_shape=(3, 32, 32), input=pixels, per_channel=True, overrides=weights
    )


def main() -> bool:
    """Whether all simulators agree."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="folder of CIFAR-10: train on it")
    parser.add_argument("--smoke", action="store_true", help="one epoch, on noise")
    chosen = parser.parse_args()
    if not chosen.smoke and not chosen.data:
        project = qfx.export(qfx.load(TRAINED), FOLDER, **GOAL)
    else:
        data = noise() if chosen.smoke else cifar10(chosen.data)
        epochs, width = (1, 4) if chosen.smoke else (60, 16)
        net = twin(trained_float(data[0], epochs, width))
        qfx.train(
            net,
            moved(data[0]),
            data[1],
            epochs=max(1, epochs * 22 // 60),
            learning_rate=1e-3,
            warmup=0,
        )
        images, labels = data[2]
        correct = qfx.lower(net, (3, 32, 32)).run(images).integers.argmax(1) == labels
        print(f"accuracy of the golden model on {len(labels)} images: {np.mean(correct):.2%}")
        project = qfx.export(net, FOLDER, samples=images[:100], name="resnet8_cifar10", **GOAL)
    show_project(project)
    return run_cosim(project, samples=FRAMES).equal


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
