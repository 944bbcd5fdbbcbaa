"""Random frozen networks with branches, nested ones among them; a seed alone decides each."""

import numpy as np
import torch

import qfx
from models import MODES, as_built, seen
from qfx import nn
from qfx.fixedpoint import Overflow, Rounding


class _Maker:
    """Makes blocks that keep the size of an image, and may change its channels."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.default_rng(seed)
        self.modes = MODES if seed % 3 == 0 else [(Rounding.RND, Overflow.SAT)]
        self.image = bool(self.pick(0, 1, 1))

    def pick(self, *options: int) -> int:
        return int(self.generator.choice(options))

    def quantizer(self) -> nn.Quantizer:
        rounding, overflow = self.modes[self.pick(*range(len(self.modes)))]
        return nn.Quantizer(
            self.pick(4, 6, 7),
            signed=bool(self.pick(0, 1, 1)),
            rounding=rounding,
            overflow=overflow,
        )

    def weights(self, inputs: int, outputs: int) -> nn.Layer:
        """A layer that sums, depthwise and normalized now and then."""
        weight = nn.Quantizer(self.pick(3, 5), per_channel=bool(self.pick(0, 1)))
        if not self.image:
            return nn.Linear(inputs, outputs, weight=weight, output=self.quantizer())
        groups = inputs if inputs == outputs and self.pick(0, 1) else 1
        kernel = self.pick(1, 3)
        folds = bool(self.pick(0, 1))
        conv = nn.Conv2d(
            inputs, outputs, kernel, padding=kernel // 2, groups=groups, weight=weight,
            output=None if folds else self.quantizer(),
        )  # fmt: skip
        if not folds:
            return conv
        return nn.Sequential(
            conv, seen(nn.BatchNorm2d(outputs, fold=True, output=self.quantizer()))
        )

    def branch(self, inputs: int, outputs: int, depth: int) -> nn.Layer:
        if depth and inputs == outputs and self.pick(0, 1):
            return self.block(inputs, depth - 1, keep=True)[0]
        if inputs == outputs and self.pick(0, 1):
            return self.quantizer()
        if self.pick(0, 1):
            return self.weights(inputs, outputs)
        middle = self.pick(1, 2, 4)
        return nn.Sequential(self.weights(inputs, middle), nn.ReLU(), self.weights(middle, outputs))

    def block(self, inputs: int, depth: int, keep: bool = False) -> tuple[nn.Layer, int]:
        """A layer with branches, and how many channels it gives: as many as it takes to keep."""
        kind = self.pick(0, 1, 2, 2, 3, 3, 3)
        output = self.quantizer() if self.pick(0, 1, 1) else None
        if kind == 0:
            shortcut = self.quantizer() if self.pick(0, 1) else None
            body = self.branch(inputs, inputs, depth)
            return nn.Residual(body, shortcut, output=output or self.quantizer()), inputs
        if kind == 1:
            return nn.Network([("square", nn.Multiply(self.quantizer()), ("x", "x"))]), inputs
        widths = [inputs] * self.pick(2, 2, 3)
        concatenates = kind == 3 and not keep
        if concatenates:
            widths = [self.pick(inputs, 1, 3) for _ in widths]
        nodes = [(f"b{n}", self.branch(inputs, w, depth), "x") for n, w in enumerate(widths)]
        reads = [name for name, _, _ in nodes] + ["x"] * self.pick(0, 0, 1)
        if not concatenates:
            join = nn.Add(output) if self.pick(0, 1) else nn.Multiply(self.quantizer())
            return nn.Network([*nodes, ("join", join, reads)]), inputs
        total = sum(widths) + inputs * (len(reads) - len(widths))
        return nn.Network([*nodes, ("join", nn.Concat(output), reads)]), total


def random_branches(seed: int) -> tuple[nn.Sequential, tuple[int, ...]]:
    """A frozen network of one to three blocks with branches, and its input's shape."""
    torch.manual_seed(seed)
    make = _Maker(seed)
    channels = make.pick(1, 2, 3)
    shape = (channels, make.pick(3, 4, 6), make.pick(3, 5, 6)) if make.image else (channels,)
    layers: list[nn.Layer] = [make.quantizer()]
    for index in range(make.pick(1, 2, 3)):
        depth = make.pick(0, 1, 1, 2) if not index else 0
        block, channels = make.block(channels, depth)
        layers += [block, make.quantizer()]
        if make.image and make.pick(0, 1):
            layers.append(nn.MaxPool2d(2, 1))
            layers.append(nn.Pad((1, 0, 0, 1)))
    model = nn.Sequential(*layers)
    qfx.calibrate(model, 4 * torch.randn(200, *shape))
    model.train()
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.Quantizer):
                moved = torch.tensor([-1.0, 0, 0, 0, 0, 1])  # so that some casts overflow
                layer.binary_point.add_(moved[torch.randint(0, 6, layer.binary_point.shape)])
    as_built(model)
    return model, shape
