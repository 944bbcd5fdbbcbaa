"""What a traced model is: the modules it runs, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from qfx.ops import Shape


class ConvertError(ValueError):
    """A model that has no fixed-point twin; the sentence names the layer and what to use."""


@dataclass(frozen=True)
class Step:
    """One module of the chain; a function call stands as the module that does the same.

    Args:
        path: of the module in the model, or the name of the call.
        module: torch's, or a qfx layer, which stays as it is.
        shape: of its operand without the batch axis; None where no input_shape was given.
    """

    path: str
    module: nn.Module
    shape: Shape | None


class Arithmetic(nn.Module):
    """(x - mean) / std with one number each: what scalar arithmetic in a forward comes to."""

    def __init__(self, mean: float, std: float) -> None:
        super().__init__()
        self.mean, self.std = mean, std
