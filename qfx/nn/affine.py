"""y = a x + c by channel in fixed point: what normalizations deploy as."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import given_quantizer, result_quantizer
from qfx.nn.layer import Layer, require_frozen
from qfx.nn.quantizer import Quantizer
from qfx.ops import MultiplyConstant


class Affine(Layer, ABC):
    """Base of the normalizations: a scale and an offset per channel, each cast to its own grid.

    Args:
        channels: numbers of a and of c; 1 serves all channels.
        scale, offset: quantizers of a and c; None for 8 bits.
        output: True for an 8-bit result, a Quantizer, or None to leave the exact sum.
    """

    scale_integers: Tensor  # int64, (channels,): written by freeze
    offset_integers: Tensor

    def __init__(
        self,
        channels: int,
        scale: Quantizer | None,
        offset: Quantizer | None,
        output: Quantizer | bool | None,
    ) -> None:
        super().__init__()
        self.scale = (given_quantizer("scale", scale) or Quantizer(8)).for_parameter((channels,))
        self.offset = (given_quantizer("offset", offset) or Quantizer(8)).for_parameter((channels,))
        self.output = result_quantizer(output)
        for name in ("scale_integers", "offset_integers"):
            self.register_buffer(name, torch.zeros(channels, dtype=torch.int64))

    @abstractmethod
    def coefficients(self, x: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return `a` and `c` before their casts, for this batch, or as they are to be frozen."""

    def forward(self, x: Tensor) -> Tensor:
        if self.is_exact:
            x, shape = x.double(), (-1, *[1] * (x.ndim - 2))
            scale = self.scale.values(self.scale_integers).reshape(shape)
            y = x * scale + self.offset.values(self.offset_integers).reshape(shape)
        else:
            scale, offset = self.coefficients(x)
            y = scaled(x, self.scale(scale), self.offset(offset))
        return self.output(y) if self.output else y

    @torch.no_grad()
    def freeze_parameters(self) -> None:
        scale, offset = self.coefficients(None)
        self.scale_integers.copy_(self.scale.integers(scale))
        self.offset_integers.copy_(self.offset.integers(offset))

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        shape = (-1, *[1] * (len(x.type.shape) - 1)) if x.type.shape else ()
        scale = self.scale.array(self.scale_integers).reshape(shape)
        offset = self.offset.array(self.offset_integers).reshape(shape)
        y = builder.add_constant(builder.add(MultiplyConstant(scale), x), offset)
        return self.output.lower(builder, y) if self.output else y


def scaled(x: Tensor, scale: Tensor, offset: Tensor) -> Tensor:
    """Compute scale * x + offset by channel in one pass: normalization by mean 0 and variance 1."""
    if torch.compiler.is_compiling() or x.ndim < 2 or len(scale) != x.shape[1]:
        shape = (-1, *[1] * (x.ndim - 2))
        return x * scale.reshape(shape) + offset.reshape(shape)
    zero, one = torch.zeros_like(scale), torch.ones_like(scale)
    return nn.functional.batch_norm(x, zero, one, scale, offset, eps=0.0)
