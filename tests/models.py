"""Small frozen models and graphs for tests; random ones come from a seed alone."""

from itertools import pairwise, product
from typing import TypeVar

import numpy as np
import torch

from qfx import nn
from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.ir import Graph, GraphBuilder
from qfx.ops import Cast, Conv2d, Matmul, Relu

MODES = list(product(Rounding, Overflow))


M = TypeVar("M", bound=nn.Layer)


def as_built(model: M) -> M:
    """The model, evaluated and frozen with each binary point where it was built, as if fitted."""
    model.eval()
    for module in model.modules():
        if isinstance(module, nn.Quantizer):
            module.fitted = True
    model.freeze()
    return model


def small_mlp(inputs: int = 16, hidden: int = 8, outputs: int = 4, seed: int = 0) -> nn.Sequential:
    """A frozen MLP whose casts round and overflow; every integer of it matters to some output."""
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Quantizer(6, 3, rounding="RND"),
        nn.Flatten(),
        nn.Linear(inputs, hidden, weight=nn.Quantizer(6, 6), bias=nn.Quantizer(6, 5), output=None),
        nn.ReLU(nn.Quantizer(5, 3, signed=False)),
        nn.Dropout(0.1),
        nn.Linear(hidden, outputs, weight=nn.Quantizer(6, 5), output=nn.Quantizer(7, 4)),
    )
    as_built(model)
    return model


def random_mlp(seed: int, modes: list[tuple[Rounding, Overflow]]) -> tuple[nn.Sequential, int]:
    """A frozen MLP of 1 to 4 layers in random formats, and its number of inputs.

    Args:
        seed: of everything.
        modes: taken in turn by the casts, so that a run of seeds can cover them all.
    """
    generator = np.random.default_rng(seed)
    torch.manual_seed(seed)
    remaining = iter(modes * 8)

    def quantizer(low: int = 2, high: int = 9, fraction: tuple[int, int] = (0, 6)) -> nn.Quantizer:
        rounding, overflow = next(remaining)
        return nn.Quantizer(
            int(generator.integers(low, high)),
            int(generator.integers(*fraction)),
            signed=bool(generator.integers(0, 2)),
            rounding=rounding,
            overflow=overflow,
        )

    def parameter() -> nn.Quantizer:
        return nn.Quantizer(int(generator.integers(2, 9)), int(generator.integers(3, 10)))

    def batchnorm(features: int, output: nn.Quantizer | None) -> nn.BatchNorm1d:
        layer = nn.BatchNorm1d(features, scale=parameter(), offset=parameter(), output=output)
        with torch.no_grad():
            layer.gamma.uniform_(-2, 2)
            layer.beta.uniform_(-2, 2)
        return layer

    sizes = [int(n) for n in generator.integers(1, 13, generator.integers(2, 6))]
    layers: list[nn.Layer] = [quantizer()]
    for inputs, outputs in pairwise(sizes):
        exact = bool(generator.integers(0, 3) == 0)
        bias = parameter() if generator.integers(0, 4) else False
        output = None if exact else quantizer()
        layers.append(nn.Linear(inputs, outputs, weight=parameter(), bias=bias, output=output))
        if generator.integers(0, 3) == 0:
            layers.append(batchnorm(outputs, None if exact else quantizer()))
        if exact or generator.integers(0, 2):
            rectifier = nn.ReLU6 if generator.integers(0, 3) == 0 else nn.ReLU
            layers.append(rectifier(quantizer() if exact or generator.integers(0, 2) else None))
    model = nn.Sequential(*layers)
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.Linear):
                layer.weight.mul_(4)  # so that sums overflow what the casts keep
    as_built(model)
    return model, sizes[0]


