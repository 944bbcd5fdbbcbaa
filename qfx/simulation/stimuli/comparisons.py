"""The comparisons a graph makes, and how near a sample comes to each side of them.

Hardware that compares wrongly shows it only where a sample stands on the wrong side: beyond a
bound, just beyond it, at the middle between two integers, with this tap or that one the largest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from qfx.fixedpoint import FixedPointArray, Interval, Overflow, Rounding
from qfx.fixedpoint.array import Integers
from qfx.ir import Graph, Node
from qfx.ops import (
    ArgMax,
    Cast,
    Clip,
    Conv2d,
    GlobalMax,
    Lookup,
    Matmul,
    MaxPool2d,
    OpError,
    PRelu,
    Relu,
    Softmax,
)

_MOST_TAPS = 16  # of a pooling, and classes, that are told apart
_MOST_PARAMETERS = 200  # of a graph, whose last bits are looked at one by one
_TRUNCATING = (Rounding.TRN, Rounding.TRN_ZERO)

Of = Callable[[Integers], Any]  # of an operand (samples, *shape)


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Args:
        node: that compares.
        name: what its operand is there, in words.
        short: how far each sample is from being there; 0 where it is.
        wrong: what the node would give if it were wrong there.
    """

    node: Node
    name: str
    short: Of
    wrong: Of


def sides(graph: Graph) -> list[Side]:
    """All sides that the operands' intervals allow."""
    return [side for node in graph.nodes for side in _sides(node)]


def parameters(graph: Graph) -> list[Side]:
    """The last bit of every weight and constant, where there are few: all samples are there."""
    found = [side for node in graph.nodes for side in _last_bits(node)]
    return found if len(found) <= _MOST_PARAMETERS else []


def _last_bits(node: Node) -> Iterator[Side]:
    op = node.op
    name = "weight" if isinstance(op, (Matmul, Conv2d)) else "constant"
    array = getattr(op, name, None)
    if not isinstance(array, FixedPointArray) or array.integers.size > _MOST_PARAMETERS:
        return
    for index in range(array.integers.size):
        other = array.integers.copy()
        least, span = array.dtype.min_int, 1 << array.dtype.wordlength
        other.flat[index] = least + ((int(other.flat[index]) ^ 1) - least) % span  # a sign, of one
        try:
            changed = replace(op, **{name: FixedPointArray(other, array.dtype)})
        except OpError:
            continue  # a divisor of 0, which no design could hold
        yield Side(node, f"{name} {index}", _everywhere, changed.evaluate)


def _everywhere(x: Integers) -> Any:
    return np.zeros(len(x), np.int64)


def _sides(node: Node) -> Iterator[Side]:
    op, operand = node.op, node.inputs[0].type.interval
    if isinstance(op, (Relu, PRelu)):
        yield from _both_signs(node, op, operand)
    elif isinstance(op, Clip):
        yield from _beyond(node, operand, Interval(op.low, op.high), _same, _same)
    elif isinstance(op, Cast):
        yield from _of_cast(node, op, operand)
    elif isinstance(op, MaxPool2d):
        yield from _of_maxpool(node, op)
    elif isinstance(op, GlobalMax):
        yield from _of_global_max(node)
    elif isinstance(op, ArgMax):
        yield from _of_argmax(node)
    elif isinstance(op, Softmax):
        yield from _of_softmax(node, op)
    elif isinstance(op, Lookup):
        for name, value in (("lowest", operand.low), ("highest", operand.high)):
            wrong = partial(_where, partial(_is, value), op.evaluate, lambda x: op.evaluate(x) ^ 1)
            yield Side(node, name, _to(value, _same), wrong)


def _both_signs(node: Node, op: Relu | PRelu, operand: Interval) -> Iterator[Side]:
    def as_positive(x: Integers) -> Any:
        return x if isinstance(op, Relu) else x << op.constant.dtype.fraction_bits

    def as_negative(x: Integers) -> Any:
        return 0 * x if isinstance(op, Relu) else x * op.constant.integers

    if operand.low < 0:
        yield Side(node, "negative", lambda x: np.maximum(_low(x) + 1, 0), as_positive)
    if operand.high > 0:
        yield Side(node, "positive", lambda x: np.maximum(1 - _high(x), 0), as_negative)


def _beyond(
    node: Node, operand: Interval, inside: Interval, prepared: Of, unbounded: Of
) -> Iterator[Side]:
    """Beyond either end, next to it, and next to it inside.

    Args:
        node, operand: whose, and what it holds once it is prepared.
        inside: what passes unchanged.
        prepared: what is compared with the bounds, of the operand.
        unbounded: what passes where there is no bound.
    """
    for end, out, reach in ((inside.high, 1, operand.high), (inside.low, -1, operand.low)):
        if (reach - end) * out <= 0:
            continue
        words = ("above", "below")[::out]

        def beyond(x: Integers, end: int = end, out: int = out) -> Any:
            return (prepared(x) - end) * out

        def far(x: Integers, beyond: Of = beyond) -> Any:
            return np.maximum(1 - _high(beyond(x)), 0)

        for name, short, there, gives in (
            (f"{words[0]} {end}", far, lambda x, b=beyond: b(x) > 0, unbounded),
            (f"just {words[0]} {end}", _to(1, beyond), lambda x, b=beyond: b(x) == 1, unbounded),
            (f"just {words[1]} {end}", _to(-1, beyond), lambda x, b=beyond: b(x) == -1,
             lambda x, end=end: np.full_like(x, end)),
        ):  # fmt: skip
            yield Side(node, name, short, partial(_where, there, node.op.evaluate, gives))


