"""Other people's models, made into qfx models: one folder for each library that they come from.

A frontend is found by what a model is, and loaded when one comes: this page knows no library.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qfx import foreign
from qfx.foreign import ConvertError
from qfx.packages import named_packages

if TYPE_CHECKING:
    from qfx.nn import Network, Sequential

__all__ = ["FRONTENDS", "ConvertError", "convert"]


@dataclass(frozen=True)
class Frontend:
    """What reads the models of a library.

    Args:
        reads: what such a model is called.
        home: the module whose `convert` takes it, with the arguments of `convert` here.
    """

    reads: str
    home: str


# By the top package of a model's class, or of one that this is derived from, the nearest first.
FRONTENDS: dict[str, Frontend] = {
    "torch": Frontend("torch module", "qfx.frontends.torch.twin"),
}


def convert(
    model: Any,
    wordlength: int = 8,
    *,
    input_shape: Any = None,
    input: Any = None,
    fold: bool = True,
    per_channel: bool = False,
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
    functions: Mapping[Any, str] | None = None,
) -> Sequential | Network:
    """Return the fixed-point twin of a float model, with its parameters; train or calibrate it
    next.

    Every layer that sums ends in one cast, behind its batch normalization and activation; a ReLU
    behind a max pooling is put before it, which changes no number. Its binary points are fitted by
    `qfx.train`, `qfx.calibrate`, or the first batch of a training loop of one's own; until then
    `freeze` refuses.

    Args:
        model: of one of FRONTENDS: torch modules and functions, as torch.fx can follow them, of
            tensors to a tensor or a tuple of tensors; it is left as it is, and of another type than
            float32 a copy is converted. qfx layers in it are kept.
        wordlength: bits of every weight, bias and result.
        input_shape: of one sample, without the batch axis. Views by number, means over negative
            axes and AdaptiveAvgPool need it. Of several inputs a tuple of shapes. The twin is
            compared with the model, in float, on random samples: at once where the shape is given,
            else as soon as data tell it (calibrate, train, export, or the twin's own call).
        input: the quantizer of the data, for example `nn.Pixels()` for bytes; None for a signed one
            of `wordlength` bits, or `nn.Indices` before an embedding. Of several inputs a tuple of
            such, or None.
        fold: whether batch normalization goes into the layer before it, where there is one; else it
            multiplies and adds (docs/results.md compares them).
        per_channel: whether weights have a binary point for each output.
        overrides: by pattern of a layer's path, or of the name that `print` of the twin shows, for
            example `{"features.*": {"weight": 4}, "fc": {"output": 12}, "input": {"output": 10}}`;
            keys: wordlength, weight (a factor too, a slope, a pooling's reciprocal), bias (what is
            added), input (of a table), output, per_channel. Constants that nothing trains have 8
            bits or more unless an override says otherwise.
        functions: what functions of one element compute that cannot be followed (a subclass of
            torch.autograd.Function, a module or a function with control flow of its own), as
            `{my_gelu: "x * sigmoid(1.702 * x)"}`; the texts are those of qfx.nn.Function.

    Returns:
        A Sequential, or a Network where values are read by several or come from several inputs,
        which it calls as forward does, or go to several outputs; whose layers are named after
        the paths in the model, dots as underscores. What enters a sum, product or concatenation and
        is also read elsewhere, such as a shortcut, is cast to a grid of its own first, at the
        path of its nn.Identity, or at that of the sum with `.operand0`, `.operand1`, ...

    Arguments of forward that have a default keep it, as in `net(x)`: they are no inputs.

    Raises:
        ConvertError: a layer, a call or an argument without fixed-point form, named with
            its path and what to use; an override that changes nothing; a twin that differs, or, its
            shape being known, that no hardware can be; a thing that no frontend reads.
        PackageMissing: what reads the model is not installed.
    """
    home = _frontend(model).home
    with named_packages():
        module = importlib.import_module(home)
    twin: Sequential | Network = module.convert(
        model,
        wordlength,
        input_shape=input_shape,
        input=input,
        fold=fold,
        per_channel=per_channel,
        overrides=overrides,
        functions=functions,
    )
    return twin


def _frontend(model: Any) -> Frontend:
    """Raises ConvertError where there is none."""
    for package in foreign.packages(model):
        if package in FRONTENDS:
            return FRONTENDS[package]
    said = foreign.named(model)
    if said is not None:
        raise ConvertError(said)
    if isinstance(model, type):
        raise ConvertError(f"{model.__name__} is a class: make a model of it, {model.__name__}()")
    known = " or a ".join(row.reads for row in FRONTENDS.values())
    raise ConvertError(f"{type(model).__name__} is not a {known}: pass the model itself")
