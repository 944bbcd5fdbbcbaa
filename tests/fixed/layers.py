"""Layers written with qfx.fixed, for tests."""

import torch

from qfx import fixed, nn
from qfx.fixed import FixedPointType


class Rescale(fixed.Layer):
    """A scale, an offset, a division and a matmul, cast by learned and by given types."""

    def __init__(
        self, features: int = 3, outputs: int = 2, input: nn.Quantizer | None = None
    ) -> None:
        super().__init__(input or nn.Quantizer(8, 4))
        divisors = torch.where(torch.rand(features) < 0.5, -1.5, 1.25) + torch.rand(features) / 4
        self.gain = fixed.Parameter(2 * torch.rand(features) - 1, nn.Quantizer(6, 4))
        self.offset = fixed.Parameter(2 * torch.rand(features) - 1, FixedPointType(7, 5))
        self.ceiling = fixed.Parameter(torch.rand(features), FixedPointType(6, 3, False))
        self.divisor = fixed.Parameter(divisors, FixedPointType(6, 3))
        self.weight = fixed.Parameter(torch.randn(features, outputs), nn.Quantizer(5, 2))
        self.middle = nn.Quantizer(9, 5)
        self.output = nn.Quantizer(8, 3, overflow="SAT_SYM")

    def compute(self, x: fixed.Number) -> fixed.Number:
        y = fixed.add(x * self.gain, self.offset, self.middle)
        y = fixed.div(self.ceiling - y, self.divisor, FixedPointType(8, 4), "TRN")
        return fixed.matmul(y, self.weight, self.output)

    def config(self) -> dict:
        features, outputs = self.weight.values.shape
        return super().config() | {"features": features, "outputs": outputs}


class Magnitude(fixed.Layer):
    """sqrt(|a x - b| as relu gives it) by channel of an image, rounded right."""

    def __init__(self) -> None:
        super().__init__(FixedPointType(7, 3))
        self.slope = fixed.Parameter(torch.tensor([[[3.0]], [[-1.5]]]), FixedPointType(4, 1))
        self.shift = fixed.Parameter(torch.tensor([[[1.0]], [[-2.0]]]), FixedPointType(5, 2))

    def compute(self, x: fixed.Number) -> fixed.Number:
        return fixed.sqrt(fixed.relu(x * self.slope - self.shift), FixedPointType(6, 4, False))

    def config(self) -> dict:
        return {}
