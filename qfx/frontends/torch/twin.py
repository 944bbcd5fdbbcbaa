"""From a float torch model to its fixed-point twin."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import nn

from qfx import foreign
from qfx import nn as qnn
from qfx.buildable import require_buildable
from qfx.foreign import ConvertError
from qfx.frontends.torch.compare import Later, Pair
from qfx.frontends.torch.formats import Formats, Overrides
from qfx.frontends.torch.functions import Functions
from qfx.frontends.torch.layers import Layers, Names, assembled
from qfx.frontends.torch.order import ordered, padded_apart
from qfx.frontends.torch.pointwise import of_one_variable
from qfx.frontends.torch.steps import Flow
from qfx.frontends.torch.trace import arguments_of, shapes_of, trace
from qfx.nn.origin import Origin
from qfx.nn.precision import float32_by_default, in_float32
from qfx.nn.state import non_finite


@float32_by_default()
def convert(
    model: nn.Module,
    wordlength: int = 8,
    *,
    input_shape: Any = None,
    input: Any = None,
    fold: bool = True,
    per_channel: bool = False,
    overrides: Overrides | None = None,
    functions: Mapping[Any, str] | None = None,
) -> qnn.Sequential | qnn.Network:
    """Return the twin of a torch model; the arguments are those of `qfx.frontends.convert`."""
    _check(model, wordlength, input_shape, input, fold=fold, per_channel=per_channel)
    diverged = non_finite(model)
    if diverged:
        raise ConvertError(diverged)
    model = _in_float32(model)
    named = Functions(functions)
    make = partial(_made, wordlength, input_shape, fold, per_channel, overrides or {}, named)
    twin, flow = make(input, model)
    twin.train(model.training)
    if input_shape is not None:
        shapes = shapes_of(input_shape, arguments_of(model, input_shape))
        Pair(model, twin, flow).require_equal(shapes)
        try:
            require_buildable(twin, shapes)
        except qnn.LoweringError as error:
            raise ConvertError(str(error)) from error
    else:
        twin.origin = Origin(Later(model, copy.deepcopy(partial(make, input))))
    return twin


def _made(
    wordlength: int, input_shape: Any, fold: bool, per_channel: bool, overrides: Overrides,
    named: Functions, input: Any, model: nn.Module,
) -> tuple[qnn.Sequential | qnn.Network, Flow]:  # fmt: skip
    """The twin, and the flow that it is made of."""
    formats = Formats(wordlength, per_channel, overrides)
    flow = ordered(of_one_variable(trace(model, input_shape, named)))
    _require_own_parameters(flow)
    flow = padded_apart(flow)
    names = Names(flow)
    grids = _grids(flow, input, formats, names)
    signed = [grid.signed if grid is not None else True for grid in grids]
    twin = assembled(flow, grids, Layers(flow, formats, fold, names).made(signed), names)
    formats.require_all_used()
    return twin, flow


def _check(model: Any, wordlength: Any, input_shape: Any, input: Any, **switches: Any) -> None:
    """Raises ConvertError for arguments that are of another kind than `convert` takes."""
    said = foreign.named(model)
    if said is not None:
        raise ConvertError(said)
    if not isinstance(model, nn.Module):  # a tensor is torch's, too
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
    if input_shape is not None and not _is_shape(input_shape, deep=True):
        raise ConvertError(
            "input_shape is the shape of one sample without the batch axis, as (16,) or"
            f" (1, 28, 28), not {input_shape!r}"
        )
    for each in input if isinstance(input, (tuple, list)) else (input,):
        if each is not None and not isinstance(each, qnn.Quantizer):
            raise ConvertError(
                f"input must be a Quantizer, such as qfx.nn.Quantizer(8), not {each!r}"
            )
    for name, value in switches.items():
        if not isinstance(value, bool):
            raise ConvertError(f"{name} must be True or False, not {value!r}")


def _in_float32(model: nn.Module) -> nn.Module:
    try:
        return in_float32(model)
    except ValueError as error:
        raise ConvertError(str(error)) from error


def _is_shape(given: Any, deep: bool = False) -> bool:
    """Whether it is sizes; or, if it may be, such for each of several inputs."""
    if not isinstance(given, (tuple, list)):
        return False
    if deep and given and all(isinstance(each, (tuple, list)) for each in given):
        return all(map(_is_shape, given))
    return bool(given) and all(type(size) is int and size > 0 for size in given)


def _grids(flow: Flow, given: Any, formats: Formats, names: Names) -> list[qnn.Quantizer | None]:
    """The quantizer of each input; None where the model brings one."""
    several = isinstance(given, (tuple, list))
    count = len(flow.inputs)
    if (several != (count > 1) and given is not None) or (several and len(given) != count):
        raise ConvertError(
            f"forward takes {', '.join(flow.inputs)}: input is"
            + (" its Quantizer" if count == 1 else f" a tuple of {count} Quantizers")
        )
    chosen = given if several else (given,) * count
    own = [formats.at(name) for name in names.inputs]
    grids = [_grid(flow, key, each, own[key]) for key, each in enumerate(chosen)]
    for format_, grid in zip(own, grids, strict=True):
        if grid is not None:
            format_.met(names.of(format_.name), grid)
    return grids


def _grid(
    flow: Flow, key: int, given: qnn.Quantizer | None, formats: Formats
) -> qnn.Quantizer | None:
    reader = flow.first_reader(key)
    module = None if reader is None else reader.module
    if isinstance(module, nn.Embedding) and reader is not None:
        if given is None:
            return qnn.Indices(module.num_embeddings)
        if not isinstance(given, qnn.Indices):
            raise ConvertError(
                f"{reader.path}: an Embedding looks whole numbers up: leave input out, or pass"
                f" qfx.nn.Indices({module.num_embeddings})"
            )
    if given is None and isinstance(module, qnn.Quantizer) and flow.only_reader(key):
        return None
    return given or formats.output(formats.name, signed=True)


def _require_own_parameters(flow: Flow) -> None:
    """Raises ConvertError for what learns in two places, as the layers' constructors would."""
    seen: dict[int, tuple[str, int]] = {}
    for number, step in enumerate(flow.steps):
        for parameter in step.module.parameters():
            path, other = seen.setdefault(id(parameter), (step.path, number))
            if path == step.path and other != number:
                raise ConvertError(
                    f"{step.path} runs twice with the same weights, which hardware would have to"
                    " hold twice: make two layers of it"
                )
            if other != number:
                raise ConvertError(
                    f"{path} and {step.path} have the same weights, which hardware would have to"
                    " hold twice: give each its own, torch.nn.Parameter(weight.detach().clone())"
                )
