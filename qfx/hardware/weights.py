"""The weights of a contraction as ROMs hold them: mantissas and a shift for each row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval
from qfx.fixedpoint.array import Integers
from qfx.hardware.memory import varying_bits
from qfx.hardware.shift_add import Terms


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

    def varying_bits(self, pe: int, simd: int, by_terms: bool) -> int:
        """Bits of a ROM's word that are not the same in all its words.

        Args:
            pe, simd: outputs and inputs of a word.
            by_terms: whether it holds terms, not integers.
        """
        key = (pe, simd, by_terms)
        if key not in self._varying:
            integers = self.terms.codes() if by_terms else self.mantissa.integers
            bits = self.terms.term_bits if by_terms else self.mantissa.dtype.wordlength
            groups, inputs, outputs = self.mantissa.shape
            steps, folds = inputs // simd, outputs // pe
            lanes = integers.reshape(groups, steps, simd, folds, pe, -1)
            words = lanes.transpose(0, 3, 1, 4, 2, 5).reshape(groups * folds * steps, -1)
            self._varying[key] = varying_bits(words, bits)
        return self._varying[key]

    @cached_property
    def _varying(self) -> dict[tuple[int, int, bool], int]:
        return {}


def _held(integers: Integers, like: FixedPointType) -> FixedPointType:
    """The narrowest type that holds them, with the sign and the binary point of `like`."""
    held = Interval(min(int(integers.min()), -like.signed), int(integers.max()))
    return FixedPointType.holding(held, like.fraction_bits)
