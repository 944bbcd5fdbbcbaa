"""How samples fit the grids of the inputs they are given to: what saturates, what is lost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qfx.data import Numbers
from qfx.fixedpoint import FixedPointType, Interval, Overflow, quantize
from qfx.fixedpoint.array import Integers
from qfx.ir import Graph, Input
from qfx.ops import Clip
from qfx.project.input_fit import InputFit
from qfx.project.manifest import Manifest
from qfx.report.layers import EXACT_DB

Seen = tuple[float, float] | None  # the least and greatest number of the calibration data

MUCH = 0.1  # of the numbers: the least squared error lets 5 % of normal ones saturate at 3 bits
_NOISE_DB = 3.0  # where half of the signal's power is lost
_COARSE_SPAN, _COARSE_DB = 1 / 16, 20.0  # four bits and more that no sample uses
_TIMES = 4.0  # more than calibration saw
_AT_A_TIME = 1 << 20  # numbers
_FALLS = {Overflow.WRAP: "wrap around", Overflow.SAT_ZERO: "become 0"}


def fits(
    graph: Graph, samples: Sequence[Numbers], integers: Sequence[Integers], seen: Sequence[Seen]
) -> tuple[InputFit, ...]:
    """Return one for each input.

    Args:
        graph: its inputs' grids are meant.
        samples: (count, *shape) numbers for each input.
        integers: what the inputs make of them.
        seen: by calibration, of each input; empty where nobody knows.
    """
    known = [*seen, *[None] * len(graph.inputs)]
    return tuple(
        _fit(entry, bounds_of(graph, entry), x, found, ends)
        for entry, x, found, ends in zip(graph.inputs, samples, integers, known, strict=False)
    )


def fit_lines(manifest: Manifest, loud: bool = True) -> list[str]:
    """Return what to say of the samples at each input.

    Args:
        manifest: of a project.
        loud: whether warnings are told too.
    """
    lines = list(map(str, manifest.fits))
    return lines + [f"WARNING: {fit.warning}" for fit in manifest.fits if fit.warning and loud]


def bounds_of(graph: Graph, entry: Input) -> Interval:
    """Return the integers of an input that pass unchanged: those of the type, and behind it those
    of the Clip that an embedding's indices meet first.
    """
    held = entry.cast.fitting
    readers = [node.op for node in graph.nodes if entry.value in node.inputs]
    indices = not entry.cast.dtype.signed and entry.cast.dtype.fraction_bits == 0
    if indices and len(readers) == 1 and isinstance(readers[0], Clip) and readers[0].low == 0:
        held = held.clip(readers[0].low, readers[0].high)
    return held


def _fit(entry: Input, held: Interval, x: Numbers, integers: Integers, seen: Seen) -> InputFit:
    dtype, beyond, samples, signal, noise = entry.cast.dtype, 0, 0, 0.0, 0.0
    rows = max(1, _AT_A_TIME // max(1, x[0].size))
    wide = FixedPointType(min(dtype.wordlength + 8, 63), dtype.fraction_bits, True)
    for start in range(0, len(x), rows):
        part = np.asarray(x[start : start + rows], np.float64)
        kept = np.ldexp(integers[start : start + rows].astype(np.float64), -dtype.fraction_bits)
        rounded = quantize(part, wide, entry.cast.rounding, Overflow.SAT).integers
        outside = (rounded < held.low) | (rounded > held.high)
        beyond += int(outside.sum())
        samples += int(outside.reshape(len(part), -1).any(1).sum())
        with np.errstate(over="ignore"):
            signal, noise = signal + np.square(part).sum(), noise + np.square(part - kept).sum()
    found = InputFit(
        input=entry.name,
        dtype=str(dtype),
        low=held.low * dtype.lsb,
        high=held.high * dtype.lsb,
        least=float(x.min()),
        greatest=float(x.max()),
        saturated=beyond / x.size,
        samples_saturated=samples / len(x),
        sqnr_db=_decibels(signal, noise),
        seen=seen,
        falls=_FALLS.get(entry.cast.overflow, "saturate"),
        warning="",
    )
    return found.model_copy(update={"warning": _warning(found, dtype, _is_whole(x))})


def _warning(fit: InputFit, dtype: FixedPointType, whole: bool) -> str:
    """What to say loudly; empty where the samples fit."""
    most = max(abs(fit.least), abs(fit.greatest))
    far = fit.seen is not None and most > _TIMES * max(map(abs, fit.seen))
    loses = (
        (fit.saturated >= MUCH and dtype.wordlength > 2)
        or (fit.saturated > 0 and fit.sqnr_db < _NOISE_DB and dtype.wordlength > 1)
        or (fit.saturated >= MUCH / 10 and far)
    )
    spans = (fit.greatest - fit.least) / (fit.high - fit.low or 1.0)
    if loses:
        found = f"{fit.share} of the samples' numbers lie beyond the grid of input {fit.input}"
        found += f" ({fit.dtype}, {fit.low:g} to {fit.high:g}) and {fit.falls}: the samples are"
        found += f" {fit.least:g} to {fit.greatest:g}"
    elif spans <= _COARSE_SPAN and fit.sqnr_db < _COARSE_DB:
        found = f"the samples, {fit.least:g} to {fit.greatest:g}, use a small part of the grid of"
        found += f" input {fit.input} ({fit.dtype}, {fit.low:g} to {fit.high:g}), and rounding"
        found += f" leaves a signal of {fit.sqnr_db:.1f} dB over noise"
    else:
        return ""
    if fit.seen is not None:
        found += f", calibration saw {fit.seen[0]:g} to {fit.seen[1]:g}"
    return f"{found}. {_advice(fit, dtype, whole)}"


def _advice(fit: InputFit, dtype: FixedPointType, whole: bool) -> str:
    scale = "Give samples scaled as in training"
    if whole and fit.least >= 0 and 1 < fit.greatest <= 255:
        return (
            f"{scale}; or begin the model with qfx.nn.Pixels(), and qfx.nn.Normalize(mean, std)"
            " behind it, which take bytes"
        )
    if dtype == FixedPointType(8, 0, False) and not whole:
        return f"{scale}: qfx.nn.Pixels() takes bytes, 0 to 255"
    return f"{scale}, or calibrate the model on such"


def _is_whole(x: Numbers) -> bool:
    if x.dtype.kind != "f":
        return True
    first = x[: max(1, _AT_A_TIME // max(1, x[0].size))]
    return bool((first == np.trunc(first)).all())


def _decibels(signal: float, noise: float) -> float:
    if noise == 0.0:
        return EXACT_DB
    if not np.isfinite(noise):
        return -EXACT_DB
    return float(10 * np.log10(max(signal, 1e-300) / noise))
