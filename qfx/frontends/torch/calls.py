"""Function and method calls, each as the modules that do the same: the table CALLS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from qfx import nn as qnn
from qfx.frontends.torch.call import BATCH, Call
from qfx.frontends.torch.pointwise import Pointwise
from qfx.frontends.torch.slices import chosen
from qfx.frontends.torch.steps import Arithmetic

Modules = list[nn.Module]


def _same(*_: Any, **__: Any) -> Modules:
    return []


def _plain(module: Callable[[], nn.Module]) -> Callable[..., Modules]:
    def build(call: Call, inplace: bool = False) -> Modules:
        return [module()]

    return build


def _max_pool(module: type[nn.Module]) -> Callable[..., Modules]:
    def build(
        call: Call, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
        ceil_mode: bool = False, return_indices: bool = False,
    ) -> Modules:  # fmt: skip
        return [module(kernel_size, stride, padding, dilation, return_indices, ceil_mode)]

    return build


def _like(module: Callable[..., nn.Module]) -> Callable[..., Modules]:
    """A call whose arguments are its module's."""

    def build(call: Call, *args: Any, **keywords: Any) -> Modules:
        keywords.pop("inplace", None)
        return [module(*args, **keywords)]

    return build


def _dropout(module: type[nn.Module]) -> Callable[..., Modules]:
    def build(call: Call, p: float = 0.5, training: bool = True, inplace: bool = False) -> Modules:
        if training:  # of a model in evaluation
            raise call.error(
                "it drops in evaluation too, for training is not said: pass training=self.training"
            )
        return [module(p)]

    return build


def _softmax(
    call: Call, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Modules:
    if dtype not in (None, torch.float32):
        raise call.error(f"softmax in {dtype} is not followed: leave dtype out")
    return [nn.Softmax(dim)]


def _reshape(call: Call, *sizes: Any, shape: Any = (), size: Any = ()) -> Modules:
    sizes = sizes or (*shape, *size)
    if len(sizes) == 1 and isinstance(sizes[0], (tuple, list, torch.Size)):
        sizes = tuple(sizes[0])
    if not sizes or (sizes[0] is not BATCH and sizes[0] != -1):
        first = sizes[0] if sizes else "nothing"
        raise call.error(
            f"the first size is {first}, but the batch must stay: x.view(x.size(0), ...) or -1"
        )
    rest = list(sizes[1:])
    if not rest and prod(call.known_shape()) == 1:
        return [qnn.Reshape(())]  # one number for each sample
    if rest == [-1]:
        return [nn.Flatten()]
    if -1 in rest and sizes[0] is BATCH:
        rest[rest.index(-1)] = prod(call.known_shape()) // prod(n for n in rest if n != -1)
    if call.shape is not None and prod(call.shape) != prod(rest):
        raise call.error(f"a view of {rest} would mix samples of shape {call.shape}")
    if not all(isinstance(n, int) and n > 0 for n in rest):
        raise call.error(
            f"a view of {rest} cannot be followed: pass input_shape, or use flatten(1)"
        )
    return [qnn.Reshape(rest)]


def _flatten(call: Call, start_dim: int = 0, end_dim: int = -1) -> Modules:
    return [nn.Flatten(start_dim, end_dim)]


def _squeeze(call: Call, dim: int | Sequence[int] | None = None) -> Modules:
    if dim is None:
        raise call.error("squeeze() would also drop the axis of a batch of one: squeeze(-1)")
    shape, axes = call.known_shape(), call.axes(dim)
    if 0 in axes:
        raise call.error("squeeze(0) would drop the axis of a batch of one: leave it out")
    kept = [n for axis, n in enumerate(shape, 1) if not (axis in axes and n == 1)]
    return [qnn.Reshape(kept)]


def _unsqueeze(call: Call, dim: int) -> Modules:
    shape = list(call.known_shape())
    axis = dim % (len(shape) + 2)
    if axis == 0:
        raise call.error("unsqueeze(0) makes another batch axis: leave it to the caller")
    shape.insert(axis - 1, 1)
    return [qnn.Reshape(shape)]


def _permute(call: Call, *axes: Any, dims: Any = ()) -> Modules:
    axes = axes or tuple(dims)
    order = tuple(axes[0]) if len(axes) == 1 and not isinstance(axes[0], int) else axes
    order = tuple(axis % len(order) for axis in order)
    if not order or order[0] != 0:
        raise call.error(f"permute{order} moves the batch axis, which must stay first")
    return [qnn.Permute(order[1:])]


def _transpose(call: Call, dim0: int, dim1: int) -> Modules:
    order = list(range(len(call.known_shape()) + 1))
    first, second = dim0 % len(order), dim1 % len(order)
    order[first], order[second] = second, first
    return _permute(call, *order)


def _over_pixels(
    call: Call, dim: Any, keepdim: bool, word: str, name: str, pools: Sequence[type[nn.Module]]
) -> Modules:
    """Of whole sequences or images, the one pool or the other; of other axes there is no layer."""
    axes = () if dim is None else call.axes(dim)
    known: dict[tuple[int, ...], type[nn.Module]] = {(2, 3): pools[1], (2,): pools[0]}
    rank = len(call.shape) + 1 if call.shape is not None else max(axes, default=0) + 1
    if axes not in known or max(axes) + 1 != rank:
        raise call.error(
            f"a {word} over axes {axes or 'of the batch'} has no layer: the {word} over the pixels"
            f" of an image is x.{name}((2, 3)), of a sequence (samples, channels, length)"
            f" x.{name}(2)"
        )
    return [known[axes](1), *([] if keepdim else [nn.Flatten()])]


def _mean(call: Call, dim: Any = None, keepdim: bool = False) -> Modules:
    pools = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d)
    return _over_pixels(call, dim, keepdim, "mean", "mean", pools)


