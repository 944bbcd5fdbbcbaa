"""Quantizers of data whose grid is known: bytes, indices, probabilities."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.quantizer import Method, Quantizer
from qfx.ops import Clip


class FixedGrid(Quantizer):
    """Base of quantizers whose grid is known: neither calibration nor training moves it."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.fitted = True

    def calibrate(self, x: Tensor, method: Method = "mse", percentile: float = 99.9) -> None:
        """Do nothing: the grid stays."""


class Pixels(FixedGrid):
    """Raw unsigned bytes as they lie in memory, such as the pixels of an image: 0 to 255, a grid
    that neither calibration nor training moves.

    Shapes:
        any -> the same.
    """

    def __init__(self) -> None:
        super().__init__(8, signed=False, learned=False)

    def config(self) -> dict[str, Any]:
        return {}


class Indices(FixedGrid):
    """Whole numbers from 0 to `num_embeddings` - 1, such as the words that an Embedding looks up.

    Training or not, the grid is these numbers.  What is greater becomes num_embeddings - 1, what is
    negative 0, so that nothing reads beyond the table, whatever the bits on the bus are.

    Args:
        num_embeddings: how many numbers; they take just enough unsigned bits.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: there is no number, or they need more than 24 bits.
    """

    def __init__(self, num_embeddings: int) -> None:
        counts = isinstance(num_embeddings, int) and not isinstance(num_embeddings, bool)
        if not counts or not 1 <= num_embeddings <= 1 << 24:
            raise ArgumentError(
                "Indices(n) are 0 to n - 1, with n a whole number from 1 to 2**24, not"
                f" {num_embeddings!r}"
            )
        super().__init__(max(1, (num_embeddings - 1).bit_length()), signed=False, learned=False)
        self.num_embeddings = num_embeddings

    def forward(self, x: Tensor) -> Tensor:
        return self.integers(x).clamp(max=self.num_embeddings - 1).to(torch.float32)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        return builder.add(Clip(0, self.num_embeddings - 1), super().lower(builder, x))

    def config(self) -> dict[str, Any]:
        return {"num_embeddings": self.num_embeddings}


class Probabilities(FixedGrid):
    """Numbers from 0 up to one LSB below 1, unsigned, with as many fraction bits as bits.

    Args:
        wordlength: of them; 8 gives 0 to 255 / 256.

    Shapes:
        any -> the same.
    """

    def __init__(self, wordlength: int = 8) -> None:
        super().__init__(wordlength, wordlength, signed=False, learned=False)

    def config(self) -> dict[str, Any]:
        return {"wordlength": self.wordlength}
