"""Batch normalization as two fixed-point numbers per channel: y = a x + c."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from qfx.ir import GraphBuilder, Value
from qfx.nn.layer import Layer, LoweringError, require_frozen
from qfx.nn.quantizer import Quantizer
from qfx.nn.weighted import Weighted
from qfx.ops import MultiplyConstant


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
        return _scaled(x, slope, grad_mean / count - slope * mean)


_statistics: Callable[[Tensor], tuple[Tensor, Tensor]] = _Statistics.apply


def _scaled(x: Tensor, scale: Tensor, offset: Tensor) -> Tensor:
    """scale * x + offset by channel in one pass: normalization by mean 0 and variance 1."""
    if torch.compiler.is_compiling():
        shape = (-1, *[1] * (x.ndim - 2))
        return x * scale.reshape(shape) + offset.reshape(shape)
    zero, one = torch.zeros_like(scale), torch.ones_like(scale)
    return nn.functional.batch_norm(x, zero, one, scale, offset, eps=0.0)


class _BatchNorm(Layer):
    """Scale a = gamma / sqrt(var + eps) and offset c = beta - mean a, each cast to its own grid.

    Training computes them from batch statistics and casts them, so that it sees the deployed form;
    evaluation uses running statistics, and after freeze the stored integers, which agree exactly.

    Args:
        num_features: channels, the second axis.
        scale, offset: quantizers of a and c; True for 8 bits.
        fold: instead of multiplying by a, let the Conv2d or Linear directly before it in a
            Sequential cast a times its weight, and its bias (Jacob et al., arXiv 1712.05877, 3.2).
            Other integers come of it, so it is chosen before training.
        output: True for an 8-bit result, a Quantizer, or None to leave the exact sum.
        eps, momentum: as in torch.
    """

    scale_integers: Tensor  # int64, (num_features,): written by freeze
    offset_integers: Tensor
    running_mean: Tensor
    running_var: Tensor
    axes: int  # of a batch

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
        super().__init__()
        if fold and isinstance(scale, Quantizer) | isinstance(offset, Quantizer):
            raise ValueError(
                f"{type(self).__name__}(fold=True) has no scale and offset of its own to quantize:"
                " give their quantizers as weight and bias of the layer before it"
            )
        self.fold, self.into = fold, ""  # the name of the layer that folded it
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        shape = (num_features,)
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.scale, self.offset = (
            None if fold else (q if isinstance(q, Quantizer) else Quantizer(8)).for_parameter(shape)
            for q in (scale, offset)
        )
        self.output = output if isinstance(output, Quantizer) else Quantizer(8) if output else None
        for name in ("scale_integers", "offset_integers"):
            self.register_buffer(name, torch.zeros(num_features, dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim != self.axes or x.shape[1] != self.num_features:
            raise ValueError(
                f"{type(self).__name__}({self.num_features}) takes {self.axes} axes with"
                f" {self.num_features} channels in the second, not {tuple(x.shape)}"
            )
        if self.scale is None or self.offset is None:
            self._require_folded()
            return self.output(x) if self.output else x
        if self.is_exact:
            x = x.double()
            scale = self.scale.values(self.scale_integers)
            offset = self.offset.values(self.offset_integers)
        else:
            scale, offset = self._affine(*self._statistics(x))
            scale, offset = self.scale(scale), self.offset(offset)
            y = _scaled(x, scale, offset)
            return self.output(y) if self.output else y
        y = x * self._per_channel(scale) + self._per_channel(offset)
        return self.output(y) if self.output else y

    def _statistics(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance of each channel: the batch's in training, else the running ones."""
        if not self.training:
            return self.running_mean, self.running_var
        if torch.compiler.is_compiling():
            axes = [axis for axis in range(x.ndim) if axis != 1]
            var, mean = torch.var_mean(x, axes, correction=0)
        else:
            mean, var = _statistics(x)
        count = x.numel() / self.num_features
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(var * count / max(1.0, count - 1), self.momentum)
        return mean, var

    def _affine(self, mean: Tensor, var: Tensor) -> tuple[Tensor, Tensor]:
        scale = self.gamma / torch.sqrt(var + self.eps)
        return scale, self.beta - mean * scale

    def meet(self, before: Layer | None, after: Layer | None) -> None:
        if self.fold and isinstance(before, Weighted):
            before.fold(self)
            self.into = type(before).__name__

    def _require_folded(self) -> None:
        if not self.into:
            raise LoweringError(
                f"{type(self).__name__}(fold=True) needs a Conv2d or Linear directly before it in a"
                " Sequential to be folded into"
            )

    def fold_parameters(
        self, weight: Tensor, bias: Tensor | None, sums: Callable[[], Tensor] | None
    ) -> tuple[Tensor, Tensor]:
        """The weight and bias that normalize too."""
        if self.training and sums is not None:
            mean, var = self._statistics(sums())
        else:
            mean, var = self.running_mean, self.running_var
        scale, offset = self._affine(mean, var)
        folded = weight * scale.reshape(-1, *[1] * (weight.ndim - 1))
        return folded, offset if bias is None else offset + bias * scale

    def _per_channel(self, values: Tensor) -> Tensor:
        return values.reshape(-1, *[1] * (self.axes - 2))

    @torch.no_grad()
    def freeze_parameters(self) -> None:
        if self.scale is None or self.offset is None:
            return
        scale, offset = self._affine(self.running_mean, self.running_var)
        self.scale_integers.copy_(self.scale.integers(scale))
        self.offset_integers.copy_(self.offset.integers(offset))

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        if self.scale is None or self.offset is None:
            self._require_folded()
        else:
            shape = (-1, *[1] * (len(x.type.shape) - 1))
            scale = self.scale.array(self.scale_integers).reshape(shape)
            offset = self.offset.array(self.offset_integers).reshape(shape)
            x = builder.add_constant(builder.add(MultiplyConstant(scale), x), offset)
        return self.output.lower(builder, x) if self.output else x

    def config(self) -> dict[str, Any]:
        return {
            "num_features": self.num_features,
            "scale": self.scale or True,
            "offset": self.offset or True,
            "output": self.output,
            "eps": self.eps,
            "momentum": self.momentum,
            "fold": self.fold,
        }


class BatchNorm1d(_BatchNorm):
    """Batch normalization of (samples, features)."""

    axes = 2


class BatchNorm2d(_BatchNorm):
    """Batch normalization of (samples, channels, height, width)."""

    axes = 4
