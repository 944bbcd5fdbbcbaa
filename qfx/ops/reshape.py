"""y = x with other axes: the same elements in the same (row-major) order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import ClassVar

from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, OpError, Shape, TensorType, require_wholes


@dataclass(frozen=True)
class Reshape(Op):
    name: ClassVar[str] = "reshape"
    shape: Shape

    def __post_init__(self) -> None:
        require_wholes(self, "shape", self.shape, 1)

    def infer(self, x: TensorType) -> TensorType:
        if prod(x.shape) != prod(self.shape):
            raise OpError(
                f"reshape: {x.shape} has {prod(x.shape)} elements, {self.shape} has"
                f" {prod(self.shape)}"
            )
        return replace(x, shape=self.shape)

    def evaluate(self, x: Integers) -> Integers:
        return x.reshape(x.shape[0], *self.shape)

    def describe(self) -> str:
        return str(self.shape)