def _of_cast(node: Node, op: Cast, operand: Interval) -> Iterator[Side]:
    rounded = op.rounded(operand)
    if rounded not in op.fitting and op.overflow is not Overflow.WRAP:
        wraps = replace(op, overflow=Overflow.WRAP).evaluate
        yield from _beyond(node, rounded, op.fitting, op.before_overflow, wraps)
    if op.shift <= 0 or op.rounding in _TRUNCATING:
        return
    middle = 1 << (op.shift - 1)
    fitted = replace(op, from_fraction_bits=op.dtype.fraction_bits).evaluate

    def away(x: Integers) -> Any:
        return np.abs((x & ((1 << op.shift) - 1)) - middle)

    def otherwise(x: Integers) -> Any:
        floor = x >> op.shift
        return fitted(2 * floor + 1 - op.before_overflow(x))

    for name, negative, possible in (
        ("a half, positive", False, operand.high >= middle),
        ("a half, negative", True, operand.low <= -middle),
    ):
        if possible:

            def short(x: Integers, negative: bool = negative) -> Any:
                return _low(np.where((x < 0) == negative, away(x), middle + 1))

            def there(x: Integers, negative: bool = negative) -> Any:
                return ((x < 0) == negative) & (away(x) == 0)

            yield Side(node, name, short, partial(_where, there, op.evaluate, otherwise))


def _of_maxpool(node: Node, op: MaxPool2d) -> Iterator[Side]:
    """Each tap the only largest of a patch."""
    kh, kw = op.kernel
    if kh * kw > _MOST_TAPS:
        return
    (top, left), (down, right) = op.padding, op.stride
    height, width = node.output.type.shape[1:]

    def taps(x: Integers) -> Any:
        padded = np.pad(x, ((0, 0), (0, 0), (top, top), (left, left)))
        found = [
            padded[:, :, i : i + down * height : down, j : j + right * width : right]
            for i in range(kh)
            for j in range(kw)
        ]
        return np.stack(found, axis=-1)

    yield from _of_taps(node, "tap", taps, range(kh * kw))


def _of_global_max(node: Node) -> Iterator[Side]:
    """Each pixel the only largest; of many the first two and the last."""
    _, height, width = node.inputs[0].type.shape
    count = height * width

    def pixels(x: Integers) -> Any:
        return x.reshape(*x.shape[:2], 1, 1, -1)

    some = range(count) if count <= _MOST_TAPS else (0, 1, count - 1)
    yield from _of_taps(node, "pixel", pixels, some)


def _of_taps(node: Node, name: str, taps: Of, numbers: Collection[int]) -> Iterator[Side]:
    """Each of these taps the only largest, where there is another one."""
    for tap in numbers if len(numbers) > 1 else ():
        others = partial(_without_tap, taps, tap)
        yield Side(node, f"{name} {tap} the largest", partial(_tap_ahead, taps, tap), others)


def _tap_ahead(taps: Of, tap: int, x: Integers) -> Integers:
    return _ahead(tap, taps(x))


def _without_tap(taps: Of, tap: int, x: Integers) -> Any:
    return np.delete(taps(x), tap, axis=-1).max(axis=-1)


def _of_argmax(node: Node) -> Iterator[Side]:
    classes = node.inputs[0].type.shape[0]

    def without(number: int, x: Integers) -> Any:
        least = x.copy()
        least[:, number] = x.min() - 1
        return node.op.evaluate(least)

    for number in range(min(classes, _MOST_TAPS)):
        ahead, others = partial(_ahead, number), partial(without, number)
        yield Side(node, f"{number} the largest", ahead, others)

    def apart(x: Integers) -> Any:
        two = np.partition(x, -2, axis=-1)[:, -2:]
        return two[:, 1] - two[:, 0]

    yield Side(node, "two the largest", apart, lambda x: classes - 1 - node.op.evaluate(x[:, ::-1]))


def _of_softmax(node: Node, op: Softmax) -> Iterator[Side]:
    """Each element the largest, from which all are counted."""

    def without(number: int, x: Integers) -> Any:
        largest = np.delete(x, number, axis=1).max(axis=1, keepdims=True)
        each = op.exponentials.integers[np.maximum(largest - x, 0)]
        return each * op.factor(each.sum(axis=1, keepdims=True))

    for number in range(min(node.inputs[0].type.shape[0], _MOST_TAPS)):
        ahead, others = partial(_ahead, number), partial(without, number)
        yield Side(node, f"{number} the largest", ahead, others)


def _same(x: Integers) -> Integers:
    return x


def _is(value: int, x: Integers) -> Any:
    return x == value


def _where(there: Of, right: Of, wrong: Of, x: Integers) -> Any:
    """The right result, but the wrong one there."""
    return np.where(there(x), wrong(x), right(x))


def _ahead(index: int, x: Integers) -> Integers:
    """How much the element at an index of the last axis lacks to be the only largest."""
    others = np.delete(x, index, axis=-1).max(axis=-1)
    return _low(np.maximum(others + 1 - x[..., index], 0))


def _to(value: int, prepared: Of) -> Of:
    """How far the nearest element is from a value."""
    return lambda x: _low(np.abs(prepared(x) - value))


def _low(x: Integers) -> Integers:
    found: Integers = x.reshape(len(x), -1).min(axis=1)
    return found


def _high(x: Integers) -> Integers:
    found: Integers = x.reshape(len(x), -1).max(axis=1)
    return found
