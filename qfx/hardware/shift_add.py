"""Constants as sums of signed powers of two: what a product is built of where no multiplier is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint import to_signed_digits
from qfx.fixedpoint.array import Integers, require_integers

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Terms:
    """Integers, each as the sum of `count` terms ±2**shift; derived from them and proven equal.

    Args:
        shifts: (*shape, count) exponents, below 63, 0 where a term is absent.
        negative: (*shape, count), whether the term is subtracted.
        present: (*shape, count), whether there is such a term.
    """

    shifts: npt.NDArray[np.int8]
    negative: Flags
    present: Flags

    @classmethod
    def of(cls, integers: npt.ArrayLike, *, filled: bool = False) -> Terms:
        """Return the canonical signed digits of `integers`, as many terms as the longest needs, and
        one.

        Args:
            integers: of any shape, magnitudes below 2**62.
            filled: split terms (2**n = 2**(n-1) + 2**(n-1), 1 = 2 - 1, 0 = 1 - 1) until none is
                absent, which spares a selection in hardware; where all have one term or none there
                is nothing to split into.

        Raises:
            ArithmeticError: the terms do not add up to the integers.
        """
        whole = require_integers(integers)
        different, which = np.unique(whole, return_inverse=True)
        digits = to_signed_digits(different).reshape(different.size, -1)
        count = max(1, int((digits != 0).sum(1).max(initial=0)))
        fields = [np.zeros((different.size, count), kind) for kind in (np.int8, bool, bool)]
        for row, given in enumerate(digits):
            terms = _split(_terms(given), count) if filled and count > 1 else _terms(given)
            for index, (shift, negative) in enumerate(terms):
                for field, value in zip(fields, (shift, negative, True), strict=True):
                    field[row, index] = value
        found = cls(*(field[which.reshape(whole.shape)] for field in fields))
        if (found.integers() != whole).any():
            raise ArithmeticError("the terms of a constant do not add up to it")
        return found

    def integers(self) -> Integers:
        """Say what the terms add up to."""
        powers = np.left_shift(self.present.astype(np.int64), self.shifts)
        total: Integers = np.where(self.negative, -powers, powers).sum(-1)
        return total

    @property
    def count(self) -> int:
        """Of terms each integer has, absent ones included."""
        terms: int = self.shifts.shape[-1]
        return terms

    @cached_property
    def adders(self) -> int:
        """That add or subtract the terms of all integers one after the other, were each its own
        constant; one more where the first is subtracted.
        """
        following, negatives = self.present[..., 1:].sum(), self.negative[..., 0].sum()
        return int(following + negatives)

    @cached_property
    def shift_bits(self) -> int:
        """Of a term's exponent; 0 where all are 0."""
        greatest: int = self.shifts.max(initial=0).item()
        return greatest.bit_length()

    @cached_property
    def has_signs(self) -> bool:
        """Whether a term has a bit that subtracts it."""
        return bool(self.negative.any())

    @cached_property
    def has_gaps(self) -> bool:
        """Whether a term has a bit that says it is present."""
        return not self.present.all()

    @property
    def term_bits(self) -> int:
        """Of one term: its exponent, then its sign, then whether it is present."""
        return self.shift_bits + self.has_signs + self.has_gaps

    @property
    def word_bits(self) -> int:
        """Of one integer: its terms, the first in the least significant bits; at least 1."""
        return max(1, self.count * self.term_bits)

    def codes(self) -> Integers:
        """(*shape, count): each term as coded, in `term_bits` bits, which are 8 at most."""
        fields: Integers = self.shifts.astype(np.int64)
        if self.has_signs:
            fields |= self.negative.astype(np.int64) << self.shift_bits
        if self.has_gaps:
            fields |= self.present.astype(np.int64) << (self.shift_bits + self.has_signs)
        return fields

    def words(self) -> list[int]:
        """Return the integers of `shape`, flat and coded; a word may have any number of bits."""
        rows = self.codes().reshape(-1, self.count).tolist()
        offsets = [index * self.term_bits for index in range(self.count)]
        return [sum(c << bit for c, bit in zip(row, offsets, strict=True)) for row in rows]


_Term = tuple[int, bool]  # exponent, whether it is subtracted


def _terms(digits: npt.NDArray[np.int8]) -> list[_Term]:
    return _added_first([(int(k), bool(digits[k] < 0)) for k in np.flatnonzero(digits)])


def _split(terms: list[_Term], count: int) -> list[_Term]:
    """Return the same sum of exactly `count` terms, at least 2."""
    terms = list(terms) or [(0, False), (0, True)]
    while len(terms) < count:
        shift, negative = terms.pop()
        if shift:
            terms += [(shift - 1, negative), (shift - 1, negative)]
        else:
            terms += [(1, negative), (0, not negative)]
    return _added_first(terms)


def _added_first(terms: list[_Term]) -> list[_Term]:
    """Return the terms in another order: a sum that begins with what is added needs no negative."""
    return sorted(terms, key=lambda term: term[1])
