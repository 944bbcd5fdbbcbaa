"""y = the largest x of each patch of height and width."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.ops.conv2d import Pair, output_size
from qfx.ops.op import Op, OpError, TensorType, require_wholes


@dataclass(frozen=True)
class MaxPool2d(Op):
    name: ClassVar[str] = "maxpool2d"
    kernel: Pair
    stride: Pair
    padding: Pair = (0, 0)

    def __post_init__(self) -> None:
        require_wholes(self, "kernel", self.kernel, 1, 2)
        require_wholes(self, "stride", self.stride, 1, 2)
        require_wholes(self, "padding", self.padding, 0, 2)

    def infer(self, x: TensorType) -> TensorType:
        if len(x.shape) != 3:
            raise OpError(f"maxpool2d needs (channels, height, width), not {x.shape}")
        if self.padding != (0, 0) and x.interval.low < 0:
            raise OpError(
                "maxpool2d pads with zeros, which is right only where no value is negative:"
                " put a ReLU before it, or use padding=0"
            )
        if any(2 * pad > kernel for pad, kernel in zip(self.padding, self.kernel, strict=True)):
            raise OpError(f"maxpool2d: padding {self.padding} is more than half of {self.kernel}")
        size = output_size(x.shape[1:], self.kernel, self.stride, self.padding)
        if min(size) < 1:
            raise OpError(f"maxpool2d: a kernel of {self.kernel} does not fit {x.shape}")
        return replace(x, shape=(x.shape[0], *size))

    def evaluate(self, x: Integers) -> Integers:
        (top, left), (down, right) = self.padding, self.stride
        height, width = output_size(x.shape[2:], self.kernel, self.stride, self.padding)
        padded = np.pad(x, ((0, 0), (0, 0), (top, top), (left, left)))
        result: Integers | None = None
        for i in range(self.kernel[0]):
            for j in range(self.kernel[1]):
                taps = padded[:, :, i : i + down * height : down, j : j + right * width : right]
                result = taps if result is None else np.maximum(result, taps)
        assert result is not None  # a kernel has a tap: its sizes are at least 1
        return np.array(result)

    def describe(self) -> str:
        return f"kernel {self.kernel} stride {self.stride} padding {self.padding}"