def random_cnn(seed: int) -> tuple[nn.Sequential, tuple[int, int, int]]:
    """A frozen CNN of 1 to 3 convolutions and a Linear, of random shapes; and its input's shape."""
    generator = np.random.default_rng(seed)
    torch.manual_seed(seed)

    def pick(*options: int) -> int:
        return int(generator.choice(options))

    def quantizer() -> nn.Quantizer:
        rounding, overflow = MODES[pick(*range(len(MODES)))]
        signed = bool(pick(0, 1))
        return nn.Quantizer(
            pick(3, 4, 6), pick(1, 2, 3), signed=signed, rounding=rounding, overflow=overflow
        )

    def weight() -> nn.Quantizer:
        return nn.Quantizer(pick(3, 5), 4, per_channel=bool(pick(0, 1)))

    shape = channels, height, width = pick(1, 2, 3, 4), pick(3, 5, 6, 7), pick(3, 4, 5, 8)
    layers: list[nn.Layer] = [quantizer()]
    if pick(0, 0, 1):  # raw bytes: folded into the convolution, or a map where that is padded
        layers = [nn.Pixels(), nn.Normalize(pick(0, 3), pick(5, 7))]
    for _ in range(pick(1, 2, 3)):
        kernel = pick(1, 2, 3, 4, 5)
        padding = pick(*range(kernel))
        if min(height, width) + 2 * padding < kernel:
            kernel, padding = 1, 0
        stride = pick(1, 1, 2)
        groups = channels if pick(0, 1) else 1
        outputs = groups * pick(1, 2, 3)
        norm = pick(0, 1, 2)  # none, scale and offset, folded
        layers.append(
            nn.Conv2d(
                channels, outputs, kernel, stride=stride, padding=padding, groups=groups,
                weight=weight(), output=None if norm == 2 else quantizer(),
            )
        )  # fmt: skip
        if norm:
            layers.append(seen(nn.BatchNorm2d(outputs, output=quantizer(), fold=norm == 2)))
        height, width = ((n + 2 * padding - kernel) // stride + 1 for n in (height, width))
        channels = outputs
        if pick(0, 1):
            layers.append(nn.ReLU())
        if min(height, width) >= 3 and pick(0, 1):
            size, step = (pick(2, 3), pick(1, 2, 3)), pick(1, 2)
            pool: type[nn.MaxPool2d] | type[nn.AvgPool2d] = (nn.MaxPool2d, nn.AvgPool2d)[pick(0, 1)]
            layers.append(pool(size, step))
            height, width = (height - size[0]) // step + 1, (width - size[1]) // step + 1
    if pick(0, 1):
        layers.append(nn.AdaptiveAvgPool2d(1, (height, width)))
        height = width = 1
    classes = pick(1, 3, 5)
    layers += [nn.Flatten(), nn.Linear(channels * height * width, classes, weight=weight())]
    if pick(0, 0, 1) and classes > 1:
        layers.append(nn.ArgMax())
    model = nn.Sequential(*layers)
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, (nn.Linear, nn.Conv2d)):
                layer.weight.mul_(3)
                points = layer.weight_quantizer.binary_point
                points.add_(torch.randint(-1, 2, points.shape))
    as_built(model)
    return model, shape


def seen(layer: nn.BatchNorm1d | nn.BatchNorm2d) -> nn.BatchNorm1d | nn.BatchNorm2d:
    """A batch normalization with statistics and parameters as if it had been trained."""
    with torch.no_grad():
        layer.gamma.uniform_(-2, 2)
        layer.beta.uniform_(-2, 2)
        layer.running_mean.uniform_(-2, 2)
        layer.running_var.uniform_(0.1, 3)
    for quantizer in (layer.scale, layer.offset):
        if quantizer is not None:
            quantizer.binary_point.data.fill_(5)
    return layer


def tiny_graphs() -> dict[str, Graph]:
    """Three graphs small enough to read their generated code."""
    entry = Cast(0, FixedPointType(4, 2), Rounding.RND, Overflow.SAT)
    weight = FixedPointArray(np.array([[1, -2], [3, -4], [5, -6], [7, -8]]), FixedPointType(4, 3))

    only_cast = GraphBuilder("only_cast")
    x = only_cast.input((3,), entry)
    cast = only_cast.cast(x, FixedPointType(2, 0), Rounding.RND_CONV, Overflow.SAT_SYM)

    only_matmul = GraphBuilder("only_matmul")
    with only_matmul.scope("fc"):
        product_ = only_matmul.add(Matmul(weight), only_matmul.input((4,), entry))

    layer = GraphBuilder("layer")
    value = layer.input((4,), entry)
    with layer.scope("fc"):
        value = layer.add(Matmul(weight), value)
        bias = FixedPointArray(np.array([3, -1]), FixedPointType(4, 5))
        value = layer.add_constant(value, bias)
    with layer.scope("relu"):
        value = layer.add(Relu(), value)
        value = layer.cast(value, FixedPointType(3, 1, False), Rounding.RND, Overflow.WRAP)
    return {
        "only_cast": only_cast.build(cast),
        "only_matmul": only_matmul.build(product_),
        "layer": layer.build(value),
        "image": _image(entry),
    }


def _image(entry: Cast) -> Graph:
    builder = GraphBuilder("image")
    weight = FixedPointArray(np.arange(-8, 8).reshape(2, 2, 2, 2), FixedPointType(4, 3))
    with builder.scope("conv"):
        value = builder.add(Conv2d(weight, padding=(1, 1)), builder.input((2, 3, 2), entry))
        bias = FixedPointArray(np.array([[[3]], [[-1]]]), FixedPointType(4, 5))
        value = builder.add_constant(value, bias)
        value = builder.cast(value, FixedPointType(6, 3), Rounding.RND, Overflow.SAT)
    return builder.build(value)
