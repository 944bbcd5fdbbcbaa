"""The figures of an epoch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from qfx.ir.several import alone
from qfx.training.tensors import count_samples, operands


class Meter:
    """Running means over samples; accuracy where y holds class numbers.

    Args:
        keeps: whether outputs and y are kept, for a metric of all of them.
    """

    def __init__(self, keeps: bool = False) -> None:
        self.count, self.total, self.correct, self.classes = 0, 0.0, 0, True
        self.keeps = keeps
        self.outputs: list[list[Tensor]] = []
        self.targets: list[list[Tensor]] = []

    def add(self, output: Any, y: Any, loss: Tensor) -> None:
        count = count_samples(y)
        self.count += count
        self.total += float(loss.detach()) * count
        self.classes &= are_classes(output, y)
        if self.classes:
            self.correct += int((output.detach().argmax(1) == y).sum())
        if self.keeps:
            self.outputs.append([each.detach().cpu() for each in operands(output)])
            self.targets.append([each.detach().cpu() for each in operands(y)])

    def kept(self) -> tuple[Any, Any]:
        """Return all outputs, and all y; of several, a tuple of each."""
        joined = [
            alone([torch.cat(each) for each in zip(*parts, strict=True)])
            for parts in (self.outputs, self.targets)
        ]
        return joined[0], joined[1]

    @property
    def loss(self) -> float:
        return self.total / max(1, self.count)

    @property
    def accuracy(self) -> float | None:
        return self.correct / max(1, self.count) if self.classes else None


def are_classes(output: Any, y: Any) -> bool:
    """Tell whether y holds a class number for each sample, and the output a score for each
    class.
    """
    return (
        isinstance(output, Tensor)
        and isinstance(y, Tensor)
        and not y.is_floating_point()
        and y.ndim == 1
        and output.ndim == 2
    )
