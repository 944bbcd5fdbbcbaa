"""The piecewise swish of MobileNetV3 (arXiv 1905.02244) as a table."""

from __future__ import annotations

from torch import Tensor, nn

from qfx.nn.lookup import Lookup


class Hardswish(Lookup):
    """y = x min(max(x + 3, 0), 6) / 6; arguments and shapes as for Lookup."""

    def function(self, x: Tensor) -> Tensor:
        return nn.functional.hardswish(x)
