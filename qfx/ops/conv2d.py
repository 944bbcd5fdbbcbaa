"""y = x convolved with constant weights over height and width: exact sums of products."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from qfx.fixedpoint import FixedPointArray, Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.matmul import exact_number, sums_by_sign
from qfx.ops.op import (
    ADDED_LATER,
    Op,
    OpError,
    TensorType,
    require_elements,
    require_whole,
    require_wholes,
)

Pair = tuple[int, int]


@dataclass(frozen=True)
class Conv2d(Op):
    name: ClassVar[str] = "conv2d"
    weight: FixedPointArray  # (out_channels, in_channels / groups, kernel height, kernel width)
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)  # zeros on either side of height and of width
    groups: int = 1
    dilation: Pair = field(default=(1, 1), metadata=ADDED_LATER)  # from tap to tap

    def __post_init__(self) -> None:
        require_elements(self, "weight", self.weight, 4)
        require_whole(self, "groups", self.groups, 1)
        require_wholes(self, "stride", self.stride, 1, 2)
        require_wholes(self, "padding", self.padding, 0, 2)
        require_wholes(self, "dilation", self.dilation, 1, 2)

    @property
    def kernel(self) -> Pair:
        return self.weight.shape[2], self.weight.shape[3]

    def infer(self, x: TensorType) -> TensorType:
        outputs, per_group = self.weight.shape[:2]
        if len(x.shape) != 3 or x.shape[0] != per_group * self.groups or outputs % self.groups:
            raise OpError(
                f"conv2d: a weight of shape {self.weight.shape} in {self.groups} groups does not"
                f" fit {x.shape}: it takes {per_group * self.groups} channels, height and width"
            )
        size = self._size(x.shape[1:])
        if min(size) < 1:
            dilated = f" dilated by {self.dilation}" if self.dilation != (1, 1) else ""
            raise OpError(
                f"conv2d: a kernel of {self.kernel}{dilated} does not fit {x.shape}: pad it, or"
                " take a smaller kernel"
            )
        operand = x.interval if self.padding == (0, 0) else x.interval.union(Interval(0, 0))
        positive, negative = self._sums()
        low, high = operand.low, operand.high
        interval = Interval(
            min(p * low + n * high for p, n in zip(positive, negative, strict=True)),
            max(p * high + n * low for p, n in zip(positive, negative, strict=True)),
        )
        fraction_bits = x.fraction_bits + self.weight.dtype.fraction_bits
        return TensorType((outputs, *size), interval, fraction_bits)

    def evaluate(self, x: Integers) -> Integers:
        number = exact_number(self.magnitude(int(np.abs(x).max(initial=0))))
        (kh, kw), (top, left), (down, right) = self.kernel, self.padding, self.stride
        around = ((0, 0), (top, top), (left, left), (0, 0))
        pixels = np.pad(x.transpose(0, 2, 3, 1).astype(number), around)
        samples, channels = x.shape[:2]
        height, width = self._size(x.shape[2:])
        rows = np.empty((samples, height, width, kh, kw, channels), number)
        for i in range(kh):  # every patch at once, one tap after the other: whole rows are copied
            for j in range(kw):
                row, column = i * self.dilation[0], j * self.dilation[1]
                lines = pixels[:, row : row + down * height : down]
                taps = lines[:, :, column : column + right * width : right]
                rows[:, :, :, i, j] = taps
        groups, per_group = self.groups, channels // self.groups
        by_group = rows.reshape(-1, kh * kw, groups, per_group).transpose(2, 0, 1, 3)
        by_output: Any = self.weight.integers.reshape(groups, -1, per_group, kh * kw)
        weight = by_output.transpose(0, 3, 2, 1).reshape(groups, kh * kw * per_group, -1)
        weight = weight.astype(number)
        y: Any = by_group.reshape(groups, -1, kh * kw * per_group) @ weight
        images = y.reshape(groups, samples, height, width, weight.shape[2]).transpose(1, 0, 4, 2, 3)
        result: Integers = images.astype(np.int64).reshape(
            samples, len(self.weight.integers), height, width
        )
        return result

    def _size(self, size: tuple[int, ...]) -> Pair:
        return output_size(size, self.kernel, self.stride, self.padding, self.dilation)

    def magnitude(self, x: int) -> int:
        """No sum of some of the products exceeds this when no |x| does."""
        return max(p - n for p, n in zip(*self._sums(), strict=True)) * x

    def _sums(self) -> tuple[list[int], list[int]]:
        """Per output channel, the sum of the positive and of the negative weights, unbounded."""
        return sums_by_sign(self.weight.integers.reshape(self.weight.shape[0], -1).T)

    def describe(self) -> str:
        return (
            f"weight {self.weight.shape} {self.weight.dtype} stride {self.stride}"
            f" padding {self.padding} groups {self.groups} dilation {self.dilation}"
        )


def output_size(
    size: tuple[int, ...], kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = (1, 1)
) -> Pair:
    """Return height and width of the result; below 1 where the kernel does not fit."""
    height, width = (
        (whole + 2 * pad - (taps - 1) * apart - 1) // step + 1
        for whole, pad, taps, step, apart in zip(
            size, padding, kernel, stride, dilation, strict=True
        )
    )
    return height, width
