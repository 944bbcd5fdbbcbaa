"""Batch normalization as two fixed-point numbers per channel: y = a x + c."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from qfx.fixedpoint import FixedPointArray
from qfx.ir import GraphBuilder, Value
from qfx.nn.cast import power_of_two
from qfx.nn.layer import Layer, require_frozen
from qfx.nn.quantizer import Quantizer
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


def _scaled(x: Tensor, scale: Tensor, offset: Tensor) -> Tensor:
    """scale * x + offset by channel, in one pass: torch's normalization by mean 0 and variance 1."""
    zero, one = torch.zeros_like(scale), torch.ones_like(scale)
    return nn.functional.batch_norm(x, zero, one, scale, offset, eps=0.0)


class _BatchNorm(Layer):
    """Scale a = gamma / sqrt(var + eps) and offset c = beta - mean a, each cast to its own grid.

    Training computes them from batch statistics and casts them, so that it sees the deployed form;
    evaluation uses running statistics, and after freeze the stored integers, which agree exactly.

    Args:
        num_features: channels, the second axis.
        scale, offset: quantizers of a and c; True for 8 bits.
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
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.scale = (scale if isinstance(scale, Quantizer) else Quantizer(8)).for_parameter()
        self.offset = (offset if isinstance(offset, Quantizer) else Quantizer(8)).for_parameter()
        self.output = output if isinstance(output, Quantizer) else Quantizer(8) if output else None
        for name in ("scale_integers", "offset_integers"):
            self.register_buffer(name, torch.zeros(num_features, dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim != self.axes or x.shape[1] != self.num_features:
            raise ValueError(
                f"{type(self).__name__}({self.num_features}) takes {self.axes} axes with"
                f" {self.num_features} channels in the second, not {tuple(x.shape)}"
            )
        if self.is_exact:
            double = torch.float64
            scale = self.scale_integers * power_of_two(-self.scale.fraction_bits, double)
            offset = self.offset_integers * power_of_two(-self.offset.fraction_bits, double)
            x = x.double()
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
        mean, var = _Statistics.apply(x)
        count = x.numel() / self.num_features
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(var * count / max(1.0, count - 1), self.momentum)
        return mean, var

    def _affine(self, mean: Tensor, var: Tensor) -> tuple[Tensor, Tensor]:
        scale = self.gamma / torch.sqrt(var + self.eps)
        return scale, self.beta - mean * scale

    def _per_channel(self, values: Tensor) -> Tensor:
        return values.reshape(-1, *[1] * (self.axes - 2))

    @torch.no_grad()
    def freeze_parameters(self) -> None:
        scale, offset = self._affine(self.running_mean, self.running_var)
        self.scale_integers.copy_(self.scale.integers(scale))
        self.offset_integers.copy_(self.offset.integers(offset))

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        shape = (-1, *[1] * (len(x.type.shape) - 1))
        scale = self.scale_integers.cpu().numpy().reshape(shape)
        offset = self.offset_integers.cpu().numpy().reshape(shape)
        y = builder.add(MultiplyConstant(FixedPointArray(scale, self.scale.dtype)), x)
        y = builder.add_constant(y, FixedPointArray(offset, self.offset.dtype))
        return self.output.lower(builder, y) if self.output else y

    def config(self) -> dict[str, Any]:
        return {
            "num_features": self.num_features,
            "scale": self.scale,
            "offset": self.offset,
            "output": self.output,
            "eps": self.eps,
            "momentum": self.momentum,
        }


class BatchNorm1d(_BatchNorm):
    """Batch normalization of (samples, features)."""

    axes = 2


class BatchNorm2d(_BatchNorm):
    """Batch normalization of (samples, channels, height, width)."""

    axes = 4
