"""y = x with its axes in another order: no element is computed, each only stands elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, OpError, TensorType, require_wholes


@dataclass(frozen=True)
class Transpose(Op):
    name: ClassVar[str] = "transpose"
    axes: tuple[int, ...]  # of x, from 0 without the batch axis: where each axis of y comes from

    def __post_init__(self) -> None:
        require_wholes(self, "axes", self.axes, 0)

    def infer(self, x: TensorType) -> TensorType:
        if sorted(self.axes) != list(range(len(x.shape))):
            raise OpError(
                f"transpose: {self.axes} does not name each of the {len(x.shape)} axes of {x.shape}"
                " once, from 0 and without the batch axis"
            )
        return replace(x, shape=tuple(x.shape[axis] for axis in self.axes))

    def evaluate(self, x: Integers) -> Integers:
        y: Integers = x.transpose(0, *(axis + 1 for axis in self.axes))
        return y

    def describe(self) -> str:
        return f"axes {self.axes}"
