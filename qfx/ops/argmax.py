"""y = the index of the largest element of a vector, the first of equal ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qfx.fixedpoint import Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, OpError, TensorType


@dataclass(frozen=True)
class ArgMax(Op):
    name: ClassVar[str] = "argmax"

    def infer(self, x: TensorType) -> TensorType:
        if len(x.shape) != 1:
            raise OpError(f"argmax takes a vector, not {x.shape}: flatten it first")
        if x.shape[0] < 2:
            raise OpError(
                "argmax of one element is always 0: does the model end in an argmax already?"
            )
        varied = x.interval.low < x.interval.high  # else all are equal, and the first wins
        return TensorType((1,), Interval(0, (x.shape[0] - 1) * varied), 0)

    def evaluate(self, x: Integers) -> Integers:
        y: Integers = np.argmax(x, axis=1)[:, None].astype(np.int64)
        return y
