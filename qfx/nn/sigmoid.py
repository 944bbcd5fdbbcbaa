"""The logistic function as a table."""

from __future__ import annotations

import torch
from torch import Tensor

from qfx.nn.lookup import Lookup


class Sigmoid(Lookup):
    """y = 1 / (1 + exp(-x)); arguments and shapes as for Lookup."""

    signed = False

    def function(self, x: Tensor) -> Tensor:
        return torch.sigmoid(x)
