"""Interval: each operation against all the integers inside."""

from itertools import product

import pytest

from qfx.fixedpoint import Interval

SMALL = [Interval(low, high) for low in range(-4, 5) for high in range(low, 5)]


def integers(interval):
    return range(interval.low, interval.high + 1)


def hull(values):
    return Interval(min(values), max(values))


def test_the_ends_must_be_in_order():
    with pytest.raises(ValueError, match=r"^an interval runs from low to high, not from 3 to 2$"):
        Interval(3, 2)


def test_sums_shifts_and_magnitudes_are_those_of_the_integers():
    for a in SMALL:
        assert a.magnitude == max(abs(x) for x in integers(a))
        assert a << 3 == hull([x << 3 for x in integers(a)])
        for b in SMALL:
            assert a + b == hull([x + y for x, y in product(integers(a), integers(b))])
            assert a.union(b) == hull([*integers(a), *integers(b)])


def test_containment_is_that_of_the_integers():
    for a in SMALL:
        for x in range(-6, 7):
            assert (x in a) == (x in integers(a))
        for b in SMALL:
            assert (b in a) == (set(integers(b)) <= set(integers(a)))


def test_clip_is_that_of_the_integers():
    limits = [None, *range(-5, 6)]
    for a, low, high in product(SMALL, limits, limits):
        if low is None or high is None or low <= high:
            clipped = [x if low is None else max(x, low) for x in integers(a)]
            clipped = [x if high is None else min(x, high) for x in clipped]
            assert a.clip(low, high) == hull(clipped)


def test_the_integers_are_unbounded():
    wide = Interval(-(1 << 200), 1 << 200)
    assert (wide << 100) + wide == Interval(-(1 << 300) - (1 << 200), (1 << 300) + (1 << 200))
    assert wide.magnitude == 1 << 200


def test_intervals_are_values():
    assert Interval(-1, 2) == Interval(-1, 2)
    assert len({Interval(-1, 2), Interval(-1, 2), Interval(0, 2)}) == 2
    assert str(Interval(-1, 2)) == "[-1, 2]"
