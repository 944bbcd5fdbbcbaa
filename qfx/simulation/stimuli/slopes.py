"""Which way a value moves with its operands: where to look for inputs that drive it to its ends.

Only the search for stimuli asks; no integer that is compared depends on it.  So slopes are rough:
what is clipped or saturated still passes on a little, or nothing would lead out of it, and a table
is as steep as the line between two of its entries.  They are the same on every machine: floats that
hold a few bits each, so that sums of their products with weights are exact in any order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint.array import Integers
from qfx.ir import Node
from qfx.ops import (
    Add,
    AddConstant,
    ArgMax,
    Cast,
    Clip,
    Concat,
    Conv2d,
    DivideConstant,
    Embedding,
    GlobalMax,
    Lookup,
    Matmul,
    Maximum,
    MaxPool2d,
    Minimum,
    Multiply,
    MultiplyConstant,
    Op,
    Pad,
    PRelu,
    Relu,
    Reshape,
    Softmax,
    Sqrt,
    Subtract,
    Transpose,
    Upsample,
)

Slopes = npt.NDArray[np.float64]
Rule = Callable[[Any, Slopes, list[Integers], Integers], tuple[Slopes, ...]]

_LEAK = 2.0**-6  # of what is clipped
_BITS = 12  # that slopes keep, beside the largest of their sample


def slopes(node: Node, result: Slopes, values: dict[str, Integers]) -> tuple[Slopes, ...]:
    """The slopes of each operand from those of the result.

    Args:
        node: that computes the result.
        result: (samples, *shape): how what is driven moves with the result.
        values: of a batch, by name: what the node reads and makes.
    """
    operands = [values[value.name] for value in node.inputs]
    found = _RULES[type(node.op)](node.op, result, operands, values[node.output.name])
    return tuple(rounded(each) for each in found)


def rounded(given: Slopes) -> Slopes:
    """With few bits: of each sample, whole multiples of one power of two."""
    most = np.abs(given).reshape(len(given), -1).max(axis=1)
    exponent = np.frexp(most)[1] - _BITS
    exponent = exponent.reshape(-1, *(1 for _ in given.shape[1:]))
    kept: Slopes = np.ldexp(np.rint(np.ldexp(given, -exponent)), exponent)
    return kept


def _through(inside: npt.NDArray[np.bool_], y: Slopes) -> Slopes:
    """Whole where it passes, a little where it is clipped."""
    return np.where(inside, y, _LEAK * y)


def _cast(op: Cast, y: Slopes, operands: list[Integers], _: Integers) -> tuple[Slopes, ...]:
    return (np.ldexp(_through(~op.overflows(operands[0]), y), -op.shift),)


def _clip(op: Clip, y: Slopes, operands: list[Integers], _: Integers) -> tuple[Slopes, ...]:
    return (_through((operands[0] > op.low) & (operands[0] < op.high), y),)


def _prelu(op: PRelu, y: Slopes, operands: list[Integers], _: Integers) -> tuple[Slopes, ...]:
    steep = 1 << op.constant.dtype.fraction_bits
    return (y * np.where(operands[0] >= 0, steep, op.constant.integers),)


def _lookup(op: Lookup, y: Slopes, operands: list[Integers], _: Integers) -> tuple[Slopes, ...]:
    last = len(op.table.integers) - 1
    apart, index = max(1, last // 16), operands[0] - op.first
    high, low = np.minimum(index + apart, last), np.maximum(index - apart, 0)
    rise = op.table.integers[high] - op.table.integers[low]
    return (y * np.ldexp(np.rint(np.ldexp(rise / np.maximum(high - low, 1), 8)), -8),)


def _softmax(op: Softmax, y: Slopes, _: list[Integers], result: Integers) -> tuple[Slopes, ...]:
    share = np.rint(np.ldexp(result.astype(np.float64), 8 - op.fraction_bits))  # of 256
    return (256 * share * y - share * (share * y).sum(axis=1, keepdims=True),)


def _matmul(op: Matmul, y: Slopes, *_: Any) -> tuple[Slopes, ...]:
    return (y @ op.weight.integers.T.astype(np.float64),)


def _conv2d(op: Conv2d, y: Slopes, operands: list[Integers], _: Integers) -> tuple[Slopes, ...]:
    """Each tap gives back to where it read: one matrix product, then sums of shifted images."""
    samples, channels, *size = operands[0].shape
    (kh, kw), groups, out = op.kernel, op.groups, y.shape[2:]
    weight = op.weight.integers.reshape(groups, y.shape[1] // groups, -1).astype(np.float64)
    by_group = y.reshape(samples, groups, -1, out[0] * out[1])
    taps = weight.transpose(0, 2, 1) @ by_group  # (samples, groups, channels x taps, pixels)
    taps = taps.reshape(samples, channels, kh, kw, *out)
    (top, left), (down, right) = op.padding, op.dilation
    padded = np.zeros((samples, channels, size[0] + 2 * top, size[1] + 2 * left))
    for i in range(kh):
        for j in range(kw):
            padded[_read(i * down, j * right, op.stride, out)] += taps[:, :, i, j]
    return (_unpadded(padded, op.padding, size),)


def _maxpool2d(
    op: MaxPool2d, y: Slopes, operands: list[Integers], result: Integers
) -> tuple[Slopes, ...]:
    """All to the first tap that is the largest."""
    (top, left), size = op.padding, operands[0].shape[2:]
    around = ((0, 0), (0, 0), (top, top), (left, left))
    x, left_over = np.pad(operands[0], around), y.copy()
    padded = np.zeros(x.shape)
    for i in range(op.kernel[0]):
        for j in range(op.kernel[1]):
            read = _read(i, j, op.stride, y.shape[2:])
            found = np.where(x[read] == result, left_over, 0.0)
            padded[read] += found
            left_over -= found
    return (_unpadded(padded, op.padding, size),)


def _global_max(
    op: GlobalMax, y: Slopes, operands: list[Integers], _: Integers
) -> tuple[Slopes, ...]:
    """All to the first pixel that is the largest."""
    x = operands[0].reshape(*y.shape[:2], -1)
    slopes = np.zeros(x.shape)
    np.put_along_axis(slopes, x.argmax(-1, keepdims=True), y.reshape(*y.shape[:2], 1), axis=-1)
    return (slopes.reshape(operands[0].shape),)


def _read(row: int, column: int, stride: tuple[int, int], out: Any) -> tuple[slice, ...]:
    """Where a tap reads a padded image."""
    down, right = stride
    rows = slice(row, row + down * (out[0] - 1) + 1, down)
    return slice(None), slice(None), rows, slice(column, column + right * (out[1] - 1) + 1, right)


def _unpadded(padded: Slopes, padding: tuple[int, int], size: Any) -> Slopes:
    (top, left), (height, width) = padding, size
    return padded[:, :, top : top + height, left : left + width]


def _upsample(op: Upsample, y: Slopes, operands: list[Integers], _: Integers) -> tuple[Slopes, ...]:
    samples, channels, height, width = operands[0].shape
    blocks = y.reshape(samples, channels, height, op.factor[0], width, op.factor[1])
    return (blocks.sum(axis=(3, 5)),)


def _transpose(op: Transpose, y: Slopes, *_: Any) -> tuple[Slopes, ...]:
    return (y.transpose(0, *(int(axis) + 1 for axis in np.argsort(op.axes))),)


def _pad(op: Pad, y: Slopes, operands: list[Integers], _: Integers) -> tuple[Slopes, ...]:
    """None to what is taken away."""
    height, width = operands[0].shape[2:]
    (above, below), (before, behind) = op.rows, op.columns
    top, left = max(0, -above), max(0, -before)
    bottom, right = height + min(0, below), width + min(0, behind)
    given = np.zeros(operands[0].shape)
    given[:, :, top:bottom, left:right] = y[
        :, :, top + above : bottom + above, left + before : right + before
    ]
    return (given,)


def _concat(_: Concat, y: Slopes, operands: list[Integers], __: Integers) -> tuple[Slopes, ...]:
    first = operands[0].shape[1]
    return y[:, :first], y[:, first:]


def _none(_: Op, __: Slopes, operands: list[Integers], ___: Integers) -> tuple[Slopes, ...]:
    """A choice does not move with its operands."""
    return tuple(np.zeros(x.shape) for x in operands)


_RULES: dict[type[Op], Rule] = {
    Add: lambda op, y, x, _: (y, y),
    AddConstant: lambda op, y, x, _: (y,),
    ArgMax: _none,
    Cast: _cast,
    Clip: _clip,
    Concat: _concat,
    Conv2d: _conv2d,
    DivideConstant: lambda op, y, x, _: (y * np.sign(op.constant.integers),),
    Embedding: _none,
    GlobalMax: _global_max,
    Lookup: _lookup,
    Matmul: _matmul,
    MaxPool2d: _maxpool2d,
    Maximum: lambda op, y, x, _: (y * (x[0] >= x[1]), y * (x[0] < x[1])),
    Minimum: lambda op, y, x, _: (y * (x[0] <= x[1]), y * (x[0] > x[1])),
    Multiply: lambda op, y, x, _: (y * x[1], y * x[0]),
    MultiplyConstant: lambda op, y, x, _: (y * op.constant.integers,),
    Pad: _pad,
    PRelu: _prelu,
    Relu: lambda op, y, x, _: (_through(x[0] > 0, y),),
    Reshape: lambda op, y, x, _: (y.reshape(x[0].shape),),
    Softmax: _softmax,
    Sqrt: lambda op, y, x, _: (_through(x[0] >= 0, y),),
    Subtract: lambda op, y, x, _: (y, -y),
    Transpose: _transpose,
    Upsample: _upsample,
}
