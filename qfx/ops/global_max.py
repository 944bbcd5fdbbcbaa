"""y = the largest x of each channel of an image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, OpError, TensorType


@dataclass(frozen=True)
class GlobalMax(Op):
    name: ClassVar[str] = "globalmax"

    def infer(self, x: TensorType) -> TensorType:
        if len(x.shape) != 3:
            raise OpError(f"globalmax needs (channels, height, width), not {x.shape}")
        return replace(x, shape=(x.shape[0], 1, 1))

    def evaluate(self, x: Integers) -> Integers:
        result: Integers = x.max(axis=(2, 3), keepdims=True)
        return result
