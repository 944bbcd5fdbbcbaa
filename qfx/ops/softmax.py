"""y = exp(x) / sum of exp(x) over a vector, by two tables of integers: the tables are the meaning.

With m the largest x, in integers:

    e[i]   = exponentials[m - x[i]]              2**F of them are 1, so e is 2**F where x is m
    S      = sum of e                            from 2**F to n 2**F
    o      = position of the leading one of S, counted from 2**F
    j      = the T bits of S below its leading one, as a number from 0 to 2**T - 1
    factor = reciprocals[j] >> o                 floor
    y[i]   = e[i] factor

where F is the fraction bits of the exponentials and 2**T the number of reciprocals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qfx.fixedpoint import FixedPointArray, Interval
from qfx.fixedpoint.array import Integers
from qfx.ops.op import Op, OpError, TensorType

_PRODUCT_BITS = 53  # of both tables together: what the torch layers emulate


@dataclass(frozen=True)
class Softmax(Op):
    name: ClassVar[str] = "softmax"
    exponentials: FixedPointArray  # (entries,): [k] stands for exp of -k LSB of x
    reciprocals: FixedPointArray  # (2**T,): [j] stands for 1 / (1 + j / 2**T)

    @property
    def unit_bits(self) -> int:
        """F: 2**F is the exponential of the largest x."""
        return self.exponentials.dtype.fraction_bits

    @property
    def index_bits(self) -> int:
        """T: the reciprocals are found by so many bits of the sum."""
        return self.reciprocals.shape[0].bit_length() - 1

    @property
    def fraction_bits(self) -> int:
        """Of the result."""
        return self.unit_bits + self.reciprocals.dtype.fraction_bits

    def infer(self, x: TensorType) -> TensorType:
        self._require_tables()
        if len(x.shape) != 1 or x.shape[0] < 2:
            raise OpError(f"softmax takes a vector of at least two, not {x.shape}")
        span, entries = x.interval.high - x.interval.low, self.exponentials.shape[0]
        if span >= entries:
            raise OpError(
                f"softmax has {entries} exponentials, and the logits lie up to {span} LSB apart:"
                " quantize them to fewer bits"
            )
        each, others = self.exponentials.integers[: span + 1], x.shape[0] - 1
        one, least = each[0], each[-1]
        if (others + 1) * int(one) >= 1 << 63:
            raise OpError(f"softmax: the exponentials of {others + 1} logits sum beyond 63 bits")
        high = one * self.factor(one + others * least)  # the largest, all others the smallest
        low = (each * self.factor(others * one + each)).min()  # any, all others the largest
        return TensorType(x.shape, Interval(int(low), int(high)), self.fraction_bits)

    def evaluate(self, x: Integers) -> Integers:
        each = self.exponentials.integers[x.max(axis=1, keepdims=True) - x]
        y: Integers = each * self.factor(each.sum(axis=1, keepdims=True))
        return y

    def factor(self, sums: Integers) -> Integers:
        """Return what the exponentials of these sums are multiplied by."""
        octaves = np.arange(1, int(np.max(sums) >> self.unit_bits).bit_length())
        octave = (sums[..., None] >= 1 << (self.unit_bits + octaves)).sum(-1)
        leading = sums >> (self.unit_bits - self.index_bits + octave)
        found: Integers = self.reciprocals.integers[leading - (1 << self.index_bits)] >> octave
        return found

    def describe(self) -> str:
        return f"exponentials {self.exponentials} reciprocals {self.reciprocals}"

    def _require_tables(self) -> None:
        """Raises OpError unless the tables fall, from one to no less than zero: then the interval's
        ends are where `infer` looks.
        """
        exps, reciprocals = self.exponentials.integers, self.reciprocals.integers
        if exps.ndim != 1 or reciprocals.ndim != 1:
            raise OpError("softmax takes two tables of one axis")
        bits = self.exponentials.dtype.wordlength + self.reciprocals.dtype.wordlength
        if bits > _PRODUCT_BITS:
            raise OpError(f"softmax: products of {bits} bits, more than {_PRODUCT_BITS}")
        if not len(exps) or exps[0] != 1 << max(self.unit_bits, 0) or (np.diff(exps) > 0).any():
            raise OpError("softmax: the exponentials must begin with one and never rise")
        steps = len(reciprocals)
        if steps < 2 or steps != 1 << self.index_bits or self.index_bits > self.unit_bits:
            raise OpError(
                f"softmax: {steps} reciprocals are no power of two from 2 to 2**{self.unit_bits}"
            )
        if (np.diff(reciprocals) > 0).any() or reciprocals[-1] < reciprocals[0] >> 1:
            raise OpError("softmax: the reciprocals must never rise, nor fall below half the first")
        if exps[-1] < 0 or reciprocals[-1] < 0:
            raise OpError("softmax: no table entry may be negative")
