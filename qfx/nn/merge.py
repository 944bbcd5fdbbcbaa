"""What layers of several tensors share: one cast behind them, and exact sums of frozen operands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial, reduce
from typing import Any

from torch import Tensor

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import result_quantizer
from qfx.nn.layer import Layer
from qfx.nn.quantizer import Quantizer


class Merge(Layer, ABC):
    """Base of the layers that make one tensor of several, each on a grid of its own.

    Args:
        output: True for an 8-bit result, a Quantizer, or None to leave the exact result.
    """

    joins = True

    def __init__(self, output: Quantizer | bool | None = True) -> None:
        super().__init__()
        self.output = result_quantizer(output)

    @abstractmethod
    def pair(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the result of two tensors, before its cast; with the next one it makes that of
        three.
        """

    @abstractmethod
    def lower_pair(self, builder: GraphBuilder, a: Value, b: Value) -> Value:
        """Return the same in the graph."""

    def require_shapes(self, x: tuple[Tensor, ...]) -> None:
        """Raise ArgumentError for shapes that do not go together."""
        if any(each.shape != x[0].shape for each in x):
            shapes = " and ".join(str(tuple(each.shape)) for each in x)
            raise ArgumentError(
                f"{type(self).__name__} takes tensors of one shape, not {shapes}: a stream cannot"
                " be broadcast"
            )

    def forward(self, *x: Tensor) -> Tensor:
        self._require_several(x)
        self.require_shapes(x)
        y = reduce(self.pair, (each.double() for each in x) if self.is_exact else x)
        return self.output(y) if self.output else y

    def lower(self, builder: GraphBuilder, *values: Value) -> Value:
        self._require_several(values)
        y = reduce(partial(self.lower_pair, builder), values)
        return self.output.lower(builder, y) if self.output else y

    def _require_several(self, given: tuple[Any, ...]) -> None:
        if len(given) < 2:
            raise ArgumentError(
                f"{type(self).__name__} takes two tensors or more, not {len(given)}: put it into a"
                " Network, and name what it reads"
            )

    def config(self) -> dict[str, Any]:
        return {"output": self.output}
