"""y = min(max(x, low), high), the ends being integers on the grid of x."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, OpError, TensorType, require_whole

_MOST = (1 << 62) - 1  # so that both ends are numbers of int64, of which sums stay in it


@dataclass(frozen=True)
class Clip(Op):
    name: ClassVar[str] = "clip"
    low: int
    high: int

    def __post_init__(self) -> None:
        require_whole(self, "low", self.low, -_MOST, _MOST)
        require_whole(self, "high", self.high, -_MOST, _MOST)

    def infer(self, x: TensorType) -> TensorType:
        if self.low > self.high:
            raise OpError(f"clip: the low end {self.low} is above the high end {self.high}")
        return replace(x, interval=x.interval.clip(self.low, self.high))

    def evaluate(self, x: Integers) -> Integers:
        return np.clip(x, self.low, self.high)

    def ends_met(self, x: Interval) -> tuple[int | None, int | None]:
        """Return the low and the high end as an operand of that interval meets them: each held to
        it, and None where no operand passes it. Where all of the interval lies beyond one end, the
        result is that end whatever the operand is, and both are None.
        """
        if x.high < self.low or self.high < x.low:
            return None, None
        low = self.low if x.low < self.low else None
        return low, self.high if self.high < x.high else None

    def describe(self) -> str:
        return f"to {self.low} .. {self.high}"
