"""One function or method call of a model, as the builders of its modules see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qfx.foreign import ConvertError
from qfx.ops import Shape


class _Batch:
    """The size of the batch axis, which no hardware has."""

    def __repr__(self) -> str:
        return "the batch size"


BATCH = _Batch()


@dataclass(frozen=True)
class Call:
    """Where a call stands, and the shape of its operand without the batch axis, if known."""

    path: str
    shape: Shape | None

    def error(self, sentence: str) -> ConvertError:
        return ConvertError(f"{self.path}: {sentence}")

    def known_shape(self) -> Shape:
        if self.shape is None:
            raise self.error("the sizes must be known: pass input_shape=(...) to convert")
        return self.shape

    def axes(self, dim: int | Sequence[int]) -> tuple[int, ...]:
        """Axes counted from 0, the batch's."""
        given = (dim,) if isinstance(dim, int) else tuple(dim)
        if all(axis >= 0 for axis in given):
            return tuple(sorted(given))
        rank = len(self.known_shape()) + 1
        return tuple(sorted(axis % rank for axis in given))
