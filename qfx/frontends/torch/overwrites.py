"""Refuses what is read after it was overwritten: a graph computes with values, not with memory."""

from __future__ import annotations

from torch import fx, nn

from qfx.foreign import ConvertError
from qfx.frontends.torch.nodes import called, path_of

_VIEWS = {
    "contiguous", "detach", "dropout", "dropout2d", "flatten", "float", "getitem", "narrow",
    "permute", "reshape", "select", "squeeze", "transpose", "unsqueeze", "view",
}  # fmt: skip
_VIEW_MODULES = (nn.Dropout, nn.Dropout2d, nn.Flatten, nn.Identity, nn.Unflatten)


class Overwrites:
    """Knows which nodes share memory, and which of them were written into.

    Args:
        traced: whose nodes are read in order.
    """

    def __init__(self, traced: fx.GraphModule) -> None:
        self.traced = traced
        self.owner: dict[fx.Node, fx.Node] = {}  # whose memory a node's result lies in
        self.stale: dict[fx.Node, fx.Node] = {}  # nodes made before, by the one that overwrote them

    def read(self, node: fx.Node, tensors: list[fx.Node]) -> None:
        """Note that `node` reads these.

        Raises:
            ConvertError: one of them was overwritten.
        """
        for tensor in tensors:
            if tensor in self.stale:
                writer = self.stale[tensor]
                reader = "the caller" if node.op == "output" else called(node)
                raise ConvertError(
                    f"{path_of(writer)} ({called(writer)}) overwrites {called(tensor)}, which"
                    f" {reader} reads afterwards: give its result on, or leave out inplace"
                )
        first = tensors[0]
        writes, views = self._writes(node), self._views(node)
        self.owner[node] = self.owner.get(first, first) if writes or views else node
        if writes:
            for other in (self.owner[node], *self.owner):
                if other is not node and self.owner.get(other, other) is self.owner[node]:
                    self.stale[other] = node

    def _module(self, node: fx.Node) -> nn.Module | None:
        return self.traced.get_submodule(str(node.target)) if node.op == "call_module" else None

    def _views(self, node: fx.Node) -> bool:
        return isinstance(self._module(node), _VIEW_MODULES) or called(node) in _VIEWS

    def _writes(self, node: fx.Node) -> bool:
        module = self._module(node)
        if module is not None:
            changes = not isinstance(module, _VIEW_MODULES)  # dropout changes nothing here
            return changes and bool(getattr(module, "inplace", False))
        name = called(node)
        return name.endswith("_") or (bool(node.kwargs.get("inplace")) and name not in _VIEWS)
