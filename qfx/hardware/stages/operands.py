"""What heads ask of the order in which their operands come."""

from __future__ import annotations

import numpy as np

from qfx.hardware.stage import LayoutError
from qfx.hardware.stream import Order, stream_order
from qfx.ir import Node


def require_in_order(node: Node, order: Order, otherwise: str) -> None:
    """Refuse a vector whose elements do not come one after the other.

    Args:
        node: which reads it.
        order: in which it is streamed.
        otherwise: what would happen, and what to do, as the end of a sentence.

    Raises:
        LayoutError: it is a flattened image.
    """
    if (order != np.arange(len(order))).any():
        raise LayoutError(f"{node.output.name}: {otherwise}")


def require_image(node: Node, order: Order) -> None:
    """Refuse an image that does not come pixel by pixel.

    Args:
        node: which reads it.
        order: in which it is streamed.

    Raises:
        LayoutError: it was reshaped or permuted.
    """
    operand = node.inputs[0].type
    if (order != stream_order(operand.shape)).any():
        raise LayoutError(
            f"{node.output.name}: its image {operand.shape} was reshaped or permuted, so it does"
            " not come pixel by pixel, channels innermost, and a stream cannot go back: put the"
            " Reshape or Permute behind the last layer with windows, or reorder the data outside"
        )
