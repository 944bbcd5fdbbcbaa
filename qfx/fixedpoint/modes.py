"""The names of ap_fixed's rounding (Q) and overflow (O) modes (UG1399, "Arbitrary Precision
Fixed-Point Data Types").
"""

from __future__ import annotations

from enum import Enum
from typing import NoReturn

from qfx.errors import ArgumentError


class _Mode(Enum):
    """Base of both, which refuses a name that is not among its own."""

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        names = ", ".join(mode.name for mode in cls)
        raise ArgumentError(f"{value!r} is no {cls.__name__.lower()} mode: use one of {names}")

    def __repr__(self) -> str:
        return self.name


class Rounding(_Mode):
    """What happens to bits below the LSB of the destination."""

    TRN = "TRN"  # toward minus infinity: the bits are dropped
    TRN_ZERO = "TRN_ZERO"  # toward zero
    RND = "RND"  # to nearest, half toward plus infinity
    RND_ZERO = "RND_ZERO"  # to nearest, half toward zero
    RND_INF = "RND_INF"  # to nearest, half away from zero
    RND_MIN_INF = "RND_MIN_INF"  # to nearest, half toward minus infinity
    RND_CONV = "RND_CONV"  # to nearest, half to even


class Overflow(_Mode):
    """What happens to a rounded value outside the range of the destination."""

    WRAP = "WRAP"  # keep the low bits
    SAT = "SAT"  # the nearest end of the range
    SAT_SYM = "SAT_SYM"  # as SAT; a signed range is -max .. max, so its minimum moves too
    SAT_ZERO = "SAT_ZERO"  # zero
