"""One entry per layer: how it is built, and what it is fed."""

from functools import partial

import torch
from branch_cases import BRANCHES
from layer_case import LayerCase

from models import seen
from qfx import nn


def _nested() -> nn.Layer:
    return nn.Sequential(nn.Linear(6, 5), nn.Sequential(nn.ReLU(), nn.Linear(5, 2, output=None)))


def _folded(layer: nn.Layer, norm: nn.Layer) -> nn.Layer:
    return nn.Sequential(layer, seen(norm), nn.ReLU())


def _literal(layer: nn.Layer, deviation: int = 5, normalized: int = 4) -> nn.Layer:
    """A literal batch normalization as if it had been trained."""
    with torch.no_grad():
        for parameter in (layer.gamma, layer.beta, layer.running_mean):
            parameter.uniform_(-2, 2)
        layer.running_var.uniform_(0.1, 30)
        for child in layer.children():
            child.binary_point.fill_(4)
        layer.deviation_quantizer.binary_point.fill_(deviation)
        layer.normalized.binary_point.fill_(normalized)
    return layer


def _spread(layer: nn.Layer) -> nn.Layer:
    """A layer whose channels have binary points, and weights, of their own."""
    with torch.no_grad():
        for quantizer, latent in (
            (layer.weight_quantizer, layer.weight),
            (layer.bias_quantizer, layer.bias),
        ):
            points = quantizer.binary_point
            steps = torch.arange(len(points)).reshape(points.shape)
            points.copy_(4 + 2 * steps)
            latent.mul_(2.0 ** (2 - 2 * steps))
    return layer


def _k_hot(layer: nn.Layer) -> nn.Layer:
    """A layer whose weights reach the power of two above their bits."""
    with torch.no_grad():
        points = layer.weight_quantizer.binary_point
        points.fill_(layer.weight_quantizer.wordlength)
        layer.weight[0] = layer.weight[0].abs() + 0.5
    return layer


def _own() -> nn.Quantizer:
    return nn.Quantizer(5, per_channel=True)


