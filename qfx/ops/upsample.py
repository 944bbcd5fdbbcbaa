"""y = x with every pixel repeated: the nearest neighbour on a grid some whole times finer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from qfx.fixedpoint.array import Integers
from qfx.ops.conv2d import Pair
from qfx.ops.op import MOST, Op, OpError, TensorType, require_wholes


@dataclass(frozen=True)
class Upsample(Op):
    name: ClassVar[str] = "upsample"
    factor: Pair  # how often each row, and each column, stands in the result

    def __post_init__(self) -> None:
        require_wholes(self, "factor", self.factor, -MOST, 2)  # `infer` has its own words

    def infer(self, x: TensorType) -> TensorType:
        if len(x.shape) != 3:
            raise OpError(f"upsample needs (channels, height, width), not {x.shape}")
        if min(self.factor) < 1:
            raise OpError(f"upsample by {self.factor}: factors are whole and at least 1")
        channels, height, width = x.shape
        return replace(x, shape=(channels, height * self.factor[0], width * self.factor[1]))

    def evaluate(self, x: Integers) -> Integers:
        return x.repeat(self.factor[0], axis=2).repeat(self.factor[1], axis=3)

    def describe(self) -> str:
        return f"factor {self.factor}"
