"""y = min(max(x, low), high), the ends being integers on the grid of x."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, OpError, TensorType


@dataclass(frozen=True)
class Clip(Op):
    name: ClassVar[str] = "clip"
    low: int
    high: int

    def infer(self, x: TensorType) -> TensorType:
        if self.low > self.high:
            raise OpError(f"clip: the low end {self.low} is above the high end {self.high}")
        return replace(x, interval=x.interval.clip(self.low, self.high))

    def evaluate(self, x: Integers) -> Integers:
        return np.clip(x, self.low, self.high)

    def describe(self) -> str:
        return f"to {self.low} .. {self.high}"
