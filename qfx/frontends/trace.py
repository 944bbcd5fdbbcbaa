"""From a torch model to the chain of modules it runs, by torch.fx."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from typing import Any

import torch
from torch import fx, nn

from qfx.frontends.call import BATCH, Call
from qfx.frontends.calls import CALLS
from qfx.frontends.plain import FAILURES, evaluated, first_line, require_plain
from qfx.frontends.steps import ConvertError, Step
from qfx.nn import Layer
from qfx.ops import Shape

_TORCH = ("torch", "_operator", "math")  # modules whose functions the table of calls may name
_SIZES = {operator.add, operator.sub, operator.mul, operator.floordiv, operator.neg}


def trace(model: nn.Module, input_shape: Shape | None) -> list[Step]:
    """The modules that `model` runs, in order.

    Args:
        model: torch modules, in which qfx layers may stand.
        input_shape: of one sample; None leaves the steps' shapes unknown.

    Raises:
        ConvertError: control flow that depends on data, branches, or a call without a layer.
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
    return list(_Walk(traced).steps())


def _is_leaf(module: nn.Module) -> bool:
    own = type(module).__module__.startswith("torch.nn")
    return isinstance(module, Layer) or (own and not isinstance(module, nn.Sequential))


class _Tracer(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return _is_leaf(m)


def _propagate(traced: fx.GraphModule, input_shape: Shape) -> None:
    """Note every tensor's shape, leaving the model as it was."""
    try:
        with torch.no_grad(), evaluated(traced):
            _Shapes(traced).run(_zeros(traced, input_shape))
    except FAILURES as error:
        raise ConvertError(
            f"the model does not run on samples of shape {tuple(input_shape)}: {first_line(error)}"
        ) from error


class _Shapes(fx.Interpreter):
    """Runs the graph and notes the shape of each result in its node."""

    extra_traceback = False

    def run_node(self, n: fx.Node) -> Any:
        result = super().run_node(n)
        if isinstance(result, torch.Tensor):
            n.meta["shape"] = tuple(result.shape[1:])
        return result


def _zeros(traced: fx.GraphModule, input_shape: Shape) -> torch.Tensor:
    """Two samples, of indices where the first thing done is to embed them."""
    entry = next(iter(traced.graph.nodes))
    targets = [str(user.target) for user in entry.users if user.op == "call_module"]
    embeds = any(isinstance(traced.get_submodule(name), nn.Embedding) for name in targets)
    return torch.zeros(2, *input_shape, dtype=torch.long if embeds else torch.float)


class _Walk:
    """Follows the one tensor that flows from the input to the output."""

    def __init__(self, traced: fx.GraphModule) -> None:
        self.traced = traced
        self.current: fx.Node | None = None
        self.known: dict[fx.Node, Any] = {}  # sizes, and tensors that belong to the model

    def steps(self) -> Iterator[Step]:
        for node in self.traced.graph.nodes:
            if node.op == "placeholder":
                self._enter(node)
            elif node.op == "get_attr":
                self.known[node] = _attribute(self.traced, node.target)
            elif node.op == "output":
                self._leave(node)
            elif not self._is_size(node):
                yield from self._modules(node)
                self.current = node

    def _enter(self, node: fx.Node) -> None:
        if self.current is None:
            self.current = node
        elif not node.args:  # without a default
            raise ConvertError(
                f"forward takes {node.target} beside {self.current.target}: models of several"
                " inputs cannot be streamed yet"
            )
        else:
            self.known[node] = node.args[0]

    def _leave(self, node: fx.Node) -> None:
        if node.args[0] is not self.current:
            raise ConvertError(
                f"forward returns {_called(node.args[0])}, not its last result: a model of several"
                " outputs cannot be streamed yet, return one tensor"
            )

    def _is_size(self, node: fx.Node) -> bool:
        """Whether the node asks for sizes, or computes with them; then the answer is kept."""
        if node.op == "call_method" and node.target == "size":
            self.known[node] = self._sizes(node, *self._resolve(node, node.args[1:]))
        elif node.op == "call_method" and node.target == "dim":
            self.known[node] = self._rank(node)
        elif node.target is getattr and node.args[1] in ("shape", "ndim", "device", "dtype"):
            found = {"shape": self._sizes, "ndim": self._rank}.get(str(node.args[1]))
            self.known[node] = found(node) if found else None
        elif node.target is operator.getitem and node.all_input_nodes[0] in self.known:
            self.known[node] = operator.getitem(*self._resolve(node, node.args))
        elif node.target in _SIZES and all(a in self.known for a in node.all_input_nodes):
            sizes = self._resolve(node, node.args)
            try:
                self.known[node] = node.target(*sizes)
            except TypeError as error:
                raise ConvertError(
                    f"{_path(node)} computes with a size that is not known: pass input_shape=(...)"
                    " to convert; the batch size is never known"
                ) from error
        return node in self.known

    def _sizes(self, node: fx.Node, axis: int | None = None) -> Any:
        shape = _shape_of(node.args[0])
        sizes = (BATCH, *(shape if shape is not None else (None,) * 8))
        if axis is None:
            return sizes
        if axis != 0 and shape is None:
            raise ConvertError(
                f"{node.name} reads a size that is not known: pass input_shape=(...) to convert"
            )
        return sizes[axis]

    def _rank(self, node: fx.Node) -> int | None:
        shape = _shape_of(node.args[0])
        return None if shape is None else len(shape) + 1

    def _modules(self, node: fx.Node) -> Iterator[Step]:
        arguments, keywords = self._arguments(node)
        shape = _shape_of(self.current)
        if node.op == "call_module":
            module = self.traced.get_submodule(str(node.target))
            if arguments or keywords:
                raise ConvertError(
                    f"{node.target} is called with more than a tensor: call it with that alone"
                )
            yield Step(str(node.target), module, shape)
            return
        path = _path(node)
        name = _called(node)
        if node.op == "call_function" and not _is_torchs(node.target):
            raise ConvertError(f"{path}: {name} is not torch's: no qfx layer computes it")
        if name not in CALLS:
            raise ConvertError(
                f"{path}: no qfx layer computes {name}: {_INSTEAD.get(name, _WRITE)}"
            )
        try:
            modules = CALLS[name](Call(path, shape), *arguments, **keywords)
        except (TypeError, ValueError, ArithmeticError, LookupError) as error:
            if isinstance(error, ConvertError):
                raise
            said = re.sub(r"^\w+\(\)", f"{name}()", first_line(error))
            raise ConvertError(f"{path}: these arguments cannot be followed: {said}") from error
        for module in modules:
            yield Step(path, module, shape)
            shape = None if len(modules) > 1 else shape

    def _arguments(self, node: fx.Node) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What the node is called with beside the tensor that flows, which it has to read once.

        Raises:
            ConvertError: it reads another, or none, or this one twice or as its second argument.
        """
        args, keywords = list(node.args), dict(node.kwargs)
        tensors = [n for n in node.all_input_nodes if n not in self.known]
        if not tensors:
            raise ConvertError(f"{_path(node)} computes with constants alone: do so before")
        if tensors != [self.current]:
            raise self._branch(node, tensors)
        if args[1:] == [self.current] and _called(node) in ("add", "mul"):
            args.reverse()
        found = args.pop(0) if args else keywords.pop("input", None)
        rest: list[fx.Node] = []
        fx.node.map_arg((args, keywords), lambda n: rest.append(n))
        if found is not self.current and args == [self.current]:
            raise ConvertError(
                f"{_path(node)} ({_called(node)}) has the tensor as its second argument: put the"
                " sign of 1 - x into the weights of a layer; 1 / x is a qfx.nn.lookup.Lookup of"
                " your own"
            )
        if found is not self.current or self.current in rest:
            raise self._branch(node, tensors)
        return (
            tuple(self._resolve(node, value) for value in args),
            {key: self._resolve(node, value) for key, value in keywords.items()},
        )

    def _branch(self, node: fx.Node, tensors: list[fx.Node]) -> ConvertError:
        names = " and ".join(_called(n) for n in tensors)
        return ConvertError(
            f"{_path(node)} ({_called(node)}) reads {names}: branches (residuals, concatenations)"
            " cannot be streamed yet; only a chain can, each step reading the one before"
        )

    def _resolve(self, node: fx.Node, value: Any) -> Any:
        if isinstance(value, fx.Node):
            return self.known[value]
        if isinstance(value, (tuple, list)):
            return tuple(self._resolve(node, entry) for entry in value)
        if isinstance(value, slice):
            ends = (self._resolve(node, end) for end in (value.start, value.stop, value.step))
            return slice(*ends)
        return value


def _attribute(root: nn.Module, target: Any) -> Any:
    owner, _, name = str(target).rpartition(".")
    return getattr(root.get_submodule(owner), name)


def _shape_of(tensor: Any) -> Shape | None:
    """Without the batch axis, if known."""
    shape: Shape | None = tensor.meta.get("shape")
    return shape


def _is_torchs(function: Any) -> bool:
    return str(getattr(function, "__module__", "") or "torch").split(".")[0] in _TORCH


def _called(node: Any) -> str:
    """What a person would call it."""
    if not isinstance(node, fx.Node):
        return str(node)
    target = node.target
    return target if isinstance(target, str) else getattr(target, "__name__", str(target))


def _path(node: fx.Node) -> str:
    """The module's, or the call's name within the module whose forward makes it."""
    if node.op == "call_module":
        return str(node.target)
    stack = node.meta.get("nn_module_stack") or {}
    owner = list(stack)[-1] if stack else ""
    return f"{owner}.{node.name}" if owner else node.name


_WRITE = "use one that has, or write a qfx.nn.Layer of your own"
_INSTEAD = {
    "abs": "use qfx.nn.lookup.Lookup, with a function of your own",
    "double": "models compute in float32 before they are fixed-point: leave the type",
    "getitem": "a stream has no random access: choose with Conv2d, pooling or Linear",
    "half": "models compute in float32 before they are fixed-point: leave the type",
    "long": "whole numbers enter through qfx.nn.Indices alone: leave the type",
    "neg": "put the sign into a weight",
    "pow": "use qfx.nn.lookup.Lookup, with a function of your own",
    "to": "models compute in float32 before they are fixed-point: leave the type",
    "log_softmax": "leave it to the loss (train on the logits with cross entropy)",
    "cat": "concatenation is a branch, which cannot be streamed yet",
    "add": "adding two tensors is a branch, which cannot be streamed yet",
    "layer_norm": "use qfx.nn.BatchNorm1d, whose numbers are constants in hardware",
    "matmul": "use qfx.nn.Linear, whose weight is a constant",
    "exp": "use qfx.nn.Sigmoid, or a qfx.nn.lookup.Lookup of your own",
    "argmax": "append qfx.nn.ArgMax() to the converted model, or export(..., argmax=True)",
    "conv_transpose2d": "use Upsample followed by Conv2d",
}
