"""y = x with rows and columns of zeros around each channel's image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.conv2d import Pair
from qfx.ops.op import MOST, Op, OpError, TensorType, require_wholes


@dataclass(frozen=True)
class Pad(Op):
    name: ClassVar[str] = "pad"
    rows: Pair  # of zeros above and below
    columns: Pair  # of zeros on the left and on the right

    def __post_init__(self) -> None:
        require_wholes(self, "rows", self.rows, -MOST, 2)  # `infer` has its own words for these
        require_wholes(self, "columns", self.columns, -MOST, 2)

    def infer(self, x: TensorType) -> TensorType:
        if len(x.shape) != 3:
            raise OpError(f"pad needs (channels, height, width), not {x.shape}")
        if min(*self.rows, *self.columns) < 0:
            raise OpError(
                f"pad: rows {self.rows} and columns {self.columns}: zeros can be added, not taken"
            )
        channels, height, width = x.shape
        shape = (channels, height + sum(self.rows), width + sum(self.columns))
        padded = shape != x.shape
        return replace(
            x, shape=shape, interval=x.interval.union(Interval(0, 0)) if padded else x.interval
        )

    def evaluate(self, x: Integers) -> Integers:
        return np.pad(x, ((0, 0), (0, 0), self.rows, self.columns))

    def describe(self) -> str:
        return f"rows {self.rows} columns {self.columns}"
