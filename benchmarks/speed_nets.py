"""The nets that speed is measured on, as graphs: trained ones where there are, else with random
weights.
"""

import runpy

import torch
from branching_nets import graph as branching
from common import ROOT
from torch import nn

import qfx
from qfx.ir import Graph

SEED = 0


def _conv(inputs: int, outputs: int, kernel: int, **how: int) -> nn.Sequential:
    layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False, **how)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.ReLU())


def _mobilenet() -> nn.Module:
    """MobileNetV1 x 0.25 at 96 x 96 x 3, two classes: visual wake words of MLPerf Tiny."""
    blocks = [(8, 16, 1), (16, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 128, 2)]
    blocks += [(128, 128, 1)] * 5 + [(128, 256, 2), (256, 256, 1)]
    layers = [_conv(3, 8, 3, stride=2)]
    for inputs, outputs, stride in blocks:
        depthwise = _conv(inputs, inputs, 3, stride=stride, groups=inputs)
        layers += [depthwise, _conv(inputs, outputs, 1)]
    return nn.Sequential(*layers, nn.AvgPool2d(3), nn.Flatten(), nn.Linear(256, 2))


def _digits() -> Graph:
    """As `make demo` trains it."""
    example = runpy.run_path(str(ROOT / "examples" / "01_digits.py"))
    training, validation, _ = example["digits"]()
    torch.manual_seed(SEED)
    net, noisy = example["model"](), example["with_noise"](training)
    how = {"epochs": 30, "batch_size": 64, "learning_rate": 5e-3, "seed": SEED, "progress": False}
    qfx.train(net, noisy, validation, **how)
    return qfx.lower(net, (1, 8, 8), "digits")


def _random_weights(name: str, model: nn.Module, shape: tuple[int, ...]) -> Graph:
    """6 bits a weight and 8 an activation."""
    images = torch.rand(64, *shape) * 255
    with torch.no_grad():  # statistics as after training: no channel dies, none saturates
        model.train()(images)
    how = {"overrides": {"*": {"weight": 6}}, "input": qfx.nn.Pixels()}
    net = qfx.convert(model.eval(), 8, input_shape=shape, **how)
    qfx.calibrate(net, images)
    net.freeze()
    return qfx.lower(net.eval(), shape, name)


def graph(name: str) -> Graph:
    """Of a net: "digits" and "fashion_mnist", or one of branching_nets, or "mobilenet"."""
    if name == "digits":
        return _digits()
    if name == "fashion_mnist":
        return qfx.load(ROOT / "examples" / "02_fashion_mnist.qfx")
    if name != "mobilenet":
        return branching(name)
    torch.manual_seed(SEED)
    return _random_weights(name, _mobilenet(), (3, 96, 96))
