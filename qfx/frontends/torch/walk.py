"""Follows the tensors that flow through a traced model, node by node."""

from __future__ import annotations

import operator
import re
from dataclasses import replace
from typing import Any

from torch import fx, nn

from qfx.foreign import ConvertError
from qfx.frontends.torch.call import BATCH, Call
from qfx.frontends.torch.calls import CALLS
from qfx.frontends.torch.functions import Functions, Stand
from qfx.frontends.torch.joins import joined
from qfx.frontends.torch.nodes import called, is_torchs, operands_of, path_of, shape_of
from qfx.frontends.torch.overwrites import Overwrites
from qfx.frontends.torch.plain import first_line
from qfx.frontends.torch.pointwise import Pointwise, Text, text_of_call
from qfx.frontends.torch.steps import Flow, Step

_SIZES = {operator.add, operator.sub, operator.mul, operator.floordiv, operator.neg}


class Walk:
    """Makes steps of the nodes of a traced model.

    Args:
        traced: with the shapes of its tensors noted, where they are known.
        named: functions and modules that are told by text.
    """

    def __init__(self, traced: fx.GraphModule, named: Functions) -> None:
        self.traced, self.named = traced, named
        self.inputs: list[str] = []
        self.keys: dict[fx.Node, int] = {}  # of the tensors that flow
        self.known: dict[fx.Node, Any] = {}  # sizes, and tensors that belong to the model
        self.steps: list[Step] = []
        self.overwrites = Overwrites(traced)

    def flow(self) -> Flow:
        """All steps, from the inputs to the outputs.

        Raises:
            ConvertError: a node that has no layer, or a result that is none of tensors.
        """
        outputs: tuple[int, ...] = (0,)
        for node in self.traced.graph.nodes:
            if node.op == "placeholder":
                self.keys[node] = len(self.inputs)
                self.inputs.append(str(node.target))
            elif node.op == "get_attr":
                self.known[node] = _attribute(self.traced, node.target)
            elif node.op == "output":
                outputs = self._leave(node)
            elif not self._is_size(node):
                self._follow(node)
        self.named.require_met()
        return replace(Flow.of(self.inputs, self.steps, outputs), named=self.named)

    def _leave(self, node: fx.Node) -> tuple[int, ...]:
        given = node.args[0]
        returned: list[Any] = list(given) if isinstance(given, (tuple, list)) else [given]
        for each in returned:
            if isinstance(each, (tuple, list, dict)):
                raise ConvertError(
                    f"forward returns {called(given)}: return a tensor, or a tuple of tensors"
                )
            if not isinstance(each, fx.Node) or each not in self.keys:
                names = " or ".join(self.inputs)
                raise ConvertError(
                    f"forward returns {called(each)}, which does not depend on {names}: return a"
                    " tensor that does"
                )
        if given is not returned[0] and len({*returned}) < max(2, len(returned)):
            raise ConvertError(
                f"forward returns {called(given)}: return a tensor, or a tuple of different tensors"
            )
        self.overwrites.read(node, returned)
        return tuple(self.keys[each] for each in returned)

    def _is_size(self, node: fx.Node) -> bool:
        """Whether the node asks for sizes, or computes with them; then the answer is kept."""
        if node.op == "call_method" and node.target == "size":
            self.known[node] = self._sizes(node, *self._resolve(node.args[1:]))
        elif node.op == "call_method" and node.target == "dim":
            self.known[node] = self._rank(node)
        elif node.target is getattr and node.args[1] in ("shape", "ndim", "device", "dtype"):
            found = {"shape": self._sizes, "ndim": self._rank}.get(str(node.args[1]))
            self.known[node] = found(node) if found else None
        elif node.target is operator.getitem and node.all_input_nodes[0] in self.known:
            self.known[node] = operator.getitem(*self._resolve(node.args))
        elif node.target in _SIZES and all(a in self.known for a in node.all_input_nodes):
            try:
                self.known[node] = node.target(*self._resolve(node.args))
            except TypeError as error:
                raise ConvertError(
                    f"{path_of(node)} computes with a size that is not known: pass"
                    " input_shape=(...) to convert; the batch size is never known"
                ) from error
        return node in self.known

    def _sizes(self, node: fx.Node, axis: int | None = None) -> Any:
        shape = shape_of(node.args[0])
        sizes = (BATCH, *(shape if shape is not None else (None,) * 8))
        if axis is None:
            return sizes
        if axis != 0 and shape is None:
            raise ConvertError(
                f"{node.name} reads a size that is not known: pass input_shape=(...) to convert"
            )
        return sizes[axis]

    def _rank(self, node: fx.Node) -> int | None:
        shape = shape_of(node.args[0])
        return None if shape is None else len(shape) + 1

    def _follow(self, node: fx.Node) -> None:
        """Add the steps that compute the node."""
        tensors = [n for n in operands_of(node) if n in self.keys]
        path = path_of(node)
        if not tensors:
            raise ConvertError(f"{path} computes with constants alone: do so before")
        self.overwrites.read(node, tensors)
        module = joined(self.traced, node, tensors)
        modules = [module] if module else self._modules(node, path, tensors[0])
        shape, reads = shape_of(tensors[0]), tuple(self.keys[n] for n in tensors)
        for module in modules:
            key = len(self.inputs) + len(self.steps)
            step = Step(path, module, shape, key, reads)
            self.steps.append(step)
            shape, reads = (None if len(modules) > 1 else shape), (step.key,)
        self.keys[node] = reads[0]

    def _modules(self, node: fx.Node, path: str, operand: fx.Node) -> list[nn.Module]:
        """What computes a node of one tensor, one after the other."""
        told = self._told(node)
        if told is not None:
            return [Pointwise(told)]
        if isinstance(node.target, Stand):
            raise ConvertError(f"{path}: {self.named.otherwise(node.target)}")
        if node.op != "call_module" and node.args[:1] != (operand,) and operand in node.args:
            text = self._text(node, operand)  # of 1 - x, for example
            if text is not None and called(node) not in ("add", "mul"):
                return [Pointwise(text)]
        arguments, keywords = self._arguments(node, operand)
        if node.op == "call_module":
            if arguments or keywords:
                raise ConvertError(
                    f"{node.target} is called with more than a tensor: call it with that alone"
                )
            return [self.traced.get_submodule(str(node.target))]
        name = called(node)
        if node.op == "call_function" and not is_torchs(node.target):
            raise ConvertError(f"{path}: {name} is not torch's: no qfx layer computes it")
        text = None if name in CALLS else self._text(node, operand)
        if text is not None:
            return [Pointwise(text)]
        if name not in CALLS:
            raise ConvertError(
                f"{path}: no qfx layer computes {name}: {_INSTEAD.get(name, _WRITE)}"
            )
        try:
            return CALLS[name](Call(path, shape_of(operand)), *arguments, **keywords)
        except (TypeError, ValueError, ArithmeticError, LookupError) as error:
            if isinstance(error, ConvertError):
                raise
            said = re.sub(r"^\w+\(\)", f"{name}()", first_line(error))
            raise ConvertError(f"{path}: these arguments cannot be followed: {said}") from error

    def _told(self, node: fx.Node) -> str | None:
        """What a function computes that is not followed."""
        if node.op == "call_module":
            return self.named.text(self.traced.get_submodule(str(node.target)))
        return self.named.text(node.target.key if isinstance(node.target, Stand) else node.target)

    def _text(self, node: fx.Node, operand: fx.Node) -> str | None:
        """What a call computes of each element, where it is a function of one."""
        args = [Text("x") if each is operand else self._resolve(each) for each in node.args]
        given = [Text("x")] if operand in node.kwargs.values() else []  # as input=x
        keywords = {k: self._resolve(v) for k, v in node.kwargs.items() if v is not operand}
        return text_of_call(called(node), [*given, *args], keywords)

    def _arguments(self, node: fx.Node, operand: fx.Node) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What the node is called with beside the tensor that flows.

        Raises:
            ConvertError: that is not its first argument.
        """
        args, keywords = list(node.args), dict(node.kwargs)
        if args[1:] == [operand] and called(node) in ("add", "mul"):
            args.reverse()
        found = args.pop(0) if args else keywords.pop("input", None)
        if found is not operand:
            raise ConvertError(
                f"{path_of(node)} ({called(node)}) has the tensor as its second argument: put the"
                " sign of 1 - x into the weights of a layer; 1 / x is a qfx.nn.lookup.Lookup of"
                " your own"
            )
        return self._resolve(args), {key: self._resolve(value) for key, value in keywords.items()}

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, fx.Node):
            return self.known[value]
        if isinstance(value, (tuple, list)):
            return tuple(self._resolve(entry) for entry in value)
        if isinstance(value, slice):
            return slice(*(self._resolve(end) for end in (value.start, value.stop, value.step)))
        return value


def _attribute(root: nn.Module, target: Any) -> Any:
    owner, _, name = str(target).rpartition(".")
    return getattr(root.get_submodule(owner), name)


_WRITE = "use one that has, or write a qfx.nn.Layer of your own"
_INSTEAD = {
    "double": "models compute in float32 before they are fixed-point: leave the type",
    "half": "models compute in float32 before they are fixed-point: leave the type",
    "long": "whole numbers enter through qfx.nn.Indices alone: leave the type",
    "to": "models compute in float32 before they are fixed-point: leave the type",
    "log_softmax": "leave it to the loss (train on the logits with cross entropy)",
    "layer_norm": "use qfx.nn.BatchNorm1d, whose numbers are constants in hardware",
    "matmul": "use qfx.nn.Linear, whose weight is a constant",
    "argmax": "append qfx.nn.ArgMax() to the converted model, or export(..., argmax=True)",
    "conv_transpose2d": "use Upsample followed by Conv2d",
}
