"""What layers' constructors refuse: each sentence has the argument's name, what it may be and what
it was.
"""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

from qfx.errors import ArgumentError
from qfx.nn.quantizer import Quantizer


def require_count(name: str, value: Any, least: int = 1) -> int:
    """Return `value`, a whole number from `least` on.

    Raises:
        ArgumentError: it is something else.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ArgumentError(f"{name} must be a whole number from {least} on, not {value!r}")
    return int(value)


def require_counts(least: int = 1, **values: Any) -> None:
    """Return them, each a whole number from `least` on.

    Raises:
        ArgumentError: one is something else.
    """
    for name, value in values.items():
        require_count(name, value, least)


def require_integers(name: str, values: Any) -> tuple[int, ...]:
    """Return `values`, whole numbers in a tuple or a list.

    Raises:
        ArgumentError: they are something else.
    """
    if not isinstance(values, (tuple, list)) or not all(
        isinstance(value, Integral) and not isinstance(value, bool) for value in values
    ):
        raise ArgumentError(f"{name} must be whole numbers in a tuple, as (2, 1), not {values!r}")
    return tuple(int(value) for value in values)


def require_number(name: str, value: Any, least: float = -math.inf) -> float:
    """Return `value`, a finite number from `least` on.

    Raises:
        ArgumentError: it is something else.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, Real)
        or not math.isfinite(value)
        or float(value) < least
    ):
        start = "" if least == -math.inf else f" from {least} on"
        raise ArgumentError(f"{name} must be a finite number{start}, not {value!r}")
    return float(value)


def require_share(name: str, value: Any) -> float:
    """Return `value`, a number from 0 to 1.

    Raises:
        ArgumentError: it is something else.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) <= 1:
        raise ArgumentError(f"{name} must be a share from 0 to 1, not {value!r}")
    return float(value)


def given_quantizer(name: str, value: Any, *, plain: tuple[Any, ...] = (None,)) -> Quantizer | None:
    """Return `value` if it is a Quantizer; None if it is one of the plain values that stand for
    one.

    Raises:
        ArgumentError: it is neither, for example a number of bits.
    """
    if isinstance(value, Quantizer):
        return value
    if not any(value is word for word in plain):
        *others, last = map(str, ("a Quantizer", *plain))
        bits = value if isinstance(value, int) and value > 1 else 8
        raise ArgumentError(
            f"{name} must be {', '.join(others)} or {last}, not {value!r}: for {bits} bits write"
            f" {name}=Quantizer({bits})"
        )
    return None


def result_quantizer(value: Quantizer | bool | None) -> Quantizer | None:
    """Return the quantizer of a layer's result: 8 bits for True, none for False or None.

    Raises:
        ArgumentError: it is something else, for example a number of bits.
    """
    own = given_quantizer("output", value, plain=(True, False, None))
    return own or (Quantizer(8) if value else None)
