"""Torch's modules, each as the qfx layer that computes the same: the table MODULES."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from qfx import nn as qnn
from qfx.frontends.formats import Formats
from qfx.frontends.steps import ConvertError, Step


@dataclass(frozen=True)
class Place:
    """What a layer must know of where it stands.

    Args:
        step: the module it replaces.
        formats: its quantizers.
        exact: whether its operand is an exact sum, which it has to cast.
        nonnegative: whether no element of its operand is negative.
        kept_exact: whether what follows casts its result.
        folds: whether a batch normalization behind it is folded into it.
    """

    step: Step
    formats: Formats
    exact: bool
    nonnegative: bool
    kept_exact: bool
    folds: bool

    def error(self, sentence: str) -> ConvertError:
        return ConvertError(f"{self.step.path}: {sentence}")

    def output(self, signed: bool = True) -> qnn.Quantizer | None:
        """The quantizer of a result that is an exact sum or product."""
        return None if self.kept_exact else self.formats.output(self.step.path, signed)

    def kept(self, signed: bool) -> qnn.Quantizer | None:
        """The quantizer of a result that stays on its operand's grid, where it has one."""
        return self.output(signed) if self.exact else None

    def require(self, module: nn.Module, **expected: Any) -> None:
        """Raises ConvertError unless the module's attributes are as expected."""
        for name, value in expected.items():
            found = getattr(module, name, value)
            if found != value:
                raise self.error(
                    f"{type(module).__name__}({name}={found!r}) has no fixed-point form, only"
                    f" {name}={value!r}"
                )


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
        padding = _named_padding(place, m) if isinstance(m.padding, str) else m.padding

        def conv(*sizes: Any, **quantizers: Any) -> Any:
            return kind(
                *sizes, stride=_one(m.stride), padding=_one(padding), dilation=_one(m.dilation),
                groups=m.groups, **quantizers,
            )  # fmt: skip

        return _weighted(place, conv, m, m.in_channels, m.out_channels, _one(m.kernel_size))

    return build


def _one(size: Any) -> Any:
    """A size of one axis as a number: torch's one-dimensional modules keep them in tuples."""
    return size[0] if isinstance(size, tuple) and len(size) == 1 else size


