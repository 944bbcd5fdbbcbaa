"""What a traced model is: the modules it runs, and what each of them reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import nn

from qfx.foreign import ConvertError
from qfx.frontends.torch.functions import Functions
from qfx.ops import Shape

__all__ = [
    "Arithmetic", "Concatenation", "ConvertError", "Difference", "Flow", "Join", "Largest",
    "Product", "Smallest", "Step", "Sum",
]  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One module that runs; a function call stands as the module that does the same.

    Args:
        path: of the module in the model, or the name of the call.
        module: torch's, or a qfx layer, which stays as it is.
        shape: of its first operand without the batch axis; None where no input_shape was given.
        key: by which others read its result; what the model is given has the keys from 0 on.
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
        inputs: what the model calls that which it is given; the keys are 0, 1 and so on.
        steps: that an output depends on.
        outputs: the keys of what the model returns.
        named: what the model was traced with.
    """

    inputs: tuple[str, ...]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    named: Functions = field(default_factory=Functions)

    @classmethod
    def of(cls, inputs: Sequence[str], steps: Sequence[Step], outputs: tuple[int, ...]) -> Flow:
        """Without the steps that no output depends on.

        Raises:
            ConvertError: an input of several on which none depends.
        """
        needed, kept = set(outputs), list[Step]()
        for step in reversed(steps):
            if step.key in needed:
                needed.update(step.reads)
                kept.insert(0, step)
        for key, name in enumerate(inputs):
            if key not in needed and len(inputs) > 1:
                raise ConvertError(f"what forward returns does not depend on {name}: leave it out")
        return cls(tuple(inputs), tuple(kept), outputs)

    @property
    def times_read(self) -> Counter[int]:
        """How often each key is read; the outputs are read outside."""
        return Counter([*self.outputs, *(read for step in self.steps for read in step.reads)])

    def only_reader(self, key: int) -> Step | None:
        """Return the step that alone reads this key, and nobody outside."""
        if self.times_read[key] != 1:
            return None
        return self.first_reader(key)

    def first_reader(self, key: int) -> Step | None:
        """Return the first step that reads this key."""
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


class Difference(Join):
    """Of the first tensor and the second."""


class Largest(Join):
    """Of tensors of one shape, element by element."""


class Smallest(Join):
    """Of tensors of one shape, element by element."""


class Concatenation(Join):
    """Of the channels, or features."""
