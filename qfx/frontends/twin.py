"""From a float torch model to its fixed-point twin."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from qfx import nn as qnn
from qfx.frontends.formats import Formats, Overrides
from qfx.frontends.layers import Layers, assembled
from qfx.frontends.order import ordered
from qfx.frontends.plain import evaluated
from qfx.frontends.steps import INPUT, ConvertError, Flow
from qfx.frontends.trace import trace
from qfx.nn.bypass import bypassed
from qfx.nn.grids import FixedGrid
from qfx.ops import Shape

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
) -> qnn.Sequential | qnn.Network:
    """The fixed-point twin of a float torch model, with its parameters; train or calibrate it next.

    Every layer that sums ends in one cast, behind its batch normalization and activation; a ReLU
    behind a max pooling is put before it, which changes no number. Without `qfx.train` or
    `qfx.calibrate` the binary points stand at 0.

    Args:
        model: torch modules and functions, as torch.fx can follow them, of one input and one
            output; it is left as it is. qfx layers in it are kept.
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
        A Sequential, or a Network where values are read by several, whose layers are named after
        the paths in the model, dots as underscores. What enters a sum, product or concatenation and
        is also read elsewhere, such as a shortcut, is cast to a grid of its own first, at the
        path of its nn.Identity, or at that of the sum with `.operand0`, `.operand1`, ...

    Raises:
        ConvertError: a layer, a call or an argument without fixed-point form, named with
            its path and what to use; an override that changes nothing; a twin that differs.
    """
    _check(model, wordlength, input_shape, input, fold=fold, per_channel=per_channel)
    formats = Formats(wordlength, per_channel, overrides or {})
    flow = ordered(trace(model, input_shape))
    _require_own_parameters(flow)
    first = input or _entry(flow, wordlength)
    embedding = _first_module(flow)
    if isinstance(embedding, nn.Embedding) and not isinstance(first, qnn.Indices):
        raise ConvertError(
            f"{flow.steps[0].path}: an Embedding looks whole numbers up: leave input out, or pass"
            f" qfx.nn.Indices({embedding.num_embeddings})"
        )
    signed = first.signed if first is not None else True
    twin = assembled(first, Layers(flow, formats, fold).made(signed), flow.output)
    formats.require_all_used()
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


def _first_module(flow: Flow) -> nn.Module | None:
    return flow.steps[0].module if flow.steps else None


def _entry(flow: Flow, wordlength: int) -> qnn.Quantizer | None:
    """The input's quantizer; None where the model brings one."""
    first = _first_module(flow)
    if isinstance(first, qnn.Quantizer) and flow.only_reader(INPUT):
        return None
    if isinstance(first, nn.Embedding):
        return qnn.Indices(first.num_embeddings)
    return qnn.Quantizer(wordlength)


def _require_own_parameters(flow: Flow) -> None:
    seen: dict[nn.Module, str] = {}
    for step in flow.steps:
        if step.module in seen and any(True for _ in step.module.parameters()):
            raise ConvertError(
                f"{step.path} runs twice with the same weights, which hardware would have to hold"
                " twice: make two layers of it"
            )
        seen[step.module] = step.path


@torch.no_grad()
def _compare(model: nn.Module, twin: qnn.Sequential | qnn.Network, input_shape: Shape) -> None:
    """Raises ConvertError unless both give the same in float."""
    first = next(twin.children())
    assert isinstance(first, qnn.Quantizer)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4, *input_shape, generator=generator)
    if isinstance(first, FixedGrid):  # its own numbers, which pass unchanged in float too
        x = torch.rand(x.shape, generator=generator).mul(first.dtype.max_int + 1).floor()
        x = first(x * 2.0**-first.dtype.fraction_bits)
    try:
        with evaluated(model), evaluated(twin), bypassed(model), bypassed(twin):
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
