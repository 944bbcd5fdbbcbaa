"""The first step of an image's way in: raw values minus their mean, over their deviation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor
from typing_extensions import Self

from qfx.errors import ArgumentError
from qfx.ir import GraphBuilder, Value
from qfx.nn.affine import Affine
from qfx.nn.arguments import given_quantizer
from qfx.nn.conv import Conv2d
from qfx.nn.layer import Layer
from qfx.nn.linear import Linear
from qfx.nn.quantizer import Quantizer
from qfx.nn.weighted import Weighted


class Normalize(Affine):
    """y = (x - mean) / std with numbers known beforehand: a scale and an offset per channel.

    Directly before a Conv2d or Linear that alone reads it, it is folded into that layer's weight
    and bias, where it has a bias and padding allows it: a padded zero is not a raw zero, so a
    padded convolution keeps it apart unless the mean is 0. What is folded costs nothing; what is
    not is multiplied and added.

    Args:
        mean, std: of each channel (the first axis of a sample), or one number for all; in the units
            of x, so 0 to 255 behind `Pixels`.
        scale, offset: quantizers of 1 / std and -mean / std, 8 bits by default, calibrated here.
        output: True for an 8-bit result, a Quantizer, or None to leave the exact sum.
        fold: True insists, False forbids; None folds where it can and no quantizer was given,
            "maybe" also where one was, which counts where it cannot.

    Shapes:
        (samples, channels, ...) -> the same.

    Raises:
        ArgumentError: a deviation that is not positive, or quantizers for what is folded.
    """

    mean: Tensor
    std: Tensor
    keeps_float64: ClassVar[bool] = True  # its buffers, whatever type the model is cast to

    def __init__(
        self,
        mean: float | Sequence[float],
        std: float | Sequence[float],
        *,
        scale: Quantizer | None = None,
        offset: Quantizer | None = None,
        output: Quantizer | bool | None = True,
        fold: bool | Literal["maybe"] | None = None,
    ) -> None:
        means, stds = _numbers("mean", mean), _numbers("std", std)
        if len({1, len(means), len(stds)}) > 2:
            raise ArgumentError(
                f"mean has {len(means)} numbers and std {len(stds)}: give one for each channel"
            )
        means, stds = means + 0 * stds, stds + 0 * means  # of one length
        if not (stds > 0).all():
            raise ArgumentError(
                f"std holds {float(stds.min()):g}, but deviations are above 0: leave out channels"
                " that never vary"
            )
        given = [q for q in (scale, offset, output) if isinstance(q, Quantizer)]
        if fold not in (True, False, None, "maybe"):
            raise ArgumentError(f'fold must be True, False, "maybe" or None, not {fold!r}')
        if fold is True and given:
            raise ArgumentError(
                "Normalize(fold=True) computes nothing of its own to quantize: leave out scale,"
                " offset and output, or pass fold=False"
            )
        scale = given_quantizer("scale", scale) or Quantizer(8, learned=False)
        offset = given_quantizer("offset", offset) or Quantizer(8, learned=False)
        super().__init__(len(stds), scale, offset, output)
        self.fold, self.may_fold = fold, fold == "maybe" or (fold is not False and not given)
        self.register_buffer("mean", means.clone())
        self.register_buffer("std", stds.clone())
        for quantizer, values in zip((self.scale, self.offset), self._constants(), strict=True):
            quantizer.calibrate(values)
        self.folded = False

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        mean, std = self.mean, self.std
        apply: Any = super()._apply
        apply(fn, recurse)
        self.mean, self.std = mean.to(self.mean.device), std.to(self.std.device)
        return self

    def meet(self, before: Layer | None, after: Layer | None) -> None:
        self.folded = self.may_fold and isinstance(after, Weighted) and not self._blocked(after)
        if self.folded and isinstance(after, Weighted):
            after.fold(self)
        elif self.fold is True:
            raise ArgumentError(f"Normalize(fold=True) {self._reason(after)}; or pass fold=False")

    def _reason(self, after: Layer | None) -> str:
        """Why it cannot be folded, and what to change."""
        if isinstance(after, Weighted) and after.bias is None:
            return f"has a {type(after).__name__} without bias behind it: give it bias=True"
        if isinstance(after, Conv2d):
            return (
                f"cannot be folded into a padded {type(after).__name__}, whose padded zeros are not"
                " raw zeros: use padding=0 or mean=0"
            )
        found = "nothing" if after is None else type(after).__name__
        alone = " that alone reads it" if after is None else ""
        return f"has {found} behind it{alone}: put a Conv2d or a Linear of as many inputs there"

    def _blocked(self, after: Weighted) -> bool:
        """Whether the offset has no place, or the channels are not the inputs."""
        if after.bias is None:
            return True
        if isinstance(after, Linear):
            return len(self.mean) not in (1, after.in_features)
        padded = isinstance(after, Conv2d) and after.padding != (0, 0)
        return padded and bool((self.mean != 0).any())

    def fold_parameters(
        self, weight: Tensor, bias: Tensor | None, sums: Callable[[], Tensor] | None
    ) -> tuple[Tensor, Tensor]:
        """Return the weight for raw values, and the bias that takes the means' share."""
        scale, offset = (v.to(weight) for v in self._constants())
        if len(scale) > 1:  # one for each input; in groups, those of each output's group
            scale, offset = (self._of_inputs(v, weight) for v in (scale, offset))
        share = (weight * offset).flatten(1).sum(1)
        return weight * scale, share if bias is None else bias + share

    def _of_inputs(self, values: Tensor, weight: Tensor) -> Tensor:
        groups = len(values) // weight.shape[1]
        each = values.reshape(groups, -1).repeat_interleave(len(weight) // groups, 0)
        return each.reshape(len(weight), -1, *[1] * (weight.ndim - 2))

    def _constants(self) -> tuple[Tensor, Tensor]:
        return 1 / self.std, -self.mean / self.std

    def coefficients(self, x: Tensor | None) -> tuple[Tensor, Tensor]:
        scale, offset = self._constants()
        return (scale, offset) if x is None else (scale.to(x), offset.to(x))

    def forward(self, x: Tensor) -> Tensor:
        return x if self.folded else super().forward(x)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        return x if self.folded else super().lower(builder, x)

    def config(self) -> dict[str, Any]:
        unsaid = self.may_fold and self.fold != "maybe"  # no quantizer was given
        return {
            "mean": self.mean.tolist(),
            "std": self.std.tolist(),
            "scale": None if unsaid else self.scale,
            "offset": None if unsaid else self.offset,
            "output": self.output is not None if unsaid else self.output,
            "fold": self.fold,
        }


def _numbers(name: str, given: float | Sequence[float]) -> Tensor:
    """One or more as a vector; raises ArgumentError for what is no finite number."""
    try:
        numbers = torch.as_tensor(given).double().reshape(-1)
    except (TypeError, ValueError, RuntimeError):
        numbers = torch.zeros(0)
    if not len(numbers) or not torch.isfinite(numbers).all():
        raise ArgumentError(f"{name} must be a number, or one for each channel, not {given!r}")
    return numbers
