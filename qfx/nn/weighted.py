"""What layers with a weight and a bias share: their grids, frozen integers and constants."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Protocol

import torch
from torch import Tensor, nn

from qfx.errors import ArgumentError
from qfx.fixedpoint import FixedPointArray
from qfx.nn.arguments import given_quantizer, result_quantizer
from qfx.nn.layer import Layer
from qfx.nn.quantizer import Quantizer


class Foldable(Protocol):
    """A scale and an offset beside a weighted layer that its weight and bias can take over."""

    def fold_parameters(
        self, weight: Tensor, bias: Tensor | None, sums: Callable[[], Tensor] | None
    ) -> tuple[Tensor, Tensor]:
        """Return the weight and bias that do both; `sums` computes what the layer gives on this
        batch.
        """


class Weighted(Layer, ABC):
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
        own = given_quantizer("weight", weight)
        self.weight_quantizer = (own or Quantizer(8)).for_parameter(shape)
        self.register_buffer("weight_integers", torch.zeros(shape, dtype=torch.int64))
        self.bias: nn.Parameter | None = None
        self.bias_quantizer: Quantizer | None = None
        own = given_quantizer("bias", bias, plain=(True, False))
        if bias:
            self.bias = nn.Parameter(torch.empty(shape[0]).uniform_(-bound, bound))
            given = own or Quantizer(self.weight_quantizer.wordlength)
            self.bias_quantizer = given.for_parameter(shape[:1])
            self.register_buffer("bias_integers", torch.zeros(shape[0], dtype=torch.int64))
        self.output = result_quantizer(output)
        self.folds: tuple[Foldable, ...] = ()  # neighbours that own their parameters

    @abstractmethod
    def contract(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Return the sums of products that this layer is for."""

    @abstractmethod
    def operands(self, x: Tensor) -> Tensor:
        """Return (groups, sums, inputs): what each sum multiplies the weights of its outputs with,
        the weights being taken as (groups, outputs, inputs).
        """

    def forward(self, x: Tensor) -> Tensor:
        if self.is_exact:
            y = self.contract(x.double(), *self._frozen_parameters())
        else:
            weight, bias = self._folded(x)
            if self.bias_quantizer and bias is not None:
                bias = self.bias_quantizer(bias)
            y = self.contract(x, self.weight_quantizer(weight), bias)
        return self.output(y) if self.output else y

    def fold(self, neighbour: Foldable) -> None:
        """From now on cast the weight and bias that also do what `neighbour` does.

        Raises:
            ArgumentError: there is no bias to take the offset.
        """
        if self.bias is None:
            raise ArgumentError(
                f"{type(neighbour).__name__} is folded into a {type(self).__name__} without bias,"
                " where its offset has no place: give it bias=True"
            )
        if neighbour not in self.folds:
            self.folds = (*self.folds, neighbour)

    def _folded(self, x: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """The parameters before their cast; `x` gives the statistics, None means the running
        ones.
        """
        weight: Tensor = self.weight
        bias: Tensor | None = self.bias
        for neighbour in self.folds:
            sums = None if x is None else partial(self.contract, x, weight, bias)
            weight, bias = neighbour.fold_parameters(weight, bias, sums)
        return weight, bias

    @torch.no_grad()
    def folded_weight(self) -> Tensor:
        """Return the weight before its cast, as it would be frozen now."""
        return self._folded(None)[0]

    @torch.no_grad()
    def replace_weight(self, folded: Tensor) -> None:
        """Have `folded_weight` give this, whatever is folded into the weight."""
        own = self.weight.detach().clone()
        self.weight.fill_(1.0)
        factors = self.folded_weight()  # folding is linear in the weight
        self.weight.copy_(torch.where(factors == 0, own, folded / factors))

    def _frozen_parameters(self) -> tuple[Tensor, Tensor | None]:
        """Sums of these are exact because `lower` refuses sums that float64 could round."""
        weight = self.weight_quantizer.values(self.weight_integers)
        if self.bias_quantizer is None:
            return weight, None
        return weight, self.bias_quantizer.values(self.bias_integers)

    @torch.no_grad()
    def freeze_parameters(self) -> None:
        weight, bias = self._folded(None)
        self.weight_integers.copy_(self.weight_quantizer.integers(weight))
        if self.bias_quantizer:
            if bias is None:  # somebody has set it to None since
                self.bias_integers.zero_()
            else:
                self.bias_integers.copy_(self.bias_quantizer.integers(bias))

    def weight_array(self) -> FixedPointArray:
        """Return the frozen weight, outputs first."""
        return self.weight_quantizer.array(self.weight_integers)

    def bias_array(self) -> FixedPointArray | None:
        """Return the frozen bias, (outputs,); None without one."""
        if self.bias_quantizer is None:
            return None
        return self.bias_quantizer.array(self.bias_integers)
