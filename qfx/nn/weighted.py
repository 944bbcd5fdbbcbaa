"""What layers with a weight and a bias share: their grids, frozen integers and constants."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from qfx.fixedpoint import FixedPointArray
from qfx.nn.cast import power_of_two
from qfx.nn.layer import Layer
from qfx.nn.quantizer import Quantizer


class Weighted(Layer):
    """Base of Linear and Conv2d.

    Args:
        shape: of the weight, outputs first.
        weight: its quantizer; 8 bits by default.
        bias: True for a bias quantized like the weight (its binary point its own), a Quantizer, or
            False for none.
        output: True for an 8-bit result, a Quantizer, or None to leave the exact sum for the next
            layer to cast.
    """

    weight_integers: Tensor  # int64, as weight: written by freeze
    bias_integers: Tensor  # int64, (outputs,): written by freeze

    def __init__(
        self,
        shape: tuple[int, ...],
        weight: Quantizer | None,
        bias: Quantizer | bool,
        output: Quantizer | bool | None,
    ) -> None:
        super().__init__()
        bound = 1 / math.sqrt(math.prod(shape[1:]))  # as torch initialises Linear and Conv2d
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.weight_quantizer = (weight or Quantizer(8)).for_parameter()
        self.register_buffer("weight_integers", torch.zeros(shape, dtype=torch.int64))
        self.bias: nn.Parameter | None = None
        self.bias_quantizer: Quantizer | None = None
        if bias:
            self.bias = nn.Parameter(torch.empty(shape[0]).uniform_(-bound, bound))
            own = bias if isinstance(bias, Quantizer) else None
            given = own or Quantizer(self.weight_quantizer.wordlength)
            self.bias_quantizer = given.for_parameter()
            self.register_buffer("bias_integers", torch.zeros(shape[0], dtype=torch.int64))
        self.output = output if isinstance(output, Quantizer) else Quantizer(8) if output else None

    def on_grid(self) -> tuple[Tensor, Tensor | None]:
        """Weight and bias as `forward` uses them: frozen, in float64, or cast from the latent ones.

        Sums of the frozen ones are exact because `lower` refuses sums that float64 could round.
        """
        bias = None
        if not self.is_exact:
            if self.bias_quantizer:
                bias = self.bias_quantizer(self.bias)
            return self.weight_quantizer(self.weight), bias
        point = -self.weight_quantizer.fraction_bits
        weight = self.weight_integers * power_of_two(point, torch.float64)
        if self.bias_quantizer:
            point = -self.bias_quantizer.fraction_bits
            bias = self.bias_integers * power_of_two(point, torch.float64)
        return weight, bias

    @torch.no_grad()
    def freeze_parameters(self) -> None:
        self.weight_integers.copy_(self.weight_quantizer.integers(self.weight))
        if self.bias_quantizer and self.bias is not None:
            self.bias_integers.copy_(self.bias_quantizer.integers(self.bias))

    def weight_array(self) -> FixedPointArray:
        """The frozen weight, outputs first."""
        return FixedPointArray(self.weight_integers.cpu().numpy(), self.weight_quantizer.dtype)

    def bias_array(self) -> FixedPointArray | None:
        """The frozen bias, (outputs,); None without one."""
        if self.bias_quantizer is None:
            return None
        return FixedPointArray(self.bias_integers.cpu().numpy(), self.bias_quantizer.dtype)
