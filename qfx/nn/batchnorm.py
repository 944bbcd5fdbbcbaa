"""Batch normalization as two fixed-point numbers per channel: y = a x + c."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.affine import Affine, scaled
from qfx.nn.arguments import given_quantizer, require_count, require_number, require_share
from qfx.nn.layer import Layer, LoweringError
from qfx.nn.quantizer import Quantizer
from qfx.nn.weighted import Weighted


class _Statistics(torch.autograd.Function):
    """Mean and (biased) variance of each channel; its backward is one affine map of x."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> tuple[Tensor, Tensor]:
        mean, var = torch.batch_norm_update_stats(x, None, None, 0.0)
        ctx.save_for_backward(x, mean)
        return mean, var

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> Tensor:
        grad_mean, grad_var = grad_outputs
        x, mean = ctx.saved_tensors
        count = x.numel() / len(mean)
        slope = 2 / count * grad_var
        return scaled(x, slope, grad_mean / count - slope * mean)


_statistics: Callable[[Tensor], tuple[Tensor, Tensor]] = _Statistics.apply


def batch_statistics(
    x: Tensor, running_mean: Tensor, running_var: Tensor, momentum: float
) -> tuple[Tensor, Tensor]:
    """Return mean and variance of each channel of a batch; the running ones follow them, in
    place.
    """
    if torch.compiler.is_compiling():
        axes = [axis for axis in range(x.ndim) if axis != 1]
        var, mean = torch.var_mean(x, axes, correction=0)
    else:
        mean, var = _statistics(x)
    count = x.numel() / len(running_mean)
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * count / max(1.0, count - 1), momentum)
    return mean, var


def require_channels(layer: Layer, x: Tensor, axes: tuple[int, ...], channels: int) -> None:
    """Raise ArgumentError unless `x` is a batch with one of these numbers of axes and channels."""
    if x.ndim not in axes or x.shape[1] != channels:
        counts = " or ".join(map(str, axes))
        raise ArgumentError(
            f"{type(layer).__name__}({channels}) takes {counts} axes with"
            f" {channels} channels in the second, not {tuple(x.shape)}"
        )


class _BatchNorm(Affine):
    """Scale a = gamma / sqrt(var + eps) and offset c = beta - mean a, each cast to its own grid.

    Training computes them from batch statistics and casts them, so that it sees the deployed form;
    evaluation uses running statistics, and after freeze the stored integers, which agree exactly.

    Args:
        num_features: channels, the second axis.
        scale, offset: quantizers of a and c; True for 8 bits.
        fold: instead of multiplying by a, let the Conv2d or Linear directly before it, which
            nothing else reads, cast a times its weight, and its bias (Jacob et al., arXiv
            1712.05877, 3.2).
            Other integers come of it, so it is chosen before training.
        output: True for an 8-bit result, a Quantizer, or None to leave the exact sum.
        eps, momentum: as in torch.
    """

    running_mean: Tensor
    running_var: Tensor
    axes: tuple[int, ...]  # how many a batch may have

    def __init__(
        self,
        num_features: int,
        *,
        scale: Quantizer | bool = True,
        offset: Quantizer | bool = True,
        output: Quantizer | bool | None = True,
        eps: float = 1e-5,
        momentum: float = 0.1,
        fold: bool = False,
    ) -> None:
        if fold and isinstance(scale, Quantizer) | isinstance(offset, Quantizer):
            raise ArgumentError(
                f"{type(self).__name__}(fold=True) has no scale and offset of its own to quantize:"
                " give their quantizers as weight and bias of the layer before it"
            )
        own_scale = given_quantizer("scale", scale, plain=(True,))
        own_offset = given_quantizer("offset", offset, plain=(True,))
        num_features = require_count("num_features", num_features)
        super().__init__(num_features, own_scale, own_offset, output)
        if fold:  # cast elsewhere
            self.register_module("scale", None)
            self.register_module("offset", None)
        self.fold, self.into = fold, ""  # the name of the layer that folded it
        self.num_features, self.eps = num_features, require_number("eps", eps, 0)
        self.momentum = require_share("momentum", momentum)
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x: Tensor) -> Tensor:
        require_channels(self, x, self.axes, self.num_features)
        if self.fold:
            self._require_folded(len(x.shape) - 1)
            return self.output(x) if self.output else x
        return super().forward(x)

    def coefficients(self, x: Tensor | None) -> tuple[Tensor, Tensor]:
        if self.training and x is not None:
            mean, var = batch_statistics(x, self.running_mean, self.running_var, self.momentum)
        else:
            mean, var = self.running_mean, self.running_var
        scale = self.gamma / torch.sqrt(var + self.eps)
        return scale, self.beta - mean * scale

    def meet(self, before: Layer | None, after: Layer | None) -> None:
        if self.fold and isinstance(before, Weighted):
            before.fold(self)
            self.into = type(before).__name__

    def _require_folded(self, axes: int) -> None:
        if not self.into:
            raise LoweringError(
                f"{type(self).__name__}(fold=True) needs a Conv2d or Linear directly before it,"
                " which nothing else reads, to be folded into"
            )
        if self.into == "Linear" and axes != 1:
            raise LoweringError(
                f"{type(self).__name__}(fold=True) behind a Linear normalizes vectors, whose axis"
                f" is the Linear's; a sample here has {axes} axes: pass fold=False"
            )

    def fold_parameters(
        self, weight: Tensor, bias: Tensor | None, sums: Callable[[], Tensor] | None
    ) -> tuple[Tensor, Tensor]:
        """Return the weight and bias that normalize too."""
        scale, offset = self.coefficients(sums() if self.training and sums is not None else None)
        folded = weight * scale.reshape(-1, *[1] * (weight.ndim - 1))
        return folded, offset if bias is None else offset + bias * scale

    def freeze_parameters(self) -> None:
        if not self.fold:
            super().freeze_parameters()

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        if not self.fold:
            return super().lower(builder, x)
        self._require_folded(len(x.type.shape))
        return self.output.lower(builder, x) if self.output else x

    def config(self) -> dict[str, Any]:
        return {
            "num_features": self.num_features,
            "scale": self.fold or self.scale,
            "offset": self.fold or self.offset,
            "output": self.output,
            "eps": self.eps,
            "momentum": self.momentum,
            "fold": self.fold,
        }


class BatchNorm1d(_BatchNorm):
    """Batch normalization of (samples, features) or (samples, channels, length)."""

    axes = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Batch normalization of (samples, channels, height, width)."""

    axes = (4,)
