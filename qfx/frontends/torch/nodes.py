"""What can be read off one node of a traced model."""

from __future__ import annotations

from typing import Any

from torch import fx

from qfx.ops import Shape

_TORCH = ("torch", "_operator", "math")  # modules whose functions the table of calls may name


def shape_of(tensor: Any) -> Shape | None:
    """Return the shape without the batch axis, if known."""
    shape: Shape | None = tensor.meta.get("shape")
    return shape


def operands_of(node: fx.Node) -> list[fx.Node]:
    """Return the nodes it reads, in order, and as often as it does."""
    found: list[fx.Node] = []
    fx.node.map_arg((node.args, node.kwargs), found.append)
    return found


def is_torchs(function: Any) -> bool:
    """Tell whether it comes with torch or Python."""
    return str(getattr(function, "__module__", "") or "torch").split(".")[0] in _TORCH


def called(node: Any) -> str:
    """Return what a person would call it."""
    if not isinstance(node, fx.Node):
        return str(node)
    target = node.target
    return target if isinstance(target, str) else getattr(target, "__name__", str(target))


def path_of(node: fx.Node) -> str:
    """Return the module's, or the call's name within the module whose forward makes it."""
    if node.op == "call_module":
        return str(node.target)
    stack = node.meta.get("nn_module_stack") or {}
    owner = list(stack)[-1] if stack else ""
    return f"{owner}.{node.name}" if owner else node.name
