"""A stream: the elements of one tensor, some lanes a beat, under valid and ready."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint import FixedPointType
from qfx.ops import Op, Shape


@dataclass(frozen=True)
class Stream:
    """`lanes` elements a beat, lane 0 in the least significant bits; a frame is one sample.

    Args:
        name: of the stream, unique in a design.
        dtype: of every element.
        elements: per frame; the last beat has undefined lanes where `lanes` does not divide it.
        lanes: elements per beat.
    """

    name: str
    dtype: FixedPointType
    elements: int
    lanes: int

    @property
    def beats(self) -> int:
        """Per frame."""
        return -(-self.elements // self.lanes)

    @property
    def bits(self) -> int:
        """Per beat."""
        return self.lanes * self.dtype.wordlength


Order = npt.NDArray[np.intp]  # where in the row-major tensor the n-th streamed element stands


def stream_order(shape: Shape) -> Order:
    """Return the order in which stages send a tensor, and ports take one.

    Pixel by pixel in row-major order, channels innermost: (C, H, W) is streamed as (H, W, C), and
    (C, L) as (L, C).
    """
    indices = np.arange(int(np.prod(shape))).reshape(shape)
    return np.moveaxis(indices, 0, -1).reshape(-1) if shape else indices.reshape(-1)


def order_after(op: Op, shape: Shape, order: Order) -> Order:
    """Return the order of what `op` makes of a tensor without moving an element of its stream.

    Args:
        op: one that only names elements anew, such as a reshape or a transpose.
        shape: of its operand.
        order: of its operand.
    """
    taken = op.evaluate(np.arange(len(order)).reshape(1, *shape)).reshape(-1)
    index = np.empty_like(order)
    index[taken] = np.arange(len(order))
    return index[order]


def sent_order(shape: Shape) -> Order:
    """Return the order in which the head of a section sends a result of that shape.

    Images leave pixel by pixel; all else, as the rows of an embedding, in row-major order.
    """
    return stream_order(shape) if len(shape) == 3 else np.arange(int(np.prod(shape)))


def divisors(number: int) -> list[int]:
    """Of a positive number, ascending: the lanes that so many elements can be sent over."""
    return [d for d in range(1, number + 1) if number % d == 0]