def _named_padding(place: Place, m: Any) -> Any:
    """padding="same" or "valid" in pixels."""
    if m.padding == "valid":
        return 0
    spans = [dilation * (k - 1) for dilation, k in zip(m.dilation, m.kernel_size, strict=True)]
    if any(span % 2 for span in spans):
        raise place.error(
            "padding='same' with an even kernel pads one side more: put qfx.nn.Pad before it"
        )
    return tuple(span // 2 for span in spans)


def _batchnorm(kind: Callable[..., Any]) -> Callable[[Place, Any], Any]:
    def build(place: Place, m: Any) -> Any:
        if m.running_mean is None:
            raise place.error(
                f"{type(m).__name__} keeps no running statistics, which hardware needs as"
                " constants: make it with track_running_stats=True"
            )
        path, features = place.step.path, m.num_features
        if place.folds:
            output = place.output()
            layer = kind(features, fold=True, output=output, eps=m.eps, momentum=_momentum(m))
        else:
            scale, offset = (place.formats.parameter(path, key) for key in ("weight", "bias"))
            layer = kind(
                features, scale=scale, offset=offset, output=place.output(),
                eps=m.eps, momentum=_momentum(m),
            )  # fmt: skip
        given = {"gamma": m.weight, "beta": m.bias} if m.affine else {}
        return _copied(layer, running_mean=m.running_mean, running_var=m.running_var, **given)

    return build


def _momentum(m: Any) -> float:
    return 0.1 if m.momentum is None else float(m.momentum)


def _relu(place: Place, m: nn.ReLU) -> qnn.Layer:
    return qnn.ReLU(place.kept(signed=False))


def _hardtanh(place: Place, m: nn.Hardtanh) -> qnn.Layer:
    output = place.kept(signed=m.min_val < 0)
    if isinstance(m, nn.ReLU6):
        return qnn.ReLU6(output)
    return qnn.Hardtanh(m.min_val, m.max_val, output)


def _table(kind: type[qnn.lookup.Lookup]) -> Callable[[Place, Any], Any]:
    def build(place: Place, m: Any) -> Any:
        place.require(m, approximate="none")
        path = place.step.path
        signed = kind.signed and not place.nonnegative
        operand = place.formats.output(path, not place.nonnegative)
        return kind(operand, place.formats.output(path, signed))

    return build


def _leaky_relu(place: Place, m: nn.LeakyReLU) -> qnn.Layer:
    return qnn.LeakyReLU(m.negative_slope, output=place.output())


def _prelu(place: Place, m: nn.PReLU) -> qnn.Layer:
    slope = place.formats.parameter(place.step.path)
    layer = qnn.PReLU(m.num_parameters, slope=slope, output=place.output())
    return _copied(layer, weight=m.weight)  # type: ignore[no-any-return]


def _max_pool(kind: Callable[..., Any]) -> Callable[[Place, Any], Any]:
    def build(place: Place, m: Any) -> Any:
        place.require(m, ceil_mode=False, return_indices=False)
        if m.dilation not in (1, (1, 1)):
            place.require(m, dilation=1)
        return kind(_one(m.kernel_size), _one(m.stride), _one(m.padding))

    return build


def _avg_pool(kind: Callable[..., Any]) -> Callable[[Place, Any], Any]:
    def build(place: Place, m: Any) -> Any:
        place.require(m, ceil_mode=False, divisor_override=None)
        output = place.output(not place.nonnegative)
        sizes = (_one(size) for size in (m.kernel_size, m.stride, m.padding))
        return kind(*sizes, count_include_pad=m.count_include_pad, output=output)

    return build


def _adaptive_pool(whole: Any, pool: Any) -> Callable[[Place, Any], Any]:
    """The mean of all, or of patches of one size where the sizes are known to divide."""

    def build(place: Place, m: Any) -> Any:
        given = m.output_size if isinstance(m.output_size, tuple) else (m.output_size,)
        axes = 1 if whole is qnn.AdaptiveAvgPool1d else 2
        given = given * axes if len(given) == 1 else given
        output = place.output(not place.nonnegative)
        if all(size == 1 for size in given):
            return whole(1, output=output)
        if place.step.shape is None:
            raise place.error("to which patches it comes is not known: pass input_shape to convert")
        sizes = place.step.shape[1:]
        wanted = [own if size is None else size for own, size in zip(sizes, given, strict=True)]
        if tuple(wanted) == tuple(sizes):
            return qnn.Identity()
        if any(size % want for size, want in zip(sizes, wanted, strict=True)):
            raise place.error(
                f"an image of {sizes} in {tuple(wanted)} patches would have some of several sizes:"
                " choose sizes that divide"
            )
        kernel = tuple(size // want for size, want in zip(sizes, wanted, strict=True))
        return pool(kernel if axes == 2 else kernel[0], output=output)

    return build


def _softmax(place: Place, m: nn.Softmax) -> qnn.Layer:
    if m.dim not in (1, -1) or (place.step.shape is not None and len(place.step.shape) != 1):
        raise place.error(
            f"Softmax(dim={m.dim}) of (samples, features) alone has a layer, with dim=1 or -1:"
            " flatten before it"
        )
    path = place.step.path
    operand = place.formats.output(path, not place.nonnegative)
    return qnn.Softmax(input=operand, output=place.formats.probabilities(path))


def _flatten(place: Place, m: nn.Flatten) -> qnn.Layer:
    if m.start_dim == 1 and m.end_dim == -1:
        return qnn.Flatten()
    rank = None if place.step.shape is None else len(place.step.shape) + 1
    if m.start_dim == 0 or m.start_dim == -(rank or 0):
        raise place.error("flatten from axis 0 mixes the samples of a batch: flatten(x, 1)")
    if place.step.shape is None:
        raise place.error("flattening some axes needs their sizes: pass input_shape to convert")
    shape = torch.zeros(1, *place.step.shape).flatten(m.start_dim, m.end_dim).shape[1:]
    return qnn.Reshape(shape)


def _unflatten(place: Place, m: nn.Unflatten) -> qnn.Layer:
    if place.step.shape is None:
        raise place.error("unflattening needs the sizes: pass input_shape to convert")
    return qnn.Reshape(m(torch.zeros(1, *place.step.shape)).shape[1:])


def _pad(place: Place, m: Any) -> qnn.Layer:
    if getattr(m, "value", 0.0) != 0:
        raise place.error(f"padding is with zeros, not {m.value}: use ZeroPad2d")
    return qnn.Pad(m.padding)


def _upsample(place: Place, m: nn.Upsample) -> qnn.Layer:
    if m.size is not None:
        raise place.error(f"Upsample to size {m.size} is not followed: give a whole scale_factor")
    if place.step.shape is not None and len(place.step.shape) != 3:
        raise place.error(
            f"Upsample takes (channels, height, width), not {place.step.shape}: unsqueeze first"
        )
    place.require(m, mode="nearest")
    factors = m.scale_factor if isinstance(m.scale_factor, tuple) else (m.scale_factor,) * 2
    if any(factor is None or factor != int(factor) or factor < 1 for factor in factors):
        raise place.error(
            f"a scale factor of {m.scale_factor} is not whole, and pixels are repeated: use 2, 3..."
        )
    return qnn.Upsample((int(factors[0] or 1), int(factors[1] or 1)))


def _embedding(place: Place, m: nn.Embedding) -> qnn.Layer:
    place.require(m, max_norm=None, scale_grad_by_freq=False, sparse=False)
    weight = place.formats.weight(place.step.path)
    sizes = m.num_embeddings, m.embedding_dim
    layer = qnn.Embedding(*sizes, padding_idx=m.padding_idx, weight=weight)
    return _copied(layer, weight=m.weight)  # type: ignore[no-any-return]


def _normalize(place: Place, m: qnn.Normalize) -> qnn.Layer:
    """Folded into what follows where it can be, else cast by itself."""
    return qnn.Normalize(m.mean.tolist(), m.std.tolist())


MODULES: dict[type[nn.Module], Callable[[Place, Any], qnn.Layer]] = {
    nn.AdaptiveAvgPool1d: _adaptive_pool(qnn.AdaptiveAvgPool1d, qnn.AvgPool1d),
    nn.AdaptiveAvgPool2d: _adaptive_pool(qnn.AdaptiveAvgPool2d, qnn.AvgPool2d),
    nn.AvgPool1d: _avg_pool(qnn.AvgPool1d),
    nn.AvgPool2d: _avg_pool(qnn.AvgPool2d),
    nn.BatchNorm1d: _batchnorm(qnn.BatchNorm1d),
    nn.BatchNorm2d: _batchnorm(qnn.BatchNorm2d),
    nn.ConstantPad2d: _pad,
    nn.Conv1d: _conv(qnn.Conv1d),
    nn.Conv2d: _conv(qnn.Conv2d),
    nn.Dropout: lambda place, m: qnn.Dropout(m.p),
    nn.Dropout2d: lambda place, m: qnn.Dropout2d(m.p),
    nn.Embedding: _embedding,
    nn.Flatten: _flatten,
    nn.GELU: _table(qnn.GELU),
    nn.Hardsigmoid: _table(qnn.Hardsigmoid),
    nn.Hardswish: _table(qnn.Hardswish),
    nn.Hardtanh: _hardtanh,
    nn.Identity: lambda place, m: qnn.Identity(),
    nn.LeakyReLU: _leaky_relu,
    nn.Linear: _linear,
    nn.MaxPool1d: _max_pool(qnn.MaxPool1d),
    nn.MaxPool2d: _max_pool(qnn.MaxPool2d),
    nn.PReLU: _prelu,
    nn.ReLU: _relu,
    nn.ReLU6: _hardtanh,
    nn.SiLU: _table(qnn.SiLU),
    nn.Sigmoid: _table(qnn.Sigmoid),
    nn.Softmax: _softmax,
    nn.Tanh: _table(qnn.Tanh),
    nn.Unflatten: _unflatten,
    nn.Upsample: _upsample,
    nn.ZeroPad2d: _pad,
    qnn.Normalize: _normalize,
}


def layer_for(place: Place) -> qnn.Layer:
    """The qfx layer of a step; a qfx layer is copied.

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
    "AdaptiveMaxPool2d": "use MaxPool2d over the whole image",
    "AlphaDropout": "use Dropout",
    "Dropout1d": "use Dropout",
    "Softmax2d": "use Softmax behind Flatten",
    "UpsamplingNearest2d": "use Upsample",
    "BatchNorm3d": "images have two axes: use BatchNorm2d",
    "Conv3d": "images have two axes: use Conv2d",
    "ConvTranspose2d": "its patches overlap: use Upsample followed by Conv2d",
    "ELU": "use LeakyReLU or SiLU",
    "GRU": "recurrence has no layer: use Conv1d over the sequence",
    "GroupNorm": "its statistics are not constants: use BatchNorm2d",
    "InstanceNorm2d": "its statistics are not constants: use BatchNorm2d",
    "LSTM": "recurrence has no layer: use Conv1d over the sequence",
    "LayerNorm": "its statistics are not constants: use BatchNorm1d",
    "LogSoftmax": "leave it to the loss: train on the logits with cross entropy",
    "MultiheadAttention": "attention has no layer yet: use Conv1d or Linear",
    "Softplus": "use ReLU or SiLU",
}
