"""y = max(x, 0): an unsigned result, so the sign bit is free."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, TensorType


@dataclass(frozen=True)
class Relu(Op):
    name: ClassVar[str] = "relu"

    def infer(self, x: TensorType) -> TensorType:
        return replace(x, interval=x.interval.clip(low=0))

    def evaluate(self, x: Integers) -> Integers:
        return np.maximum(x, 0)
