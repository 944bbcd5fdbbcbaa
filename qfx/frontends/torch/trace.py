"""From a torch model to the modules it runs, by torch.fx."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx, nn

from qfx.foreign import ConvertError
from qfx.frontends.torch.arguments import Arguments
from qfx.frontends.torch.functions import Functions
from qfx.frontends.torch.plain import FAILURES, evaluated, first_line, require_plain
from qfx.frontends.torch.steps import Flow
from qfx.frontends.torch.tracer import Traced, Tracer, is_leaf, restored
from qfx.frontends.torch.walk import Walk
from qfx.ops import Shape


def trace(model: nn.Module, input_shape: Any, named: Functions) -> Flow:
    """Return the modules that `model` runs, in order, and what each of them reads.

    Args:
        model: torch modules, in which qfx layers may stand; it is left as it was.
        input_shape: of one sample, of several inputs a tuple of shapes; None leaves the steps'
            shapes unknown.
        named: functions that are not followed.

    Raises:
        ConvertError: control flow that depends on data, or a call without a layer.
    """
    root = rooted(model)
    require_plain(root)
    arguments = arguments_of(model, input_shape)
    traced = followed(model, arguments, named)
    if input_shape is not None:
        _propagate(traced, input_shape, arguments)
    return Walk(traced, named).flow()


def rooted(model: nn.Module) -> nn.Module:
    """Return the model, within a Sequential where it is one layer."""
    alone = type(model).forward is nn.Module.forward or is_leaf(model)
    return nn.Sequential(model) if alone else model


def arguments_of(model: nn.Module, input_shape: Any = None) -> Arguments:
    """Return what the model is called with.

    Args:
        model: as for `trace`.
        input_shape: tells how many inputs a forward of `*x` has.
    """
    several = bool(input_shape) and all(isinstance(s, (tuple, list)) for s in input_shape)
    return Arguments.of(rooted(model).forward, len(input_shape) if several else None)


def followed(model: nn.Module, arguments: Arguments, named: Functions) -> Traced:
    """Return the model as torch.fx sees it.

    Raises:
        ConvertError: it cannot be followed.
    """
    root = rooted(model)
    try:
        with evaluated(root), restored(root), named.followed(root):
            return Traced(root, Tracer(arguments, named).trace(root))
    except FAILURES as error:
        if isinstance(error, NameError) and "submodule" in str(error):  # as torch.fx says it
            raise ConvertError(
                f"{type(model).__name__}.forward calls a module that is no part of the model: keep"
                " modules in attributes, or in a torch.nn.ModuleList instead of a list"
            ) from error
        raise ConvertError(
            f"{type(model).__name__}.forward cannot be followed ({first_line(error)}): what it"
            " does must not depend on the values of tensors, nor call other libraries on them"
        ) from error


def _propagate(traced: Traced, input_shape: Any, arguments: Arguments) -> None:
    """Note every tensor's shape, leaving the model as it was."""
    entries = [node for node in traced.graph.nodes if node.op == "placeholder"]
    shapes = shapes_of(input_shape, arguments)
    zeros = [_zeros(traced, node, shape) for node, shape in zip(entries, shapes, strict=True)]
    try:
        with torch.no_grad(), evaluated(traced):
            _Shapes(traced).run(*zeros)
    except FAILURES as error:
        raise ConvertError(
            f"the model does not run on samples of shape {tuple(input_shape)}: {first_line(error)}"
        ) from error


def shapes_of(input_shape: Any, arguments: Arguments) -> list[Shape]:
    """Return a sample's shape for each input.

    Raises:
        ConvertError: not one for each.
    """
    inputs, constants = arguments.inputs, ""
    if arguments.constants:
        constants = (
            f"; {arguments.listed()}, as in net({', '.join(inputs)}): an argument without default"
            " is an input"
        )
    if len(inputs) == 1:
        if not all(isinstance(size, int) for size in input_shape):
            raise ConvertError(
                f"forward takes {inputs[0]} alone: input_shape is its shape, as (1, 28, 28), not"
                f" {input_shape!r}{constants}"
            )
        return [tuple(input_shape)]
    if len(input_shape) != len(inputs) or not all(isinstance(s, tuple) for s in input_shape):
        raise ConvertError(
            f"forward takes {', '.join(inputs)}: input_shape is a tuple of {len(inputs)} shapes,"
            f" as ((16,), (1, 28, 28)), not {input_shape!r}{constants}"
        )
    return list(input_shape)


class _Shapes(fx.Interpreter):
    """Runs the graph and notes the shape of each result in its node."""

    extra_traceback = False

    def run_node(self, n: fx.Node) -> Any:
        result = super().run_node(n)
        if isinstance(result, torch.Tensor):
            n.meta["shape"] = tuple(result.shape[1:])
        return result


def _zeros(traced: fx.GraphModule, entry: fx.Node, input_shape: Shape) -> torch.Tensor:
    """Two samples, of indices where the first thing done is to embed them."""
    targets = [str(user.target) for user in entry.users if user.op == "call_module"]
    embeds = any(isinstance(traced.get_submodule(name), nn.Embedding) for name in targets)
    return torch.zeros(2, *input_shape, dtype=torch.long if embeds else torch.float)
