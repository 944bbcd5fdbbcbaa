"""A learned binary point: floats onto a fixed-point grid whose position is trained."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn

from qfx.errors import ArgumentError
from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval, Overflow, Rounding
from qfx.ir import GraphBuilder, Value
from qfx.nn.cast import fake_cast, power_of_two, to_integers
from qfx.nn.codes import Codes
from qfx.nn.layer import Layer, NotFiniteError, require_frozen
from qfx.nn.state import first_non_finite

EMULATED_BITS = 53  # float64's significand: the widest word the torch layers can emulate exactly
_OBSERVED_PER_BATCH = 1 << 16
_WIDEST_SPREAD = 8  # between the channels' binary points; each bit of it widens the sums by one


Method = Literal["mse", "mae", "percentile", "max"]
METHODS: tuple[Method, ...] = get_args(Method)


class Quantizer(Layer):
    """Casts to `wordlength` bits with a binary point that is a trained parameter.

    Args:
        wordlength: all bits, the sign included; 1 to 53.
        fraction_bits: where the binary point starts; calibration moves it to the least mean squared
            error. None leaves it to calibration, or to the first numbers that pass in training.
        signed: whether there is a sign bit.
        rounding: None takes the default of the place it is used in: RND_CONV for a parameter, RND
            for an activation.
        overflow: SAT by default; WRAP has no useful gradient beyond the range.
        learned: whether training moves the binary point after calibration.
        per_channel: one binary point for each first index of a parameter; activations have one per
            tensor, since they share wires.

    Shapes:
        any -> the same.

    Raises:
        FixedPointError: the wordlength is out of range.
    """

    fraction_bits: Tensor  # int64, as binary_point: written by freeze

    def __init__(
        self,
        wordlength: int,
        fraction_bits: int | None = None,
        *,
        signed: bool = True,
        rounding: Rounding | str | None = None,
        overflow: Overflow | str = Overflow.SAT,
        learned: bool = True,
        per_channel: bool = False,
    ) -> None:
        super().__init__()
        start = 0 if fraction_bits is None else fraction_bits
        FixedPointType(wordlength, start, signed)
        if wordlength > EMULATED_BITS:
            raise ArgumentError(
                f"a Quantizer has at most {EMULATED_BITS} bits, which float64 holds,"
                f" not {wordlength}: take fewer"
            )
        self.wordlength, self.signed, self.learned = wordlength, signed, learned
        self.per_channel = per_channel
        self.rounding = None if rounding is None else Rounding(rounding)
        self.overflow = Overflow(overflow)
        self.binary_point = nn.Parameter(torch.tensor(float(start)), requires_grad=learned)
        self.register_buffer("fraction_bits", torch.tensor(start))
        self.fitted = fraction_bits is not None  # whether the binary point was chosen for numbers
        self.seen: tuple[float, float] | None = None  # ends of what it was calibrated on; not saved
        self.observed: list[Tensor] | None = None  # a list while calibration looks at what passes
        self.bypassed = False  # True while the model trains in float
        self.of_parameter = False  # whether it casts a parameter rather than what passes
        self.real_step = False  # True while training looks for the binary point
        self.codes: Codes | None = None  # the integers to choose from; None for all

    @property
    def dtype(self) -> FixedPointType:
        """The type of the grid, of the finest channel's: frozen, or as it stands now."""
        return FixedPointType(self.wordlength, int(self._points().max()), self.signed)

    def _points(self) -> Tensor:
        """Fraction bits: frozen, or as the binary points stand now."""
        return self.fraction_bits if self.frozen else torch.round(self.binary_point.detach())

    @property
    def active_rounding(self) -> Rounding:
        return self.rounding or Rounding.RND

    def for_parameter(self, shape: tuple[int, ...]) -> Quantizer:
        """Return this quantizer as that of a parameter of this shape: round half to even unless
        told otherwise.
        """
        self.rounding = self.rounding or Rounding.RND_CONV
        self.of_parameter = True
        if self.per_channel:
            if not shape:
                raise ArgumentError(
                    "per_channel=True, but this parameter is one number: leave it out"
                )
            each = (shape[0], *[1] * (len(shape) - 1))
            start = self.binary_point.detach().max().expand(each).clone()
            self.binary_point = nn.Parameter(start, requires_grad=self.learned)
            self.fraction_bits = self.fraction_bits.max().expand(each).clone()
        return self

    def forward(self, x: Tensor) -> Tensor:
        if self.is_exact:
            exact = self.integers(x) * power_of_two(-self.fraction_bits, torch.float64)
            return exact.to(torch.float32) if self.wordlength <= 24 else exact
        if self.per_channel and self.binary_point.ndim == 0:
            raise ArgumentError(
                "per_channel binary points are for the parameters of a layer: an activation has one"
                " per tensor"
            )
        if self.observed is not None:
            self._observe(x.detach())
        if self.bypassed:
            return x
        if not self.fitted:
            self.fit(x)
        return fake_cast(
            x, self.binary_point, self.wordlength, self.signed, self.active_rounding, self.overflow,
            self.real_step and self.training, self._codes(),
        )  # fmt: skip

    def _codes(self) -> Codes | None:
        """Those that this forward casts to."""
        return self.codes

    @torch.compiler.disable  # type: ignore[untyped-decorator]
    def fit(self, x: Tensor) -> None:
        """Put the binary point where the first numbers that pass in training tell, unless it was
        chosen before: as LSQ (arXiv 1902.08153) starts its step. In evaluation only say so.
        """
        if self.bypassed or self.observed is not None:
            return
        if not self.training:
            warnings.warn(
                f"{self} casts with a binary point that was never fitted to any numbers: call"
                " qfx.calibrate(model, x), or train the model first",
                stacklevel=3,
            )
            return
        seen = x.detach()
        if not self._has_channels:
            seen = _sampled(seen)
            seen = seen[torch.isfinite(seen)]
        if bool((seen != 0).any()) and bool(torch.isfinite(seen).all()):
            self.calibrate(seen)

    @property
    def _has_channels(self) -> bool:
        """Whether each first index is cast in a way of its own."""
        return self.per_channel or (self.codes is not None and isinstance(self.codes.k, tuple))

    def _observe(self, x: Tensor) -> None:
        if self._has_channels:  # a parameter, the same in every batch
            self.observed = [x]
        elif self.observed is not None:
            self.observed.append(_sampled(x).clone())

    def integers(self, x: Tensor) -> Tensor:
        """Return the stored integers of `x`, as float64; per channel, on the channel's own grid."""
        x = x.detach().double()
        found = first_non_finite(x) if self.of_parameter else None
        if found:
            raise NotFiniteError(found)
        x = x + self.nudge * x.abs() if self.nudge else x
        return self._integers(x, self._points())

    def _integers(self, x: Tensor, points: Tensor) -> Tensor:
        return to_integers(
            x, points, self.wordlength, self.signed, self.active_rounding, self.overflow, self.codes
        )

    def on_grid(self, x: Tensor) -> Tensor:
        """Return `x` cast as it would be frozen now, in float64."""
        return self.integers(x) * power_of_two(-self._points(), torch.float64)

    def values(self, integers: Tensor) -> Tensor:
        """Return what a parameter's stored integers stand for, in float64."""
        return integers * power_of_two(-self.fraction_bits, torch.float64)

    def array(self, integers: Tensor) -> FixedPointArray:
        """Return a parameter's stored integers as fixed-point numbers of one type, the finest
        channel's.

        Per channel, the integers of a coarser channel end in zeros.
        """
        stored = integers.cpu().numpy().astype(np.int64)
        if not self.per_channel:
            return FixedPointArray(stored, self.dtype)
        points = self.fraction_bits.cpu().numpy()
        used = points[stored.reshape(len(stored), -1).any(1)]
        finest = int(used.max()) if used.size else 0
        aligned = stored << np.maximum(finest - points, 0)
        held = Interval(int(aligned.min()), int(aligned.max()))
        return FixedPointArray(aligned, FixedPointType.holding(held, finest))

    @torch.no_grad()
    def calibrate(self, x: Tensor, method: Method = "mse", percentile: float = 99.9) -> None:
        """Put the binary point where `method` says.

        Args:
            x: a sample of the values to be cast; all zero leaves the binary point where it is.
            method: "mse" or "mae" for the least mean squared or absolute error, "percentile" for
                the finest grid that holds this share of the magnitudes, "max" for one that holds
                them all.
            percentile: of the magnitudes; for the method of that name.
        """
        x = x.detach().double()
        self.seen = (float(x.min()), float(x.max())) if x.numel() else None
        rows = x.reshape(len(self.binary_point), -1) if self.per_channel else x.reshape(1, -1)
        magnitudes = rows.abs()
        if method == "percentile" and rows.numel():
            covered = _percentile(magnitudes, percentile)
        else:
            covered = magnitudes.amax(1) if rows.numel() else torch.zeros(len(rows))
        self.fitted = self.fitted or rows.numel() > 0
        seen = covered > 0
        if not seen.any():
            return
        exponent = torch.frexp(covered).exponent.reshape(-1, 1)
        lossless = self.wordlength - self.signed - exponent
        lossless = torch.minimum(lossless, lossless[seen].min() + _WIDEST_SPREAD)
        chosen = lossless[:, 0] if method in ("max", "percentile") else None
        if chosen is None:
            chosen = self._least_error(
                rows, lossless, torch.square if method == "mse" else torch.abs
            )
        kept = torch.where(seen, chosen.float(), self.binary_point.reshape(-1))
        self.binary_point.copy_(kept.reshape(self.binary_point.shape))

    def _least_error(
        self, rows: Tensor, lossless: Tensor, error: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """Of the binary points near the lossless one, each row's with the least mean error."""
        codes = self.codes.k if self.codes and not self.per_channel else None
        x = rows.reshape(len(codes), -1) if isinstance(codes, tuple) else rows
        candidates = [lossless + extra for extra in range(-1, self.wordlength + 2)]
        errors = []
        for points in candidates:
            y = self._integers(x, points) * power_of_two(-points, torch.float64)
            errors.append(error(x - y).reshape(rows.shape).mean(1))
        best = torch.stack(errors).argmin(0)
        return torch.cat(candidates, 1)[torch.arange(len(rows)), best]

    def get_extra_state(self) -> Tensor:
        return torch.tensor(self.fitted)

    def set_extra_state(self, state: Any) -> None:
        self.fitted = bool(state)

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
        if f"{prefix}binary_point" in state_dict:  # a state without it is of a model in use
            state_dict.setdefault(f"{prefix}_extra_state", torch.tensor(True))
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def freeze_parameters(self) -> None:
        self.fraction_bits.copy_(torch.round(self.binary_point.detach()))

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        return builder.cast(x, self.dtype, self.active_rounding, self.overflow)

    def config(self) -> dict[str, Any]:
        fraction_bits = int(torch.round(self.binary_point.detach()).max())
        return {
            "wordlength": self.wordlength,
            "fraction_bits": fraction_bits if self.fitted or fraction_bits else None,
            "signed": self.signed,
            "rounding": self.rounding.name if self.rounding else None,
            "overflow": self.overflow.name,
            "learned": self.learned,
            "per_channel": self.per_channel,
        }


def _sampled(x: Tensor) -> Tensor:
    """Take every so many-th number, flat."""
    flat = x.flatten()
    return flat[:: max(1, flat.numel() // _OBSERVED_PER_BATCH)]


def _percentile(magnitudes: Tensor, percentile: float) -> Tensor:
    """Of each row, the value that so many percent do not exceed."""
    count = magnitudes.shape[1]
    rank = min(count, max(1, math.ceil(count * percentile / 100)))
    return magnitudes.kthvalue(rank, 1).values
