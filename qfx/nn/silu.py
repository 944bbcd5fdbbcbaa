"""The sigmoid linear unit, also called swish, as a table."""

from __future__ import annotations

from torch import Tensor, nn

from qfx.nn.lookup import Lookup


class SiLU(Lookup):
    """y = x / (1 + exp(-x)); arguments and shapes as for Lookup."""

    def function(self, x: Tensor) -> Tensor:
        return nn.functional.silu(x)
