"""A closed interval of integers, of any size: what a wire can carry at most."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """All integers from `low` to `high`, both included.

    Raises:
        ValueError: `low` is greater than `high`.
    """

    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(
                f"an interval runs from low to high, not from {self.low} to {self.high}"
            )

    @property
    def magnitude(self) -> int:
        """The largest absolute value inside."""
        return max(-self.low, self.high)

    def __contains__(self, other: int | Interval) -> bool:
        if isinstance(other, Interval):
            return self.low <= other.low and other.high <= self.high
        return self.low <= other <= self.high

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __lshift__(self, bits: int) -> Interval:
        return Interval(self.low << bits, self.high << bits)

    def union(self, other: Interval) -> Interval:
        """Return the smallest interval that holds both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))

    def clip(self, low: int | None = None, high: int | None = None) -> Interval:
        """Return the interval of `min(max(x, low), high)`; an end that is None does not clip."""
        ends = []
        for end in (self.low, self.high):
            end = end if low is None else max(end, low)
            ends.append(end if high is None else min(end, high))
        return Interval(*ends)

    def __str__(self) -> str:
        return f"[{self.low}, {self.high}]"
