"""Rows of a trained table, in fixed point: what words and categories become numbers by."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import given_quantizer, require_count
from qfx.nn.layer import Layer, require_frozen
from qfx.nn.quantizer import Quantizer
from qfx.ops import Embedding as EmbeddingOp


class Embedding(Layer):
    """A table of vectors, looked up by whole numbers.

    The model begins with `Indices(num_embeddings)`, which keeps every number within the table.  A
    Linear behind it needs a Flatten between.

    Args:
        num_embeddings: rows of the table.
        embedding_dim: elements of a row.
        padding_idx: a row that starts at zero and gets no gradient, so it stays zero.
        weight: quantizer of the table, and so the grid of the result; 8 bits by default.

    Shapes:
        (samples, length), whole numbers from 0 to num_embeddings - 1 ->
        (samples, length, embedding_dim).

    Raises:
        ArgumentError: sizes below 1, or a padding_idx that is no row.
    """

    weight_integers: Tensor  # int64, as weight: written by freeze

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        *,
        padding_idx: int | None = None,
        weight: Quantizer | None = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = require_count("num_embeddings", num_embeddings)
        self.embedding_dim = require_count("embedding_dim", embedding_dim)
        rows = range(-num_embeddings, num_embeddings)
        if padding_idx is not None and (isinstance(padding_idx, bool) or padding_idx not in rows):
            raise ArgumentError(
                f"padding_idx is a row of the table, 0 to {num_embeddings - 1}, or None, not"
                f" {padding_idx!r}"
            )
        self.padding_idx = padding_idx
        own = given_quantizer("weight", weight)
        shape = (num_embeddings, embedding_dim)
        self.weight = nn.Parameter(torch.randn(shape))  # as torch initialises it
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx].zero_()
        self.weight_quantizer = (own or Quantizer(8)).for_parameter(shape)
        self.register_buffer("weight_integers", torch.zeros(shape, dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        rows = x.long()
        if self.is_exact:
            return self.weight_quantizer.values(self.weight_integers)[rows]
        return nn.functional.embedding(rows, self.weight_quantizer(self.weight), self.padding_idx)

    @torch.no_grad()
    def freeze_parameters(self) -> None:
        self.weight_integers.copy_(self.weight_quantizer.integers(self.weight))

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        return builder.add(EmbeddingOp(self.weight_quantizer.array(self.weight_integers)), x)

    def config(self) -> dict[str, Any]:
        return {
            "num_embeddings": self.num_embeddings,
            "embedding_dim": self.embedding_dim,
            "padding_idx": self.padding_idx,
            "weight": self.weight_quantizer,
        }
