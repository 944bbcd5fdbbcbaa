"""From a torch model to the modules it runs, by torch.fx."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import fx, nn

from qfx.frontends.plain import FAILURES, evaluated, first_line, require_plain
from qfx.frontends.steps import ConvertError, Flow
from qfx.frontends.walk import Walk
from qfx.nn import Layer
from qfx.ops import Shape


def trace(model: nn.Module, input_shape: Any) -> Flow:
    """The modules that `model` runs, in order, and what each of them reads.

    Args:
        model: torch modules, in which qfx layers may stand.
        input_shape: of one sample, of several inputs a tuple of shapes; None leaves the steps'
            shapes unknown.

    Raises:
        ConvertError: control flow that depends on data, or a call without a layer.
    """
    root = model if type(model).forward is not nn.Module.forward else nn.Sequential(model)
    if _is_leaf(model):
        root = nn.Sequential(model)
    require_plain(root)
    try:
        with evaluated(root):
            graph = _Tracer().trace(root)
    except FAILURES as error:
        raise ConvertError(
            f"{type(model).__name__}.forward cannot be followed ({first_line(error)}): what it"
            " does must not depend on the values of tensors, nor call other libraries on them"
        ) from error
    traced = fx.GraphModule(root, graph)
    if input_shape is not None:
        _propagate(traced, input_shape)
    return Walk(traced).flow()


def _is_leaf(module: nn.Module) -> bool:
    own = type(module).__module__.startswith("torch.nn")
    return isinstance(module, Layer) or (own and not isinstance(module, nn.Sequential))


class _Tracer(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return _is_leaf(m)


def _propagate(traced: fx.GraphModule, input_shape: Any) -> None:
    """Note every tensor's shape, leaving the model as it was."""
    given = [node for node in traced.graph.nodes if node.op == "placeholder"]
    entries = [node for index, node in enumerate(given) if not index or not node.args]
    shapes = shapes_of(input_shape, [str(node.target) for node in entries])
    zeros = [_zeros(traced, node, shape) for node, shape in zip(entries, shapes, strict=True)]
    try:
        with torch.no_grad(), evaluated(traced):
            _Shapes(traced).run(*zeros)
    except FAILURES as error:
        raise ConvertError(
            f"the model does not run on samples of shape {tuple(input_shape)}: {first_line(error)}"
        ) from error


def shapes_of(input_shape: Any, inputs: Sequence[str]) -> list[Shape]:
    """A sample's shape for each input.

    Raises:
        ConvertError: not one for each.
    """
    if len(inputs) == 1:
        if not all(isinstance(size, int) for size in input_shape):
            raise ConvertError(
                f"forward takes {inputs[0]} alone: input_shape is its shape, as (1, 28, 28), not"
                f" {input_shape!r}"
            )
        return [tuple(input_shape)]
    if len(input_shape) != len(inputs) or not all(isinstance(s, tuple) for s in input_shape):
        raise ConvertError(
            f"forward takes {', '.join(inputs)}: input_shape is a tuple of {len(inputs)} shapes,"
            f" as ((16,), (1, 28, 28)), not {input_shape!r}"
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
