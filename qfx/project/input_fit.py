"""What a project keeps of how its samples fit the inputs, and how it is told loudly."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

from qfx.disk.record import Record


class SamplesWarning(UserWarning):
    """Samples that do not fit the grid of the input they are given to."""


class InputFit(Record):
    """How the user's samples fit the grid of an input.

    Args:
        input, dtype: its name and type.
        low, high: the least and the greatest number that pass unchanged.
        least, greatest: of the samples.
        saturated: share of the numbers that lie beyond.
        samples_saturated: share of the samples that hold such.
        sqnr_db: signal over what rounding and saturation take away; 200 is exact.
        seen: the least and the greatest number of the calibration data; None where it is not known.
        falls: what numbers beyond do: "saturate", "wrap around" or "become 0".
        warning: what to say loudly, and what to do; empty where the samples fit.
    """

    input: str
    dtype: str
    low: float
    high: float
    least: float
    greatest: float
    saturated: float
    samples_saturated: float
    sqnr_db: float
    seen: tuple[float, float] | None
    falls: str
    warning: str

    @property
    def share(self) -> str:
        """Of the numbers beyond, in percent."""
        return percent(self.saturated)

    def __str__(self) -> str:
        beyond = f"{self.share} of the numbers, in {percent(self.samples_saturated)} of the samples"
        return (
            f"samples at input {self.input}: {beyond}, lie beyond {self.low:g} to {self.high:g} and"
            f" {self.falls}; they are {self.least:g} to {self.greatest:g}"
        )


def percent(share: float) -> str:
    """Write a share for people: 0 only where it is."""
    if 0 < share < 0.0001:
        return "less than 0.01 %"
    return "0 %" if share == 0 else f"{100 * share:.3g} %"


def warn(fits: Iterable[InputFit], stacklevel: int = 2) -> None:
    """Give a SamplesWarning for each input that samples do not fit.

    Args:
        fits: of a project's manifest.
        stacklevel: whose line is named: 2 for the caller of the function that calls this.
    """
    for fit in fits:
        if fit.warning:
            warnings.warn(fit.warning, SamplesWarning, stacklevel=stacklevel + 1)
