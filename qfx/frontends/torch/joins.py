"""Calls of several tensors, each as the module that makes one of them."""

from __future__ import annotations

from typing import Any

from torch import fx, nn

from qfx.foreign import ConvertError
from qfx.frontends.torch.nodes import called, path_of, shape_of
from qfx.frontends.torch.pointwise import Text, Together, text_of_call
from qfx.frontends.torch.steps import (
    Concatenation,
    Difference,
    Largest,
    Product,
    Smallest,
    Sum,
)
from qfx.nn import Layer

_PAIRS: dict[str, type[nn.Module]] = {
    "add": Sum,
    "sub": Difference,
    "subtract": Difference,
    "mul": Product,
    "multiply": Product,
    "max": Largest,
    "maximum": Largest,
    "min": Smallest,
    "minimum": Smallest,
}
_CONCATENATIONS = ("cat", "concat", "concatenate")


def joined(traced: fx.GraphModule, node: fx.Node, tensors: list[fx.Node]) -> nn.Module | None:
    """Return what computes a node of several tensors that flow; None for a node of one.

    Args:
        traced: the model.
        node: a call.
        tensors: those that it reads, in order.

    Raises:
        ConvertError: nothing does.
    """
    name = called(node).rstrip("_")
    if node.op != "call_module" and name in _CONCATENATIONS:
        return _concatenation(node, tensors)
    if len(tensors) == 1:
        return None
    if node.op == "call_module":
        module = traced.get_submodule(str(node.target))
        if isinstance(module, Layer) and module.joins and list(node.args) == tensors:
            return module
        raise ConvertError(
            f"{node.target} is called with more than a tensor: call it with that alone"
        )
    if name not in _PAIRS:
        otherwise = _error(node, f"reads {_names(tensors)}: {_INSTEAD.get(name, _TOGETHER)}")
        return _together(node, tensors, otherwise)
    if [*node.args, *node.kwargs.values()] != tensors or len(tensors) != 2:
        raise _error(node, "is followed with two tensors alone: leave out its other arguments")
    first, second = map(shape_of, tensors)
    if first != second:
        raise _error(
            node,
            f"reads tensors of shapes {first} and {second}: a stream cannot be broadcast, so"
            " bring both to one shape",
        )
    return _PAIRS[name]()


def _together(node: fx.Node, tensors: list[fx.Node], otherwise: ConvertError) -> nn.Module:
    """A function of the elements of tensors of one shape.

    Raises:
        ConvertError: it is none.
    """
    names = {each: Text(f"x{number}") for number, each in enumerate(tensors)}
    args = [
        names[each] if isinstance(each, fx.Node) and each in names else each for each in node.args
    ]
    text = text_of_call(called(node), args, node.kwargs)
    if text is None or len({shape_of(each) for each in tensors}) > 1:
        raise otherwise
    return Together(text, str(otherwise))


def _concatenation(node: fx.Node, tensors: list[fx.Node]) -> nn.Module:
    arguments: dict[str, Any] = dict(zip(("tensors", "dim"), node.args, strict=False))
    arguments |= node.kwargs
    given = arguments.pop("tensors", ())
    dim = arguments.pop("dim", arguments.pop("axis", 0))
    if arguments or not isinstance(given, (tuple, list)) or list(given) != tensors:
        raise _error(node, "joins tensors that x flows through, in a list, and nothing else")
    shape = shape_of(tensors[0])
    if isinstance(dim, int) and dim < 0 and shape is None:
        raise _error(node, "joins an axis counted from the last: pass input_shape=(...) to convert")
    if dim != 1 and (shape is None or dim != -len(shape)):
        raise _error(node, f"joins axis {dim}: a stream has its channels joined, which are axis 1")
    return Concatenation() if len(tensors) > 1 else nn.Identity()


def _names(tensors: list[fx.Node]) -> str:
    return " and ".join(dict.fromkeys(map(called, tensors)))


def _error(node: fx.Node, sentence: str) -> ConvertError:
    return ConvertError(f"{path_of(node)} ({called(node)}) {sentence}")


_TOGETHER = (
    "of several tensors there are sums, differences, products, torch.maximum and minimum, and"
    " torch.cat along axis 1, so use those"
)
_INSTEAD = {
    "matmul": "of two tensors there is no product of matrices, use qfx.nn.Linear",
    "stack": "there is no axis to stack along: use torch.cat along axis 1",
}
