"""What a traced model is: the modules it runs, and what each of them reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from qfx.ops import Shape


class ConvertError(ValueError):
    """A model that has no fixed-point twin; the sentence names the layer and what to use."""


INPUT = 0  # the key of what the model is given


@dataclass(frozen=True)
class Step:
    """One module that runs; a function call stands as the module that does the same.

    Args:
        path: of the module in the model, or the name of the call.
        module: torch's, or a qfx layer, which stays as it is.
        shape: of its first operand without the batch axis; None where no input_shape was given.
        key: by which others read its result.
        reads: the keys of its operands.
    """

    path: str
    module: nn.Module
    shape: Shape | None
    key: int
    reads: tuple[int, ...]


@dataclass(frozen=True)
class Flow:
    """All steps of a model, each behind those that it reads.

    Args:
        steps: that the output depends on.
        output: the key of what the model returns.
    """

    steps: tuple[Step, ...]
    output: int

    @classmethod
    def of(cls, steps: Sequence[Step], output: int) -> Flow:
        """Without the steps that the output does not depend on."""
        needed, kept = {output}, list[Step]()
        for step in reversed(steps):
            if step.key in needed:
                needed.update(step.reads)
                kept.insert(0, step)
        return cls(tuple(kept), output)

    @property
    def times_read(self) -> Counter[int]:
        """How often each key is read; the output is read outside."""
        return Counter([self.output, *(read for step in self.steps for read in step.reads)])

    def only_reader(self, key: int) -> Step | None:
        """The step that alone reads this key, and nobody outside."""
        if self.times_read[key] != 1:
            return None
        return next((step for step in self.steps if key in step.reads), None)


class Arithmetic(nn.Module):
    """(x - mean) / std with one number each: what scalar arithmetic in a forward comes to."""

    def __init__(self, mean: float, std: float) -> None:
        super().__init__()
        self.mean, self.std = mean, std


class Join(nn.Module):
    """Base of what makes one tensor of several."""


class Sum(Join):
    """Of tensors of one shape."""


class Product(Join):
    """Of tensors of one shape, element by element."""


class Concatenation(Join):
    """Of the channels, or features."""