def _amax(call: Call, dim: Any = None, keepdim: bool = False) -> Modules:
    pools = (nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d)
    return _over_pixels(call, dim, keepdim, "maximum", "amax", pools)


def _affine(scale: Callable[[float], float], offset: Callable[[float], float]) -> Any:
    """x with a number: a normalization."""

    def build(call: Call, other: Any, **keywords: Any) -> Modules:
        number = other.detach() if isinstance(other, Tensor) else torch.tensor(float(other))
        if keywords or number.numel() != 1:
            raise call.error(
                "arithmetic is followed with one number, not with a tensor or keywords: put them"
                " into the layer before or after, or use qfx.nn.Normalize for numbers per channel"
            )
        factor, added = scale(float(number)), offset(float(number))
        if not factor > 0:
            return [Pointwise(f"x * {factor} + {added}")]
        return [Arithmetic(-added / factor, 1 / factor)]

    return build


def _linear(call: Call, weight: Tensor, bias: Tensor | None = None) -> Modules:
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias is not None)
    return [_with(layer, weight, bias)]


def _conv(module: Any) -> Callable[..., Modules]:
    def build(
        call: Call, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0,
        dilation: Any = 1, groups: int = 1,
    ) -> Modules:  # fmt: skip
        inputs, outputs = weight.shape[1] * groups, weight.shape[0]
        kernel = tuple(weight.shape[2:])
        layer = module(inputs, outputs, kernel, stride, padding, dilation, groups, bias is not None)
        return [_with(layer, weight, bias)]

    return build


def _with(layer: Any, weight: Tensor, bias: Tensor | None) -> Any:
    """The layer with these numbers; a parameter is its own, so that one used twice is noticed."""
    for name, given in (("weight", weight), ("bias", bias)):
        if isinstance(given, nn.Parameter):
            setattr(layer, name, given)
        elif given is not None:
            getattr(layer, name).data.copy_(given)
    return layer


