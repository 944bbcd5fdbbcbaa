"""Batch normalization as the textbook writes it, each of its steps cast: subtract, divide,
multiply, add.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from qfx.errors import ArgumentError
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import given_quantizer, require_count, require_number, require_share
from qfx.nn.batchnorm import batch_statistics, require_channels
from qfx.nn.cast import power_of_two, truncate
from qfx.nn.layer import Layer, require_frozen
from qfx.nn.quantizer import Quantizer
from qfx.ops import DivideConstant, MultiplyConstant

_PARAMETERS = ("mean", "deviation", "gamma", "beta")  # what freeze writes, one number a channel


class _LiteralBatchNorm(Layer):
    """d = cast(x - mu), v = cast(var + eps), r = cast(sqrt v), n = cast(d / r), g = cast(n gamma),
    y = cast(g + beta), where mu, gamma and beta are cast too.

    The quotient is ap_fixed's: truncated toward zero on the grid of d (a finer one where that of r
    is coarser than 1), before its cast. So the fraction bits of d bound those of n. Training takes
    mu and var from the batch, evaluation from running statistics, which stay float until freeze
    writes mu, r, gamma and beta as integers.

    v and r that round to 0 become one LSB, so that r never divides by 0.

    BatchNorm2d, with one multiplication and one addition, is the cheaper hardware: a divider of
    many bits in each lane is large and slow. This is for designs that have to follow given code.

    Args:
        num_features: channels, the second axis.
        mean, variance, deviation, gamma, beta: quantizers of mu, v, r, gamma and beta; None for 8
            bits, unsigned for v and r.
        centered, normalized, scaled, output: quantizers of d, n, g and y; None for 8 bits.
        eps, momentum: as in torch.

    Raises:
        ArgumentError: `variance` or `deviation` has no positive number, or x other channels.
    """

    running_mean: Tensor
    running_var: Tensor
    mean_integers: Tensor  # int64, (channels,), as the next three: written by freeze
    deviation_integers: Tensor
    gamma_integers: Tensor
    beta_integers: Tensor
    axes: tuple[int, ...]  # how many a batch may have

    def __init__(
        self,
        num_features: int,
        *,
        mean: Quantizer | None = None,
        variance: Quantizer | None = None,
        deviation: Quantizer | None = None,
        gamma: Quantizer | None = None,
        beta: Quantizer | None = None,
        centered: Quantizer | None = None,
        normalized: Quantizer | None = None,
        scaled: Quantizer | None = None,
        output: Quantizer | None = None,
        eps: float = 1e-5,
        momentum: float = 0.1,
    ) -> None:
        super().__init__()
        shape = (require_count("num_features", num_features),)
        self.num_features = num_features
        self.eps = require_number("eps", eps, 0)
        self.momentum = require_share("momentum", momentum)
        self.mean_quantizer = _own("mean", mean).for_parameter(shape)
        self.variance_quantizer = _own("variance", variance, False).for_parameter(shape)
        self.deviation_quantizer = _own("deviation", deviation, False).for_parameter(shape)
        self.gamma_quantizer = _own("gamma", gamma).for_parameter(shape)
        self.beta_quantizer = _own("beta", beta).for_parameter(shape)
        for name, quantizer in (
            ("variance", self.variance_quantizer),
            ("deviation", self.deviation_quantizer),
        ):
            if quantizer.dtype.max_int < 1:
                raise ArgumentError(
                    f"{name}={quantizer.dtype} holds no positive number: use signed=False"
                )
        self.centered = _own("centered", centered)
        self.normalized = _own("normalized", normalized)
        self.scaled = _own("scaled", scaled)
        self.output = _own("output", output)
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        for name in _PARAMETERS:
            zeros = torch.zeros(num_features, dtype=torch.int64)
            self.register_buffer(f"{name}_integers", zeros)

    def forward(self, x: Tensor) -> Tensor:
        require_channels(self, x, self.axes, self.num_features)
        if self.is_exact:
            x = x.double()
            numbers = [self._quantizer(n).values(self._integers(n)) for n in _PARAMETERS]
        else:
            numbers = list(self._statistics(x))
            numbers += [self.gamma_quantizer(self.gamma), self.beta_quantizer(self.beta)]
        shape = (-1, *[1] * (x.ndim - 2))
        mean, deviation, gamma, beta = (number.reshape(shape) for number in numbers)
        d = self.centered(x - mean).to(x.dtype)
        n = self.normalized(self._quotient(d, deviation)).to(x.dtype)
        g = self.scaled(n * gamma).to(x.dtype)
        y: Tensor = self.output(g + beta)
        return y

    def _quotient(self, d: Tensor, deviation: Tensor) -> Tensor:
        exact = d / deviation
        if self.normalized.bypassed:
            return exact
        coarse = min(0, self.deviation_quantizer.dtype.fraction_bits)
        return truncate(exact, self.centered.dtype.fraction_bits - coarse)

    def _statistics(self, x: Tensor | None) -> tuple[Tensor, Tensor]:
        """mu and r on their grids, of this batch, or of the running statistics."""
        if self.training and x is not None:
            mean, var = batch_statistics(x, self.running_mean, self.running_var, self.momentum)
        else:
            mean, var = self.running_mean, self.running_var
        v = _positive(self.variance_quantizer, var + self.eps)
        return self.mean_quantizer(mean), _positive(self.deviation_quantizer, torch.sqrt(v))

    @torch.no_grad()
    def freeze_parameters(self) -> None:
        variance = self.variance_quantizer
        v = variance.values(variance.integers(self.running_var + self.eps).clamp(min=1))
        self.mean_integers.copy_(self.mean_quantizer.integers(self.running_mean))
        self.deviation_integers.copy_(self.deviation_quantizer.integers(torch.sqrt(v)).clamp(min=1))
        self.gamma_integers.copy_(self.gamma_quantizer.integers(self.gamma))
        self.beta_integers.copy_(self.beta_quantizer.integers(self.beta))

    def _quantizer(self, name: str) -> Quantizer:
        quantizer: Quantizer = getattr(self, f"{name}_quantizer")
        return quantizer

    def _integers(self, name: str) -> Tensor:
        integers: Tensor = getattr(self, f"{name}_integers")
        return integers

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        shape = (-1, *[1] * (len(x.type.shape) - 1))
        mean, deviation, gamma, beta = (
            self._quantizer(name).array(self._integers(name)).reshape(shape) for name in _PARAMETERS
        )
        d = self.centered.lower(builder, builder.add_constant(x, _negative(mean)))
        n = self.normalized.lower(builder, builder.add(DivideConstant(deviation), d))
        g = self.scaled.lower(builder, builder.add(MultiplyConstant(gamma), n))
        return self.output.lower(builder, builder.add_constant(g, beta))

    def config(self) -> dict[str, Any]:
        return {
            "num_features": self.num_features,
            **{name: self._quantizer(name) for name in (*_PARAMETERS, "variance")},
            "centered": self.centered,
            "normalized": self.normalized,
            "scaled": self.scaled,
            "output": self.output,
            "eps": self.eps,
            "momentum": self.momentum,
        }


def _own(name: str, given: Quantizer | None, signed: bool = True) -> Quantizer:
    return given_quantizer(name, given) or Quantizer(8, signed=signed)


def _positive(quantizer: Quantizer, x: Tensor) -> Tensor:
    """`x` on the grid, at least one LSB."""
    y: Tensor = quantizer(x)
    if quantizer.bypassed:
        return y
    return torch.maximum(y, power_of_two(-torch.round(quantizer.binary_point.detach()), y.dtype))


def _negative(constant: FixedPointArray) -> FixedPointArray:
    dtype = constant.dtype
    wider = FixedPointType(dtype.wordlength + 1, dtype.fraction_bits)
    return FixedPointArray(-constant.integers, wider)


class LiteralBatchNorm1d(_LiteralBatchNorm):
    """The literal batch normalization of (samples, features) or (samples, channels, length)."""

    axes = (2, 3)


class LiteralBatchNorm2d(_LiteralBatchNorm):
    """The literal batch normalization of (samples, channels, height, width)."""

    axes = (4,)