CASES: dict[str, list[LayerCase]] = {
    "Quantizer": [
        LayerCase(lambda: nn.Quantizer(4, 1, overflow="WRAP", rounding="TRN"), (7,)),
        LayerCase(lambda: nn.Quantizer(3, 4, signed=False, overflow="SAT_ZERO"), (2, 3)),
    ],
    "Linear": [
        LayerCase(lambda: nn.Linear(6, 4), (6,)),
        LayerCase(lambda: nn.Linear(6, 4, bias=False, output=None), (6,)),
        LayerCase(
            lambda: nn.Linear(6, 3, bias=nn.Quantizer(12, 14), output=nn.Quantizer(5, 2)), (6,)
        ),
        LayerCase(lambda: nn.Linear(3, 3, weight=nn.Quantizer(20, 18), output=None), (3,)),
        LayerCase(lambda: _spread(nn.Linear(6, 4, weight=_own(), bias=_own())), (6,)),
    ],
    "KHot": [
        LayerCase(lambda: _k_hot(nn.Linear(6, 4, weight=nn.KHot(2, 6), bias=nn.KHot(1, 5))), (6,)),
        LayerCase(
            lambda: _k_hot(nn.Linear(6, 3, weight=nn.KHot((1, 3, 2), 8, per_channel=True))), (6,)
        ),
        LayerCase(lambda: _k_hot(nn.Conv2d(2, 3, 2, weight=nn.KHot(1, 3), output=None)), (2, 3, 4)),
        LayerCase(
            lambda: seen(
                nn.BatchNorm2d(3, scale=nn.KHot(2, signed_digits=False), offset=nn.KHot(3))
            ),
            (3, 2, 2),
        ),
        LayerCase(lambda: nn.PReLU(2, slope=nn.KHot(1)), (2, 3)),
        LayerCase(lambda: nn.AvgPool2d(3, reciprocal=nn.KHot(2, signed=False)), (2, 3, 3)),
    ],
    "Indices": [LayerCase(lambda: nn.Indices(6), (3,)), LayerCase(lambda: nn.Indices(1), (3,))],
    "Embedding": [
        LayerCase(lambda: nn.Sequential(nn.Indices(6), nn.Embedding(6, 3)), (4,)),
        LayerCase(
            lambda: nn.Sequential(
                nn.Quantizer(2, signed=False),
                nn.Embedding(5, 2, padding_idx=1, weight=nn.Quantizer(4, 2, per_channel=True)),
                nn.Flatten(),
                nn.Linear(6, 2),
            ),
            (3,),
        ),
    ],
    "Pixels": [LayerCase(nn.Pixels, (3,))],
    "Normalize": [
        LayerCase(lambda: nn.Normalize(2, 3), (4,)),
        LayerCase(lambda: nn.Normalize((1, -2), (0.5, 7), output=nn.Quantizer(6, 2)), (2, 3, 2)),
        LayerCase(lambda: nn.Sequential(nn.Normalize(2, 3), nn.Linear(4, 2)), (4,)),
        LayerCase(
            lambda: nn.Sequential(
                nn.Normalize((1, -2), (2, 3), fold=True), nn.Conv2d(2, 4, 2, groups=2)
            ),
            (2, 3, 3),
        ),
        LayerCase(
            lambda: nn.Sequential(nn.Normalize(0, (2, 3)), nn.Conv2d(2, 4, 3, padding=1)), (2, 3, 3)
        ),
        LayerCase(
            lambda: nn.Sequential(nn.Normalize((1, 2), 3), nn.Conv2d(2, 4, 3, padding=1)), (2, 3, 3)
        ),
    ],
    "ArgMax": [LayerCase(nn.ArgMax, (6,))],
    "ReLU": [
        LayerCase(nn.ReLU, (5,)),
        LayerCase(lambda: nn.ReLU(nn.Quantizer(3, 1, signed=False)), (5,)),
    ],
    "Conv2d": [
        LayerCase(lambda: nn.Conv2d(2, 3, 3, padding=1), (2, 4, 5)),
        LayerCase(lambda: nn.Conv2d(4, 4, (2, 3), stride=(2, 1), groups=4, output=None), (4, 5, 6)),
        LayerCase(lambda: nn.Conv2d(4, 6, 1, groups=2, bias=False), (4, 3, 3)),
        LayerCase(lambda: nn.Conv2d(2, 3, (2, 3), dilation=(3, 2), padding=1), (2, 5, 6)),
        LayerCase(
            lambda: _spread(nn.Conv2d(2, 4, 3, padding=1, weight=_own(), bias=_own(), output=None)),
            (2, 4, 4),
        ),
    ],
    "Conv1d": [
        LayerCase(lambda: nn.Conv1d(2, 3, 3, padding=1), (2, 6)),
        LayerCase(lambda: nn.Conv1d(4, 4, 2, stride=2, dilation=3, groups=4, output=None), (4, 9)),
        LayerCase(lambda: nn.Conv1d(2, 3, 4, bias=False, weight=_own()), (2, 4)),
        LayerCase(
            lambda: nn.Sequential(nn.Normalize((1, -2), (2, 3), fold=True), nn.Conv1d(2, 3, 2)),
            (2, 5),
        ),
        LayerCase(
            lambda: nn.Sequential(nn.Normalize((1, 2), 3), nn.Conv1d(2, 4, 3, padding=1)), (2, 5)
        ),
    ],
    "MaxPool1d": [
        LayerCase(lambda: nn.MaxPool1d(2), (3, 5)),
        LayerCase(lambda: nn.Sequential(nn.ReLU(), nn.MaxPool1d(3, 2, padding=1)), (2, 6)),
    ],
    "AdaptiveMaxPool1d": [LayerCase(lambda: nn.AdaptiveMaxPool1d(), (2, 5))],
    "AvgPool1d": [
        LayerCase(lambda: nn.AvgPool1d(2), (3, 4)),
        LayerCase(lambda: nn.AvgPool1d(3, 1, 1, output=None), (2, 5)),
    ],
    "AdaptiveAvgPool1d": [LayerCase(lambda: nn.AdaptiveAvgPool1d(1, 5), (2, 5))],
    "MaxPool2d": [
        LayerCase(lambda: nn.MaxPool2d(2), (3, 5, 4)),
        LayerCase(lambda: nn.Sequential(nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)), (2, 5, 6)),
    ],
    "AdaptiveMaxPool2d": [LayerCase(lambda: nn.AdaptiveMaxPool2d(), (3, 2, 3))],
    "AvgPool2d": [
        LayerCase(lambda: nn.AvgPool2d(2), (3, 4, 4)),
        LayerCase(lambda: nn.AvgPool2d((3, 2), 1, 1, output=None), (2, 5, 5)),
    ],
    "AdaptiveAvgPool2d": [LayerCase(lambda: nn.AdaptiveAvgPool2d(1, (3, 5)), (2, 3, 5))],
    "ReLU6": [
        LayerCase(nn.ReLU6, (5,)),
        LayerCase(lambda: nn.Sequential(nn.Quantizer(4, -3), nn.ReLU6(nn.Quantizer(4))), (5,)),
    ],
    "Hardtanh": [
        LayerCase(nn.Hardtanh, (5,)),
        LayerCase(lambda: nn.Hardtanh(-0.5, 3.0625, nn.Quantizer(5, 3)), (2, 3)),
        LayerCase(lambda: nn.Sequential(nn.Quantizer(6, -1), nn.Hardtanh(-3, 5)), (5,)),
    ],
    "PReLU": [
        LayerCase(nn.PReLU, (5,)),
        LayerCase(lambda: nn.PReLU(3, -0.4, output=None), (3, 2, 2)),
        LayerCase(lambda: nn.PReLU(1, 9.0, slope=nn.Quantizer(3, -2)), (4,)),
    ],
    "LeakyReLU": [
        LayerCase(nn.LeakyReLU, (5,)),
        LayerCase(lambda: nn.LeakyReLU(0.125, output=None), (2, 2, 2)),
    ],
    **{
        layer.__name__: [
            LayerCase(layer, (5,)),
            LayerCase(partial(layer, nn.Quantizer(5, 2), nn.Quantizer(9, 7)), (6,)),
            LayerCase(partial(layer, nn.Quantizer(3, 1, signed=False)), (2, 3)),
        ]
        for layer in (nn.Sigmoid, nn.Tanh, nn.GELU, nn.SiLU, nn.Hardswish, nn.Hardsigmoid)
    },
    "Function": [
        LayerCase(partial(nn.Function, "exp(-x * x)"), (5,)),
        LayerCase(
            partial(nn.Function, "where(x > 1, 2 * x - 1, x ** 2)", nn.Quantizer(5, 2)), (2, 3)
        ),
        LayerCase(partial(nn.Function, "elu(x, alpha=0.5)", None, nn.Quantizer(9, 6)), (6,)),
    ],
    "BatchNorm1d": [
        LayerCase(lambda: seen(nn.BatchNorm1d(6)), (6,)),
        LayerCase(lambda: seen(nn.BatchNorm1d(6, scale=nn.Quantizer(6, 3), output=None)), (6,)),
        LayerCase(lambda: _folded(nn.Linear(6, 4), nn.BatchNorm1d(4, fold=True)), (6,)),
        LayerCase(lambda: seen(nn.BatchNorm1d(3, scale=_own())), (3, 5)),
        LayerCase(
            lambda: _folded(nn.Conv1d(2, 3, 2, output=None), nn.BatchNorm1d(3, fold=True)), (2, 5)
        ),
    ],
    "BatchNorm2d": [
        LayerCase(lambda: seen(nn.BatchNorm2d(3, offset=nn.Quantizer(9, 8))), (3, 2, 4)),
        LayerCase(lambda: seen(nn.BatchNorm2d(3, scale=_own(), offset=_own())), (3, 2, 4)),
        LayerCase(
            lambda: _folded(nn.Conv2d(2, 3, 2, output=None), nn.BatchNorm2d(3, fold=True)),
            (2, 3, 4),
        ),
    ],
    "LiteralBatchNorm1d": [
        LayerCase(lambda: _literal(nn.LiteralBatchNorm1d(6)), (6,)),
        LayerCase(lambda: _literal(nn.LiteralBatchNorm1d(6, deviation=_own(), mean=_own())), (6,)),
    ],
    "LiteralBatchNorm2d": [
        LayerCase(lambda: _literal(nn.LiteralBatchNorm2d(3)), (3, 2, 4)),
        LayerCase(  # a divisor of whole multiples of 2, and deviations that round to 0
            lambda: _literal(nn.LiteralBatchNorm2d(3, normalized=nn.Quantizer(9)), -1, 12),
            (3, 2, 4),
        ),
    ],
    "Flatten": [LayerCase(nn.Flatten, (2, 3, 2))],
    "Pad": [
        LayerCase(lambda: nn.Pad((1, 2, 0, 3)), (2, 3, 4)),
        LayerCase(lambda: nn.Pad((0, 2, 0, 0)), (2, 3, 4)),
        LayerCase(lambda: nn.Pad((-1, 2, -2, 0)), (2, 3, 4)),
        LayerCase(lambda: nn.Pad((2, -3)), (2, 5)),
        LayerCase(lambda: nn.Pad((-2, -4)), (8,)),
        LayerCase(lambda: nn.Pad((1, 0, -2, -2)), (8, 3)),
        LayerCase(lambda: nn.Pad((0, 0, -1, 0, -3, 1)), (4, 2, 2)),
        LayerCase(lambda: nn.Sequential(nn.Pad(1), nn.MaxPool2d(2)), (2, 4, 5)),
    ],
    "Upsample": [
        LayerCase(lambda: nn.Upsample(2), (2, 3, 4)),
        LayerCase(lambda: nn.Sequential(nn.Upsample((1, 3)), nn.Conv2d(2, 3, 3)), (2, 4, 2)),
    ],
    "Reshape": [
        LayerCase(lambda: nn.Reshape((3, 4)), (2, 3, 2)),
        LayerCase(lambda: nn.Sequential(nn.Reshape((4,)), nn.Linear(4, 2)), (2, 1, 2)),
    ],
    "Permute": [
        LayerCase(lambda: nn.Permute((3, 1, 2)), (2, 3, 4)),
        LayerCase(lambda: nn.Sequential(nn.Permute((2, 1)), nn.Flatten(), nn.Linear(6, 3)), (2, 3)),
    ],
    "Identity": [LayerCase(nn.Identity, (4,))],
    "Dropout": [LayerCase(lambda: nn.Dropout(0.5), (4,))],
    "Probabilities": [LayerCase(lambda: nn.Probabilities(5), (4,))],
    "Softmax": [
        LayerCase(nn.Softmax, (10,)),
        LayerCase(lambda: nn.Softmax(output=None), (7,)),
        LayerCase(
            lambda: nn.Softmax(
                input=nn.Quantizer(6, 2),
                exponent_bits=7,
                reciprocal_bits=4,
                output=nn.Quantizer(10, 10, signed=False),
            ),
            (33,),
        ),
        LayerCase(lambda: nn.Sequential(nn.ReLU(), nn.Softmax(input=nn.Quantizer(10, 8))), (2,)),
    ],
    "Dropout2d": [LayerCase(lambda: nn.Dropout2d(0.5), (2, 3, 3))],
    "Sequential": [
        LayerCase(_nested, (6,)),
        LayerCase(
            lambda: nn.Sequential(nn.Linear(6, 5), nn.ReLU(), names=("fc1", "features_act")), (6,)
        ),
    ],
    **BRANCHES,
}


def model_of(case: LayerCase, seed: int = 0) -> nn.Sequential:
    """The layer behind an 8-bit input quantizer."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Quantizer(8, 5), case.build())
