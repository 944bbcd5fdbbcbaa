"""How an item of training data, a sample or a batch, is read as tensors of x and y."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from qfx.data import DataError, Ports, split
from qfx.ir.several import alone
from qfx.training.tensors import Tensors, TrainingError, as_tensor, require_finite


@dataclass(frozen=True)
class Reading:
    """How items are read.

    Args:
        ports: of the model.
        what: the data are called in a sentence, as "the training data".
        needs_y: whether y is read; else it is None.
        classes: whether y holds class numbers or values; None keeps whichever it holds.
    """

    ports: Ports
    what: str
    needs_y: bool = True
    classes: bool | None = None

    def batch(self, item: Any, place: str) -> tuple[Tensors, Any]:
        """Return x and y of a batch.

        Raises:
            TrainingError: another form, counts that differ, or values that are not finite.
        """
        x, y = self.tensors(item, place)
        self.require_as_many(x, y, place)
        x = tuple(each.to(torch.float32) for each in x)
        for each, name in zip(x, self.names(place), strict=True):
            require_finite(each, name)
        for each in y:
            require_finite(each, f"y of {place}")
        return alone(x), alone(y) if y else None

    def tensors(self, item: Any, place: str) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Return x of each input, and each y, of none where it is not read; their types are their
        own, but for classes.
        """
        x, y = self.parts(item, place)
        return self.x(x, place), self.y(y, place)

    def parts(self, item: Any, place: str) -> tuple[tuple[Any, ...], Any]:
        """Return x of each input, and y, as they are."""
        try:
            return split(item, self.ports, place, self.needs_y)
        except DataError as error:
            raise TrainingError(str(error)) from None

    def x(self, x: tuple[Any, ...], place: str) -> tuple[Tensor, ...]:
        pairs = zip(x, self.names(place), strict=True)
        return tuple(as_tensor(each, name) for each, name in pairs)

    def y(self, y: Any, place: str) -> tuple[Tensor, ...]:
        each_y = self.each_y(y)
        return tuple(self.target(as_tensor(each, f"y of {place}"), place) for each in each_y)

    def each_y(self, y: Any) -> tuple[Any, ...]:
        """Return each y: of several outputs, or for a loss of one's own, a tuple may be several
        y.
        """
        if not self.needs_y:
            return ()
        several = len(self.ports.outputs) > 1 or self.classes is None
        return tuple(y) if several and _are_arrays(y) else (y,)

    def target(self, y: Tensor, place: str) -> Tensor:
        """Return y as classes or as values."""
        integral = not y.is_floating_point()
        if self.classes and not integral and y.numel():
            raise TrainingError(
                f"y of {place} holds {y.dtype}, but classes are integers: pass loss='regression' or"
                " convert y"
            )
        return y.long() if integral and self.classes is not False else y.to(torch.float32)

    def names(self, place: str) -> list[str]:
        """Name each x in a sentence."""
        return [f"{port or 'x'} of {place}" for port in self.ports.inputs]

    def require_as_many(self, x: tuple[Tensor, ...], y: tuple[Tensor, ...], place: str) -> None:
        """Raise TrainingError for counts that differ, for none, and for single samples."""
        for each, name in zip(x, self.names(place), strict=True):
            if each.ndim < 2:
                raise TrainingError(
                    f"{name}, of shape {tuple(each.shape)}, is no batch of samples: give (samples,"
                    " ...), as x[None] is of one sample and x[:, None] of single numbers"
                )
        if any(each.ndim < 1 for each in y):
            raise TrainingError(
                f"y of {place} is a single number for {len(x[0])} samples: give one for each, or"
                " single samples in a torch Dataset"
            )
        xs, ys = [len(each) for each in x], [len(each) for each in y]
        if len({*xs, *ys}) > 1 or xs[0] == 0:
            counts = f"{_listed(xs)} samples of x" + (f" and {_listed(ys)} of y" if y else "")
            raise TrainingError(f"{place} has {counts}: give as many of each, at least one")


def _are_arrays(y: Any) -> bool:
    return isinstance(y, (tuple, list)) and any(hasattr(each, "shape") for each in y)


def _listed(counts: list[int]) -> str:
    return " and ".join(map(str, counts))
