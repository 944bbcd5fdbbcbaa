"""y = x where x >= 0, else x * constant, element by element; the constant's shape broadcasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import ConstantOp, OpError, TensorType, require_broadcast


@dataclass(frozen=True)
class PRelu(ConstantOp):
    name: ClassVar[str] = "prelu"

    def infer(self, x: TensorType) -> TensorType:
        require_broadcast(self, x, self.constant)
        extra = self.constant.dtype.fraction_bits
        if extra < 0:
            raise OpError(
                f"prelu: slopes of {extra} fraction bits would coarsen the positive side: refine"
                " them to 0 or more"
            )
        low, high = x.interval.low, x.interval.high
        corners = []
        if low < 0:
            corners += [f * end for f in self.ends for end in (low, min(high, -1))]
        if high >= 0:
            corners += [max(low, 0) << extra, high << extra]
        interval = Interval(min(corners), max(corners))
        return TensorType(x.shape, interval, x.fraction_bits + extra)

    def evaluate(self, x: Integers) -> Integers:
        positive = x << self.constant.dtype.fraction_bits
        result: Integers = np.where(x >= 0, positive, x * self.constant.integers)
        return result
