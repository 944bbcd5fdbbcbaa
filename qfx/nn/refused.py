"""Layers that people look for here and do not find: each says what to use instead."""

from __future__ import annotations

from typing import Any, ClassVar

from qfx.nn.layer import LoweringError


class Refused:
    """Base of what stands in for a layer that this hardware does not compute.

    Raises:
        LoweringError: always, with `reason`.
    """

    reason: ClassVar[str]  # what the layer does that hardware cannot, and what to use: a sentence

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise LoweringError(f"{type(self).__name__} {self.reason}")


class ConvTranspose2d(Refused):
    """Refused: use Upsample followed by Conv2d."""

    reason = (
        "adds up overlapping patches, so a pixel of its result is known only when the last patch"
        " over it is, and it leaves a checkerboard where the stride does not divide the kernel: use"
        " Upsample(stride) followed by Conv2d, which streams and trains to as much"
    )
