"""y = x with rows and columns of zeros around each channel's image, or with some of its own taken
away.
"""

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
    rows: Pair  # of zeros above and below; below 0, so many of the image's rows are taken away
    columns: Pair  # the same on the left and on the right

    def __post_init__(self) -> None:
        require_wholes(self, "rows", self.rows, -MOST, 2)  # `infer` has its own words for these
        require_wholes(self, "columns", self.columns, -MOST, 2)

    def infer(self, x: TensorType) -> TensorType:
        if len(x.shape) != 3:
            raise OpError(f"pad needs (channels, height, width), not {x.shape}")
        channels, height, width = x.shape
        left = (
            height + sum(n for n in self.rows if n < 0),
            width + sum(n for n in self.columns if n < 0),
        )
        if min(left) < 1:
            raise OpError(
                f"pad: rows {self.rows} and columns {self.columns} take away all of {x.shape}: keep"
                " a row and a column"
            )
        shape = (channels, height + sum(self.rows), width + sum(self.columns))
        padded = max(*self.rows, *self.columns) > 0
        return replace(
            x, shape=shape, interval=x.interval.union(Interval(0, 0)) if padded else x.interval
        )

    def evaluate(self, x: Integers) -> Integers:
        _, _, height, width = x.shape
        (above, below), (left, right) = self.rows, self.columns
        kept = x[
            :, :, max(0, -above) : height + min(0, below), max(0, -left) : width + min(0, right)
        ]
        zeros = [tuple(max(0, n) for n in ends) for ends in (self.rows, self.columns)]
        padded: Integers = np.pad(kept, ((0, 0), (0, 0), *zeros))
        return padded

    def describe(self) -> str:
        return f"rows {self.rows} columns {self.columns}"
