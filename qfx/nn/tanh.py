"""The hyperbolic tangent as a table."""

from __future__ import annotations

import torch
from torch import Tensor

from qfx.nn.lookup import Lookup


class Tanh(Lookup):
    """y = tanh(x); arguments and shapes as for Lookup."""

    def function(self, x: Tensor) -> Tensor:
        return torch.tanh(x)
