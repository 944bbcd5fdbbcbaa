"""From a float torch model to its fixed-point twin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from qfx import nn as qnn
from qfx.frontends.formats import Formats, Overrides
from qfx.frontends.modules import layer_for
from qfx.frontends.place import Place
from qfx.frontends.plain import evaluated
from qfx.frontends.steps import Arithmetic, ConvertError, Step
from qfx.frontends.trace import trace
from qfx.nn.bypass import bypassed
from qfx.nn.grids import FixedGrid
from qfx.ops import Shape

_MOVES = (
    nn.Dropout, nn.Dropout2d, nn.Identity, nn.Flatten, nn.Unflatten, nn.MaxPool1d, nn.MaxPool2d,
    nn.ZeroPad2d, nn.ConstantPad2d, nn.Upsample, qnn.Reshape, qnn.Permute,
)  # fmt: skip
_POOLS = (nn.MaxPool1d, nn.MaxPool2d)
_WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
_SUMS = (*_WEIGHTED, *_NORMS, nn.AvgPool1d, nn.AvgPool2d, nn.AdaptiveAvgPool1d,
         nn.AdaptiveAvgPool2d)  # fmt: skip
_CASTS = (
    nn.ReLU, nn.Hardtanh, nn.Sigmoid, nn.Tanh, nn.GELU, nn.SiLU,
    nn.Hardswish, nn.Hardsigmoid, nn.Softmax,
)  # fmt: skip
_NONNEGATIVE = (nn.ReLU, nn.Sigmoid, nn.Hardsigmoid, nn.Softmax)
_TOLERANCE = 1e-3  # of the largest output: float32 sums in another order


def convert(
    model: nn.Module,
    wordlength: int = 8,
    *,
    input_shape: Shape | None = None,
    input: qnn.Quantizer | None = None,
    fold: bool = True,
    per_channel: bool = False,
    overrides: Overrides | None = None,
) -> qnn.Sequential:
    """The fixed-point twin of a float torch model, with its parameters; train or calibrate it next.

    Every layer that sums ends in one cast, behind its batch normalization and activation; a ReLU
    behind a max pooling is put before it, which changes no number. Without `qfx.train` or
    `qfx.calibrate` the binary points stand at 0.

    Args:
        model: torch modules and functions in one chain, as torch.fx can follow it; it is left as it
            is. qfx layers in it are kept.
        wordlength: bits of every weight, bias and result.
        input_shape: of one sample, without the batch axis. Where it is given the twin is compared
            with the model, in float, on random samples; views by number, means over negative axes
            and AdaptiveAvgPool need it.
        input: the quantizer of the data, for example `nn.Pixels()` for bytes; None for a signed one
            of `wordlength` bits, or `nn.Indices` before an embedding.
        fold: whether batch normalization goes into the layer before it, where there is one; else it
            multiplies and adds (docs/results.md compares them).
        per_channel: whether weights have a binary point for each output.
        overrides: by pattern of a layer's path, for example `{"features.*": {"weight": 4},
            "fc": {"output": 12}}`; keys: wordlength, weight, bias, input (of a table), output,
            per_channel. Arithmetic with numbers that no layer takes over keeps 8 bits.

    Returns:
        A Sequential whose layers are named after the paths in the model, dots as underscores.

    Raises:
        ConvertError: a layer, a call, an argument or a branch without fixed-point form, named with
            its path and what to use; an override that changes nothing; a twin that differs.
    """
    _check(model, wordlength, input_shape, input, fold=fold, per_channel=per_channel)
    formats = Formats(wordlength, per_channel, overrides or {})
    steps = _rectified_early(_merged(trace(model, input_shape)))
    _require_own_parameters(steps)
    first = input or _entry(steps, wordlength)
    if isinstance(_module(steps), nn.Embedding) and not isinstance(first, qnn.Indices):
        raise ConvertError(
            f"{steps[0].path}: an Embedding looks whole numbers up: leave input out, or pass"
            f" qfx.nn.Indices({_module(steps).num_embeddings})"
        )
    named: list[tuple[str, qnn.Layer]] = [("input", first)] if first is not None else []
    signed = first.signed if first is not None else True
    named += _layers(steps, formats, signed, fold)
    formats.require_all_used()
    twin = qnn.Sequential(*(layer for _, layer in named), names=_unique(name for name, _ in named))
    twin.train(model.training)
    if input_shape is not None:
        _compare(model, twin, input_shape)
    return twin


def _check(model: Any, wordlength: Any, input_shape: Any, input: Any, **switches: Any) -> None:
    """Raises ConvertError for arguments that are of another kind than `convert` takes."""
    if isinstance(model, type):
        raise ConvertError(f"{model.__name__} is a class: make a model of it, {model.__name__}()")
    if not isinstance(model, nn.Module):
        raise ConvertError(f"{type(model).__name__} is not a torch module: pass the model itself")
    wraps = isinstance(model, (torch.jit.ScriptModule, nn.DataParallel))
    if wraps or hasattr(model, "_orig_mod"):
        raise ConvertError(
            f"{type(model).__name__} wraps a model: pass that itself, as it was before torch.jit,"
            " torch.compile or DataParallel"
        )
    if isinstance(model, qnn.Sequential):
        raise ConvertError("the model is made of qfx layers already: there is nothing to convert")
    try:
        qnn.Quantizer(wordlength)
    except ValueError as error:
        raise ConvertError(f"wordlength cannot be {wordlength!r}: {error}") from error
    sizes = input_shape if isinstance(input_shape, (tuple, list)) else (0,)
    if input_shape is not None and not all(type(n) is int and n > 0 for n in sizes):
        raise ConvertError(
            "input_shape is the shape of one sample without the batch axis, as (16,) or"
            f" (1, 28, 28), not {input_shape!r}"
        )
    if input is not None and not isinstance(input, qnn.Quantizer):
        raise ConvertError(f"input must be a Quantizer, such as qfx.nn.Quantizer(8), not {input!r}")
    for name, value in switches.items():
        if not isinstance(value, bool):
            raise ConvertError(f"{name} must be True or False, not {value!r}")


def _module(steps: list[Step]) -> Any:
    """The first."""
    return steps[0].module if steps else None


def _entry(steps: list[Step], wordlength: int) -> qnn.Quantizer | None:
    """The input's quantizer; None where the model brings one."""
    first = _module(steps)
    if isinstance(first, qnn.Quantizer):
        return None
    if isinstance(first, nn.Embedding):
        return qnn.Indices(first.num_embeddings)
    return qnn.Quantizer(wordlength)


def _layers(
    steps: list[Step], formats: Formats, signed: bool, fold: bool
) -> list[tuple[str, qnn.Layer]]:
    layers = []
    exact, nonnegative, folded = False, not signed, False
    for index, step in enumerate(steps):
        after = _next(steps[index + 1 :])
        folds = folded
        if isinstance(step.module, _WEIGHTED):
            follower = steps[index + 1].module if index + 1 < len(steps) else None
            normalized = isinstance(follower, _NORMS) and not _keeps_axes(step)
            folds = folded = fold and normalized
        elif isinstance(step.module, _NORMS):
            folded = False
        else:
            folds = False
        sums = isinstance(step.module, _SUMS)
        kept_exact = sums and (
            isinstance(after, _CASTS) or (folds and isinstance(step.module, _WEIGHTED))
        )
        place = Place(step, formats, exact, nonnegative, kept_exact, folds)
        layers.append((step.path, layer_for(place)))
        if sums:
            exact = kept_exact
        elif not isinstance(step.module, _MOVES):
            exact = False
        nonnegative = _is_nonnegative(step.module, nonnegative)
    return layers


def _keeps_axes(step: Step) -> bool:
    """Whether a normalization of axis 1 behind it is not one of its outputs."""
    return isinstance(step.module, nn.Linear) and len(step.shape or (0,)) != 1


def _next(steps: list[Step]) -> nn.Module | None:
    """The next module that computes, past what only moves values."""
    moving = (nn.Dropout, nn.Dropout2d, nn.Identity, nn.Flatten, qnn.Reshape, qnn.Permute)
    return next((s.module for s in steps if not isinstance(s.module, moving)), None)


def _is_nonnegative(module: nn.Module, before: bool) -> bool:
    if isinstance(module, nn.Hardtanh):
        return module.min_val >= 0
    averages = (nn.AvgPool1d, nn.AvgPool2d, nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d)
    if isinstance(module, (*_MOVES, *averages)):
        return before
    return isinstance(module, _NONNEGATIVE)


def _merged(steps: list[Step]) -> list[Step]:
    """Arithmetic in a row, such as (x - 0.5) / 0.5, as one."""
    merged: list[Step] = []
    for step in steps:
        before = merged[-1].module if merged else None
        if isinstance(step.module, Arithmetic) and isinstance(before, Arithmetic):
            mean = before.mean + step.module.mean * before.std
            both = Arithmetic(mean, before.std * step.module.std)
            merged[-1] = Step(merged[-1].path, both, merged[-1].shape)
        else:
            merged.append(step)
    return merged


def _rectified_early(steps: list[Step]) -> list[Step]:
    """A ReLU before the max pooling it follows: the same numbers, and one cast for both."""
    ordered = list(steps)
    for index in range(1, len(ordered)):
        place = index
        while (
            place > 0
            and type(ordered[place].module) is nn.ReLU
            and isinstance(ordered[place - 1].module, _POOLS)
        ):
            pool, relu = ordered[place - 1], ordered[place]
            ordered[place - 1] = Step(relu.path, relu.module, pool.shape)
            ordered[place] = pool
            place -= 1
    return ordered


def _require_own_parameters(steps: list[Step]) -> None:
    seen: dict[nn.Module, str] = {}
    for step in steps:
        if step.module in seen and any(True for _ in step.module.parameters()):
            raise ConvertError(
                f"{step.path} runs twice with the same weights, which hardware would have to hold"
                " twice: make two layers of it"
            )
        seen[step.module] = step.path


def _unique(paths: Iterator[str]) -> list[str]:
    """Paths as names of submodules, each once."""
    names: list[str] = []
    taken = {*dir(qnn.Sequential())}
    for path in paths:
        name = re.sub(r"\W", "_", path)
        name = f"{name}_" if name in taken else name
        count = sum(re.sub(r"_\d+$", "", n) == name or n == name for n in names)
        names.append(f"{name}_{count + 1}" if name in names else name)
    return names


@torch.no_grad()
def _compare(model: nn.Module, twin: qnn.Sequential, input_shape: Shape) -> None:
    """Raises ConvertError unless both give the same in float."""
    first = twin[0]
    assert isinstance(first, qnn.Quantizer)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4, *input_shape, generator=generator)
    if isinstance(first, FixedGrid):  # its own numbers, which pass unchanged in float too
        x = torch.rand(x.shape, generator=generator).mul(first.dtype.max_int + 1).floor()
        x = first(x)
    try:
        with evaluated(model), evaluated(twin), bypassed(twin):
            embeds = any(isinstance(module, nn.Embedding) for module in model.modules())
            wanted = model(x.long() if embeds else x.clone())  # it may work in place
            found = twin(x).to(wanted.dtype)
    except (RuntimeError, ValueError, LookupError) as error:
        raise ConvertError(
            f"the twin of {type(model).__name__} does not run on samples of shape"
            f" {tuple(input_shape)}: {error}"
        ) from error
    if found.shape != wanted.shape or not torch.allclose(
        found, wanted, rtol=0, atol=_TOLERANCE * max(1.0, float(wanted.abs().max()))
    ):
        raise ConvertError(
            f"the twin of {type(model).__name__} computes something else in float: please report"
            f" it with the model (shapes {tuple(found.shape)} and {tuple(wanted.shape)})"
        )
