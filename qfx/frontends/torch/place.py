"""Where a layer stands in the converted model, and so which quantizers it gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from qfx import nn as qnn
from qfx.foreign import ConvertError
from qfx.frontends.torch.formats import Formats
from qfx.frontends.torch.steps import Step


@dataclass(frozen=True)
class Place:
    """What a layer must know of where it stands.

    Args:
        step: the module it replaces.
        formats: its quantizers.
        exact: whether its operand is an exact sum, which it has to cast.
        nonnegative: whether no element of its operand is negative.
        kept_exact: whether what follows casts its result.
        folds: whether a batch normalization behind it is folded into it.
    """

    step: Step
    formats: Formats
    exact: bool
    nonnegative: bool
    kept_exact: bool
    folds: bool

    def error(self, sentence: str) -> ConvertError:
        return ConvertError(f"{self.step.path}: {sentence}")

    def output(self, signed: bool = True) -> qnn.Quantizer | None:
        """Return the quantizer of a result that is an exact sum or product."""
        return None if self.kept_exact else self.formats.output(self.step.path, signed)

    def kept(self, signed: bool) -> qnn.Quantizer | None:
        """Return the quantizer of a result that stays on its operand's grid, where it has one."""
        return self.output(signed) if self.exact else None

    def require(self, module: nn.Module, **expected: Any) -> None:
        """Raise ConvertError unless the module's attributes are as expected."""
        for name, value in expected.items():
            found = getattr(module, name, value)
            if found != value:
                raise self.error(
                    f"{type(module).__name__}({name}={found!r}) has no fixed-point form, only"
                    f" {name}={value!r}"
                )


def one(size: Any) -> Any:
    """Return a size of one axis as a number: torch's one-dimensional modules keep them in
    tuples.
    """
    return size[0] if isinstance(size, tuple) and len(size) == 1 else size
