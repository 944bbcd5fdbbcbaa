"""Torch's poolings and the modules that only move values, each as the qfx layer that does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from qfx import nn as qnn
from qfx.frontends.torch.place import Place, one
from qfx.nn.one_dimensional import OneDimensional

Options = Callable[[Place], dict[str, Any]]


def max_pool(kind: Callable[..., Any]) -> Callable[[Place, Any], Any]:
    def build(place: Place, m: Any) -> Any:
        place.require(m, ceil_mode=False, return_indices=False)
        if m.dilation not in (1, (1, 1)):
            place.require(m, dilation=1)
        return kind(one(m.kernel_size), one(m.stride), one(m.padding))

    return build


def avg_pool(kind: Callable[..., Any]) -> Callable[[Place, Any], Any]:
    def build(place: Place, m: Any) -> Any:
        place.require(m, ceil_mode=False, divisor_override=None)
        output = place.output(not place.nonnegative)
        sizes = (one(size) for size in (m.kernel_size, m.stride, m.padding))
        return kind(
            *sizes, count_include_pad=m.count_include_pad, reciprocal=_reciprocal(place),
            output=output,
        )  # fmt: skip

    return build


def adaptive_pool(whole: Any, pool: Any, options: Options) -> Callable[[Place, Any], Any]:
    """Pool all of an image, or patches of one size where the sizes are known to divide.

    Args:
        whole, pool: the layers of either.
        options: of both.
    """

    def build(place: Place, m: Any) -> Any:
        place.require(m, return_indices=False)
        given = m.output_size if isinstance(m.output_size, tuple) else (m.output_size,)
        axes = 1 if issubclass(whole, OneDimensional) else 2
        given = given * axes if len(given) == 1 else given
        if all(size == 1 for size in given):
            return whole(1, **options(place))
        if place.step.shape is None:
            raise place.error("to which patches it comes is not known: pass input_shape to convert")
        sizes = place.step.shape[1:]
        wanted = [own if size is None else size for own, size in zip(sizes, given, strict=True)]
        if tuple(wanted) == tuple(sizes):
            return qnn.Identity()
        if any(size % want for size, want in zip(sizes, wanted, strict=True)):
            raise place.error(
                f"an image of {sizes} in {tuple(wanted)} patches would have some of several sizes:"
                " choose sizes that divide"
            )
        kernel = tuple(size // want for size, want in zip(sizes, wanted, strict=True))
        return pool(kernel if axes == 2 else kernel[0], **options(place))

    return build


def mean_options(place: Place) -> dict[str, Any]:
    """Return what a layer of means is asked for."""
    output = place.output(not place.nonnegative)
    return {"reciprocal": _reciprocal(place), "output": output}


def no_options(place: Place) -> dict[str, Any]:
    """Return what a layer of maxima is asked for: they are exact."""
    return {}


def _reciprocal(place: Place) -> qnn.Quantizer:
    return place.formats.constant(place.step.path, signed=False)


def flatten(place: Place, m: nn.Flatten) -> qnn.Layer:
    if m.start_dim == 1 and m.end_dim == -1:
        return qnn.Flatten()
    rank = None if place.step.shape is None else len(place.step.shape) + 1
    if m.start_dim == 0 or m.start_dim == -(rank or 0):
        raise place.error("flatten from axis 0 mixes the samples of a batch: flatten(x, 1)")
    if place.step.shape is None:
        raise place.error("flattening some axes needs their sizes: pass input_shape to convert")
    shape = torch.zeros(1, *place.step.shape).flatten(m.start_dim, m.end_dim).shape[1:]
    return qnn.Reshape(shape)


def unflatten(place: Place, m: nn.Unflatten) -> qnn.Layer:
    if place.step.shape is None:
        raise place.error("unflattening needs the sizes: pass input_shape to convert")
    return qnn.Reshape(m(torch.zeros(1, *place.step.shape)).shape[1:])


def pad(place: Place, m: Any) -> qnn.Layer:
    if getattr(m, "value", 0.0) != 0:
        raise place.error(f"padding is with zeros, not {m.value}: use ZeroPad2d")
    return qnn.Pad(m.padding)


def upsample(place: Place, m: nn.Upsample) -> qnn.Layer:
    if m.size is not None:
        raise place.error(f"Upsample to size {m.size} is not followed: give a whole scale_factor")
    if place.step.shape is not None and len(place.step.shape) != 3:
        raise place.error(
            f"Upsample takes (channels, height, width), not {place.step.shape}: unsqueeze first"
        )
    place.require(m, mode="nearest")
    factors = m.scale_factor if isinstance(m.scale_factor, tuple) else (m.scale_factor,) * 2
    if any(factor is None or factor != int(factor) or factor < 1 for factor in factors):
        raise place.error(
            f"a scale factor of {m.scale_factor} is not whole, and pixels are repeated: use 2, 3..."
        )
    return qnn.Upsample((int(factors[0] or 1), int(factors[1] or 1)))
