"""The Gaussian error linear unit (arXiv 1606.08415), without approximation, as a table."""

from __future__ import annotations

from torch import Tensor, nn

from qfx.nn.lookup import Lookup


class GELU(Lookup):
    """y = x Phi(x), Phi being the normal distribution; arguments and shapes as for Lookup."""

    def function(self, x: Tensor) -> Tensor:
        return nn.functional.gelu(x)
