"""The figures of an epoch."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from qfx.training.data import count_samples


class Meter:
    """Running means over samples; accuracy where y holds class numbers."""

    def __init__(self) -> None:
        self.count, self.total, self.correct, self.classes = 0, 0.0, 0, True

    def add(self, output: Any, y: Any, loss: Tensor) -> None:
        count = count_samples(y)
        self.count += count
        self.total += float(loss.detach()) * count
        self.classes &= (
            isinstance(output, Tensor)
            and isinstance(y, Tensor)
            and not y.is_floating_point()
            and y.ndim == 1
            and output.ndim == 2
        )
        if self.classes:
            self.correct += int((output.detach().argmax(1) == y).sum())

    @property
    def loss(self) -> float:
        return self.total / max(1, self.count)

    @property
    def accuracy(self) -> float | None:
        return self.correct / max(1, self.count) if self.classes else None
