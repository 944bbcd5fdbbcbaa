"""The weights of a contraction as ROMs hold them: mantissas and a shift for each row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval
from qfx.fixedpoint.array import Integers
from qfx.hardware.shift_add import Terms

_KEPT = 1 << 16  # lanes of a word of which what was gathered is kept


@dataclass(frozen=True, eq=False)
class Weights:
    """What all foldings of a contraction share.

    Args:
        whole: (groups, inputs, outputs) of one vector's groups, in the order of the streams.
    """

    whole: FixedPointArray

    @cached_property
    def row_shifts(self) -> Integers:
        """(groups, outputs): the trailing zeros that the weights of each output share, where
        leaving them out of the ROM narrows it; else all zero.
        """
        bits = np.bitwise_or.reduce(np.abs(self.whole.integers), axis=1)
        zeros = np.where(bits == 0, 0, np.log2(np.maximum(bits & -bits, 1)).astype(np.int64))
        held = _held(self.whole.integers >> zeros[:, None], self.whole.dtype)
        return zeros if held.wordlength < self.whole.dtype.wordlength else np.zeros_like(zeros)

    @cached_property
    def mantissa(self) -> FixedPointArray:
        """The weights as the ROM holds them: `mantissa << row_shifts` is `whole`."""
        if not self.row_shifts.any():
            return self.whole
        stripped = self.whole.integers >> self.row_shifts[:, None]
        return FixedPointArray(stripped, _held(stripped, self.whole.dtype))

    @cached_property
    def terms(self) -> Terms:
        """The mantissas as sums of shifts, filled where they have two terms or more."""
        return Terms.of(self.mantissa.integers, filled=True)

    def bits(self, by_terms: bool) -> int:
        """Count those of a weight in the ROM, as terms or as an integer."""
        return self.terms.word_bits if by_terms else self.mantissa.dtype.wordlength

    def reordered(self, order: Integers) -> Weights:
        """Return the same with the inputs in another order.

        Args:
            order: of the inputs, each once.
        """
        found = Weights(FixedPointArray(self.whole.integers[:, order], self.whole.dtype))
        vars(found)["row_shifts"] = self.row_shifts  # which no order changes
        if self.row_shifts.any():
            held = FixedPointArray(self.mantissa.integers[:, order], self.mantissa.dtype)
            vars(found)["mantissa"] = held
        return found

    def filled(self, inputs: int) -> Weights:
        """Return the same with zeros for further inputs, so many in all."""
        lacking = ((0, 0), (0, inputs - self.whole.shape[1]), (0, 0))
        found = Weights(FixedPointArray(np.pad(self.whole.integers, lacking), self.whole.dtype))
        vars(found)["row_shifts"] = self.row_shifts  # which no zero changes
        return found

    def varying_bits(self, pe: int, simd: int, by_terms: bool) -> int:
        """Count the bits of a ROM's word that are not the same in all its words.

        Args:
            pe, simd: outputs and inputs of a word.
            by_terms: whether it holds terms, not integers.
        """
        key = (pe, simd, by_terms)
        if key not in self._varying:
            bits = self.terms.term_bits if by_terms else self.mantissa.dtype.wordlength
            some, all_ = self._words(pe, simd, by_terms)
            changing = (some & ~all_).astype(np.int64) & ((1 << bits) - 1)
            self._varying[key] = int(np.bitwise_count(changing).sum())
        return self._varying[key]

    def _words(self, pe: int, simd: int, by_terms: bool) -> tuple[Integers, Integers]:
        """(simd, pe, fields) twice: the bits that some words of a ROM have, and those that all
        have; gathered from words that are a few times as wide, where those are kept.
        """
        key = (pe, simd, by_terms)
        if key not in self._gathered:
            _, inputs, outputs = self.mantissa.shape
            wider = (pe * _divisor(outputs // pe), simd)
            if simd < inputs:
                wider = (pe, simd * _divisor(inputs // simd))
            if (pe, simd) == (outputs, inputs) or wider[0] * wider[1] > _KEPT:
                some = all_ = self._narrow(by_terms)
            else:
                some, all_ = self._words(*wider, by_terms)
            some, all_ = (
                x.reshape(-1, simd, x.shape[-2] // pe, pe, x.shape[-1]) for x in (some, all_)
            )
            self._gathered[key] = (
                np.bitwise_or.reduce(some, axis=(0, 2)),
                np.bitwise_and.reduce(all_, axis=(0, 2)),
            )
        return self._gathered[key]

    def _narrow(self, by_terms: bool) -> Integers:
        """(groups, inputs, outputs, fields): what the ROM holds, in as few bytes as hold it."""
        integers = self.terms.codes() if by_terms else self.mantissa.integers
        least = np.min_scalar_type(-1 - int(np.abs(integers).max(initial=0)))
        return integers.reshape(*self.mantissa.shape, -1).astype(least)

    @cached_property
    def _varying(self) -> dict[tuple[int, int, bool], int]:
        return {}

    @cached_property
    def _gathered(self) -> dict[tuple[int, int, bool], tuple[Integers, Integers]]:
        return {}


def _divisor(number: int) -> int:
    """Return the least divisor above 1, but of 1 itself."""
    return next((d for d in range(2, number + 1) if number % d == 0), 1)


def _held(integers: Integers, like: FixedPointType) -> FixedPointType:
    """Return the narrowest type that holds them, with the sign and the binary point of `like`."""
    held = Interval(min(int(integers.min()), -like.signed), int(integers.max()))
    return FixedPointType.holding(held, like.fraction_bits)