def _pad(call: Call, pad: Sequence[int], mode: str = "constant", value: Any = None) -> Modules:
    if mode != "constant" or value not in (None, 0, 0.0):
        raise call.error(
            f"padding is with zeros, not {mode} {value or ''}".rstrip()
            + ": leave mode and value out"
        )
    return [qnn.Pad(pad)]


def _interpolate(
    call: Call, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
    align_corners: Any = None, recompute_scale_factor: Any = None, antialias: bool = False,
) -> Modules:  # fmt: skip
    return [nn.Upsample(size, scale_factor, mode, align_corners)]


def _clamp(call: Call, min: Any = None, max: Any = None) -> Modules:
    if max is None and min == 0:
        return [nn.ReLU()]
    if min is None or max is None:
        return [Pointwise(f"clamp(x, {min}, {max})")]
    return [nn.Hardtanh(float(min), float(max))]


def _prelu(call: Call, weight: Tensor) -> Modules:
    layer = nn.PReLU(weight.numel())
    return [_with(layer, weight.reshape(-1), None)]


def _getitem(call: Call, index: Any) -> Modules:
    return chosen(call, index)


def _narrow(call: Call, dim: int, start: int, length: int) -> Modules:
    return chosen(call, _along(call, dim, slice(start, start + length)))


def _select(call: Call, dim: int, index: int) -> Modules:
    return chosen(call, _along(call, dim, index))


def _along(call: Call, dim: int, index: Any) -> tuple[Any, ...]:
    """What chooses along one axis, and all of the others."""
    axis = dim % (len(call.known_shape()) + 1)
    return (*[slice(None)] * axis, index)


CALLS: dict[str, Callable[..., Modules]] = {
    "adaptive_avg_pool1d": _like(nn.AdaptiveAvgPool1d),
    "adaptive_avg_pool2d": _like(nn.AdaptiveAvgPool2d),
    "adaptive_max_pool1d": _like(nn.AdaptiveMaxPool1d),
    "adaptive_max_pool2d": _like(nn.AdaptiveMaxPool2d),
    "add": _affine(lambda c: 1.0, lambda c: c),
    "amax": _amax,
    "avg_pool1d": _like(nn.AvgPool1d),
    "avg_pool2d": _like(nn.AvgPool2d),
    "clamp": _clamp,
    "clamp_": _clamp,
    "clone": _same,
    "contiguous": _same,
    "detach": _same,
    "conv1d": _conv(nn.Conv1d),
    "conv2d": _conv(nn.Conv2d),
    "div": _affine(lambda c: 1 / c, lambda c: 0.0),
    "dropout": _dropout(nn.Dropout),
    "dropout2d": _dropout(nn.Dropout2d),
    "flatten": _flatten,
    "float": _same,
    "gelu": _like(nn.GELU),
    "getitem": _getitem,
    "hardsigmoid": _plain(nn.Hardsigmoid),
    "hardswish": _plain(nn.Hardswish),
    "hardtanh": _like(nn.Hardtanh),
    "interpolate": _interpolate,
    "leaky_relu": _like(nn.LeakyReLU),
    "linear": _linear,
    "max_pool1d": _max_pool(nn.MaxPool1d),
    "max_pool2d": _max_pool(nn.MaxPool2d),
    "mean": _mean,
    "mul": _affine(lambda c: c, lambda c: 0.0),
    "narrow": _narrow,
    "pad": _pad,
    "permute": _permute,
    "prelu": _prelu,
    "relu": _plain(nn.ReLU),
    "relu6": _plain(nn.ReLU6),
    "relu_": _plain(nn.ReLU),
    "reshape": _reshape,
    "select": _select,
    "sigmoid": _plain(nn.Sigmoid),
    "silu": _plain(nn.SiLU),
    "softmax": _softmax,
    "squeeze": _squeeze,
    "sub": _affine(lambda c: 1.0, lambda c: -c),
    "tanh": _plain(nn.Tanh),
    "transpose": _transpose,
    "truediv": _affine(lambda c: 1 / c, lambda c: 0.0),
    "unsqueeze": _unsqueeze,
    "view": _reshape,
}
