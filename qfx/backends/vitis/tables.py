"""The tables of constants that stages are given, each a header of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qfx.backends.vitis.types import bits_type, cpp_type
from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.hardware import Stage


@dataclass(frozen=True, eq=False)
class Table:
    """A table that is looked up.

    Args:
        name: of the table, and of its header.
        title: what it holds, and of which layer.
        type: of its numbers.
        bits_type: of the integers that stand for them.
        integers: of any shape.
    """

    name: str
    title: str
    type: str
    bits_type: str
    integers: Integers

    @classmethod
    def of(cls, stage: Stage, holds: str, array: FixedPointArray) -> Table:
        """The table that a stage has of such numbers."""
        return cls(
            name=f"{stage.name}_{holds}",
            title=f"{holds} of {stage.source or stage.name}",
            type=cpp_type(array.dtype),
            bits_type=bits_type(array.dtype),
            integers=array.integers,
        )

    @property
    def template(self) -> str:
        """What writes it."""
        return "table.hpp.j2"

    @property
    def arguments(self) -> tuple[str, ...]:
        """What a stage's function is given of it."""
        return (self.name,)

    @property
    def rows(self) -> list[Any]:
        """Its integers, those of the first dimension apart."""
        rows: list[Any] = self.integers.tolist()
        return rows


@dataclass(frozen=True, eq=False)
class Weights(Table):
    """The weights of a contraction, as it reads them.

    Args:
        integers: (groups, folds, steps, output lanes, input lanes), and of coded terms their
            number.
        shifts: (groups, folds, output lanes), how far each row's sum is shifted; None where none
            is.
        coded: whether the integers are coded terms.
    """

    shifts: Integers | None
    coded: bool

    @property
    def template(self) -> str:
        """What writes them."""
        return "weights.hpp.j2"

    @property
    def arguments(self) -> tuple[str, ...]:
        """What the contraction's function is given of them."""
        return (self.name,) if self.shifts is None else (self.name, f"{self.name}_shifts")
