"""The greatest distance between two counts that never fall, without looking everywhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qfx.fixedpoint.array import Integers

_AT_A_TIME = 1 << 14  # places evaluated together: so few that they stay in a processor's cache

Count = Callable[[Integers], Integers]


def greatest_gap(high: Count, low: Count, last: int, least: int) -> int:
    """Return the greatest high(n) - low(n) of all n from 1 to `last`, or `least` where that is
    more.

    Between two places a and b no gap exceeds high(b) - low(a + 1): where that is no more than what
    was found, none between them is looked at; else they are halved.  Memory does not depend on
    `last`.

    Args:
        high, low: of places, and by whole arrays of them; neither ever falls.
        last: at least 1.
        least: what a gap must exceed to count.
    """
    edges = np.unique(np.linspace(1, last, min(last, _AT_A_TIME // 4)).astype(np.int64))
    highs = high(edges)
    best = max(least, int((highs - low(edges)).max()))
    left = [(edges[:-1], edges[1:], highs[1:])]
    while left:
        begin, end, ends = left.pop()
        open_ = end - begin > 1
        open_[open_] = ends[open_] - low(begin[open_] + 1) > best
        if not open_.any():
            continue
        begin, end, ends = begin[open_], end[open_], ends[open_]
        if len(begin) > _AT_A_TIME:
            half = len(begin) // 2
            left += [
                (begin[:half], end[:half], ends[:half]),
                (begin[half:], end[half:], ends[half:]),
            ]
            continue
        middle = (begin + end) // 2
        highs = high(middle)
        best = max(best, int((highs - low(middle)).max()))
        left.append((np.append(begin, middle), np.append(middle, end), np.append(highs, ends)))
    return best
