"""Torch's modules, each as the qfx layer that computes the same: the table MODULES."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from qfx import nn as qnn
from qfx.foreign import ConvertError
from qfx.frontends.torch import moves, pointwise
from qfx.frontends.torch.order import named_padding
from qfx.frontends.torch.place import Place, one
from qfx.frontends.torch.pointwise import Pointwise, Together, text_of
from qfx.frontends.torch.steps import (
    Arithmetic,
    Concatenation,
    Difference,
    Largest,
    Product,
    Smallest,
    Sum,
)
from qfx.nn.expression import Expression


def _copied(layer: Any, **tensors: Tensor | None) -> Any:
    with torch.no_grad():
        for name, tensor in tensors.items():
            own = getattr(layer, name)
            if tensor is None:
                own.zero_()  # a bias that only a folded offset needs
            else:
                own.copy_(tensor.reshape(own.shape))  # a kernel over a line is an image's, 1 high
    return layer


def _weighted(place: Place, build: Callable[..., Any], module: Any, *sizes: Any) -> Any:
    path, bias = place.step.path, module.bias is not None or place.folds
    layer = build(
        *sizes,
        weight=place.formats.weight(path),
        bias=place.formats.parameter(path, "bias") if bias else False,
        output=place.output(),
    )
    return _copied(layer, weight=module.weight, **({"bias": module.bias} if bias else {}))


def _linear(place: Place, m: nn.Linear) -> Any:
    return _weighted(place, qnn.Linear, m, m.in_features, m.out_features)


def _conv(kind: Callable[..., Any]) -> Callable[[Place, Any], Any]:
    def build(place: Place, m: Any) -> Any:
        place.require(m, padding_mode="zeros")
        padding = m.padding
        if isinstance(padding, str):  # alike on both sides, as `padded_apart` leaves it
            padding = tuple(before for before, _ in named_padding(m))

        def conv(*sizes: Any, **quantizers: Any) -> Any:
            return kind(
                *sizes, stride=one(m.stride), padding=one(padding), dilation=one(m.dilation),
                groups=m.groups, **quantizers,
            )  # fmt: skip

        return _weighted(place, conv, m, m.in_channels, m.out_channels, one(m.kernel_size))

    return build


def _batchnorm(kind: Callable[..., Any]) -> Callable[[Place, Any], Any]:
    def build(place: Place, m: Any) -> Any:
        if m.running_mean is None:
            raise place.error(
                f"{type(m).__name__} keeps no running statistics, which hardware needs as"
                " constants: make it with track_running_stats=True"
            )
        if m.momentum is None:
            raise place.error(
                f"{type(m).__name__}(momentum=None) averages all batches alike, which training here"
                " does not: give it a momentum, 0.1 being torch's"
            )
        path, features = place.step.path, m.num_features
        if place.folds:
            output = place.output()
            layer = kind(features, fold=True, output=output, eps=m.eps, momentum=m.momentum)
        else:
            scale, offset = (place.formats.parameter(path, key) for key in ("weight", "bias"))
            layer = kind(
                features, scale=scale, offset=offset, output=place.output(),
                eps=m.eps, momentum=m.momentum,
            )  # fmt: skip
        given = {"gamma": m.weight, "beta": m.bias} if m.affine else {}
        return _copied(layer, running_mean=m.running_mean, running_var=m.running_var, **given)

    return build


def _relu(place: Place, m: nn.ReLU) -> qnn.Layer:
    return qnn.ReLU(place.kept(signed=False))


def _hardtanh(place: Place, m: nn.Hardtanh) -> qnn.Layer:
    output = place.kept(signed=m.min_val < 0)
    if isinstance(m, nn.ReLU6):
        return qnn.ReLU6(output)
    return qnn.Hardtanh(m.min_val, m.max_val, output)


def _table(kind: type[qnn.lookup.Lookup]) -> Callable[[Place, Any], Any]:
    def build(place: Place, m: Any) -> Any:
        path = place.step.path
        signed = kind.signed and not place.nonnegative
        operand = place.formats.operand(path, not place.nonnegative)
        return kind(operand, place.formats.output(path, signed))

    return build


def _function(place: Place, m: nn.Module) -> qnn.Layer:
    expression, path = Expression(str(text_of(m))), place.step.path
    operand = place.formats.operand(path, not place.nonnegative)
    signed = not expression.is_nonnegative(place.nonnegative)
    return qnn.Function(expression.text, operand, place.formats.output(path, signed))


def _gelu(place: Place, m: nn.GELU) -> qnn.Layer:
    build = _function if m.approximate == "tanh" else _table(qnn.GELU)
    return build(place, m)


def _together(place: Place, m: Together) -> qnn.Layer:
    raise ConvertError(m.otherwise)


def _leaky_relu(place: Place, m: nn.LeakyReLU) -> qnn.Layer:
    slope = place.formats.constant(place.step.path)
    return qnn.LeakyReLU(m.negative_slope, slope=slope, output=place.output())


def _prelu(place: Place, m: nn.PReLU) -> Any:
    slope = place.formats.parameter(place.step.path)
    layer = qnn.PReLU(m.num_parameters, slope=slope, output=place.output())
    return _copied(layer, weight=m.weight)


def _softmax(place: Place, m: nn.Softmax) -> qnn.Layer:
    if m.dim not in (1, -1) or (place.step.shape is not None and len(place.step.shape) != 1):
        raise place.error(
            f"Softmax(dim={m.dim}) of (samples, features) alone has a layer, with dim=1 or -1:"
            " flatten before it"
        )
    path = place.step.path
    operand = place.formats.operand(path, not place.nonnegative)
    return qnn.Softmax(input=operand, output=place.formats.probabilities(path))


def _embedding(place: Place, m: nn.Embedding) -> Any:
    place.require(m, max_norm=None, scale_grad_by_freq=False, sparse=False)
    weight = place.formats.weight(place.step.path)
    sizes = m.num_embeddings, m.embedding_dim
    layer = qnn.Embedding(*sizes, padding_idx=m.padding_idx, weight=weight)
    return _copied(layer, weight=m.weight)


def _arithmetic(place: Place, m: Arithmetic) -> qnn.Layer:
    """Folded into what follows where it can be, else cast by itself."""
    path = place.step.path
    scale, offset = (place.formats.constant(path, key) for key in ("weight", "bias"))
    output = place.formats.output(path, signed=True)
    return qnn.Normalize(m.mean, m.std, scale=scale, offset=offset, output=output, fold="maybe")


def _join(kind: Callable[..., qnn.Layer]) -> Callable[[Place, Any], qnn.Layer]:
    return lambda place, _: kind(place.output(not place.nonnegative))


MODULES: dict[type[nn.Module], Callable[[Place, Any], qnn.Layer]] = {
    **dict.fromkeys((*pointwise.MODULES, Pointwise), _function),
    nn.AdaptiveAvgPool1d: moves.adaptive_pool(
        qnn.AdaptiveAvgPool1d, qnn.AvgPool1d, moves.mean_options
    ),
    nn.AdaptiveAvgPool2d: moves.adaptive_pool(
        qnn.AdaptiveAvgPool2d, qnn.AvgPool2d, moves.mean_options
    ),
    nn.AdaptiveMaxPool1d: moves.adaptive_pool(
        qnn.AdaptiveMaxPool1d, qnn.MaxPool1d, moves.no_options
    ),
    nn.AdaptiveMaxPool2d: moves.adaptive_pool(
        qnn.AdaptiveMaxPool2d, qnn.MaxPool2d, moves.no_options
    ),
    nn.AvgPool1d: moves.avg_pool(qnn.AvgPool1d),
    nn.AvgPool2d: moves.avg_pool(qnn.AvgPool2d),
    nn.BatchNorm1d: _batchnorm(qnn.BatchNorm1d),
    nn.BatchNorm2d: _batchnorm(qnn.BatchNorm2d),
    nn.ConstantPad1d: moves.pad,
    nn.ConstantPad2d: moves.pad,
    nn.ConstantPad3d: moves.pad,
    nn.Conv1d: _conv(qnn.Conv1d),
    nn.Conv2d: _conv(qnn.Conv2d),
    nn.Dropout: lambda place, m: qnn.Dropout(m.p),
    nn.Dropout2d: lambda place, m: qnn.Dropout2d(m.p),
    nn.Embedding: _embedding,
    nn.Flatten: moves.flatten,
    nn.GELU: _gelu,
    nn.Hardsigmoid: _table(qnn.Hardsigmoid),
    nn.Hardswish: _table(qnn.Hardswish),
    nn.Hardtanh: _hardtanh,
    nn.Identity: lambda place, m: qnn.Identity(),
    nn.LeakyReLU: _leaky_relu,
    nn.Linear: _linear,
    nn.MaxPool1d: moves.max_pool(qnn.MaxPool1d),
    nn.MaxPool2d: moves.max_pool(qnn.MaxPool2d),
    nn.PReLU: _prelu,
    nn.ReLU: _relu,
    nn.ReLU6: _hardtanh,
    nn.SiLU: _table(qnn.SiLU),
    nn.Sigmoid: _table(qnn.Sigmoid),
    nn.Softmax: _softmax,
    nn.Tanh: _table(qnn.Tanh),
    nn.Unflatten: moves.unflatten,
    nn.Upsample: moves.upsample,
    nn.ZeroPad1d: moves.pad,
    nn.ZeroPad2d: moves.pad,
    nn.ZeroPad3d: moves.pad,
    Arithmetic: _arithmetic,
    Concatenation: _join(qnn.Concat),
    Difference: lambda place, _: qnn.Subtract(place.output()),
    Largest: _join(qnn.Maximum),
    Product: _join(qnn.Multiply),
    Smallest: _join(qnn.Minimum),
    Sum: _join(qnn.Add),
    Together: _together,
}


def layer_for(place: Place) -> qnn.Layer:
    """Return the qfx layer of a step; a qfx layer is copied.

    Raises:
        ConvertError: there is none, or not with these arguments.
    """
    module = place.step.module
    build = MODULES.get(type(module))
    if build is not None:
        try:
            return build(place, module)
        except (TypeError, ValueError) as error:
            if isinstance(error, ConvertError):
                raise
            raise place.error(str(error)) from error
    if isinstance(module, qnn.Layer):
        return copy.deepcopy(module)
    name = type(module).__name__
    raise place.error(f"{name} has no qfx layer: {_INSTEAD.get(name, _WRITE)}")


_WRITE = "use one that has (docs/layers.md), or write a qfx.nn.Layer of your own"
_INSTEAD = {
    "AlphaDropout": "use Dropout",
    "Dropout1d": "use Dropout",
    "Softmax2d": "use Softmax behind Flatten",
    "UpsamplingNearest2d": "use Upsample",
    "BatchNorm3d": "images have two axes: use BatchNorm2d",
    "Conv3d": "images have two axes: use Conv2d",
    "ConvTranspose2d": "its patches overlap: use Upsample followed by Conv2d",
    "GRU": "recurrence has no layer: use Conv1d over the sequence",
    "GroupNorm": "its statistics are not constants: use BatchNorm2d",
    "InstanceNorm2d": "its statistics are not constants: use BatchNorm2d",
    "LSTM": "recurrence has no layer: use Conv1d over the sequence",
    "LayerNorm": "its statistics are not constants: use BatchNorm1d",
    "LogSoftmax": "leave it to the loss: train on the logits with cross entropy",
    "MultiheadAttention": "attention has no layer yet: use Conv1d or Linear",
}
