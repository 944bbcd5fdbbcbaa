"""The channels, or features, of two tensors one after the other: torch.cat along axis 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, OpError, TensorType, require_one_binary_point


@dataclass(frozen=True)
class Concat(Op):
    name: ClassVar[str] = "concat"

    def infer(self, a: TensorType, b: TensorType) -> TensorType:
        require_one_binary_point(self, a, b)
        if a.shape[1:] != b.shape[1:]:
            raise OpError(
                f"{self.name} joins channels, so that all other sizes must agree: {a.shape} and"
                f" {b.shape} do not"
            )
        shape = (a.shape[0] + b.shape[0], *a.shape[1:])
        return TensorType(shape, a.interval.union(b.interval), a.fraction_bits)

    def evaluate(self, a: Integers, b: Integers) -> Integers:
        return np.concatenate([a, b], axis=1)
