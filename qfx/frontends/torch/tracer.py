"""Follows a forward with stand-ins for tensors that go the way on which tensors would go."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import fx, nn

from qfx.frontends.torch.arguments import Arguments
from qfx.frontends.torch.functions import Functions
from qfx.nn import Layer

_NO_TENSOR = {
    "chunk", "dim", "element_size", "get_device", "getattr", "is_complex", "is_contiguous",
    "is_floating_point", "item", "ndimension", "nelement", "numel", "size", "split", "stride",
    "tensor_split", "tolist", "topk", "unbind",
}  # fmt: skip


class _TensorProxy(fx.Proxy):
    """A proxy with the attributes of a tensor."""

    _is_param = False  # what torch's own checks of parameters and buffers read
    _is_buffer = False

    def __getattr__(self, k: str) -> Any:
        if not hasattr(torch.Tensor, k):
            raise AttributeError(f"'Tensor' object has no attribute {k!r}")
        return super().__getattr__(k)


# For isinstance it is a tensor, so that a forward that asks goes the way it goes for tensors.
TensorProxy = type("TensorProxy", (_TensorProxy,), {"__class__": property(lambda _: torch.Tensor)})


class Tracer(fx.Tracer):
    """torch.fx's, with arguments as `Arguments` says.

    Args:
        arguments: of the root.
        named: functions and modules that are not followed.
    """

    def __init__(self, arguments: Arguments, named: Functions) -> None:
        super().__init__()
        self.arguments, self.named = arguments, named
        self.tensors: set[fx.Node] = set()

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return is_leaf(m) or self.named.is_module(m)

    def create_args_for_root(
        self, root_fn: Callable[..., Any], is_module: bool, concrete_args: Any = None
    ) -> tuple[Any, list[Any]]:
        forward = self.root.forward  # of the instance, where that has one of its own

        def followed(*given: Any) -> Any:
            return self.arguments.call(forward, given)

        names = self.arguments.inputs
        return followed, [self.create_proxy("placeholder", name, (), {}) for name in names]

    def create_arg(self, a: Any) -> Any:
        return a.node if issubclass(type(a), fx.Proxy) else super().create_arg(a)

    def proxy(self, node: fx.Node) -> fx.Proxy:
        if not self._gives_tensor(node):
            return fx.Proxy(node, self)
        self.tensors.add(node)
        proxy: fx.Proxy = TensorProxy(node, self)
        return proxy

    def _gives_tensor(self, node: fx.Node) -> bool:
        if node.op in ("placeholder", "call_module", "get_attr"):
            return True
        name = node.target if isinstance(node.target, str) else node.target.__name__
        if name in _NO_TENSOR:
            return False
        read = node.all_input_nodes[:1] if node.target is operator.getitem else node.all_input_nodes
        return any(each in self.tensors for each in read)


def is_leaf(module: nn.Module) -> bool:
    """Tell whether a step is the whole module: torch's own and qfx layers."""
    own = type(module).__module__.startswith("torch.nn")
    return isinstance(module, Layer) or (own and not isinstance(module, nn.Sequential))


class Traced(fx.GraphModule):
    """A graph beside the modules and tensors that it names, which is walked and interpreted, and
    never printed as Python: modules may be called as Python's keywords are.
    """

    def recompile(self) -> Any:
        return None


@contextmanager
def restored(root: nn.Module) -> Iterator[None]:
    """Inside, a forward may set attributes, as may the tracer; outside they are as they were."""
    kept = [(module, _attributes(module)) for module in root.modules()]
    try:
        yield
    finally:
        for module, attributes in kept:
            for own, entries in zip(_dictionaries(module), attributes, strict=True):
                own.clear()
                own.update(entries)


def _attributes(module: nn.Module) -> list[dict[str, Any]]:
    return [dict(own) for own in _dictionaries(module)]


def _dictionaries(module: nn.Module) -> list[dict[str, Any]]:
    return [module.__dict__, *(module.__dict__[name] for name in _STORES)]


_STORES = ("_parameters", "_buffers", "_modules")
