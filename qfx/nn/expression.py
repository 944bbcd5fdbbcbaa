"""Functions of one variable, written as text: `x * sigmoid(1.702 * x)`.

A text is what a file can hold and a report can show.  It is read by `ast` and never executed:
numbers, x, the arithmetic of Python and the functions of FUNCTIONS are all there is.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from qfx.errors import ArgumentError

VARIABLE = "x"  # what a function is of
_LONGEST = 2_000  # characters
_LARGEST = 32  # bits before the binary point, and behind it, of an operand that is looked at
_CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf, "True": True, "False": False}

_UNARY = (
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "erf", "erfc",
    "exp", "exp2", "expm1", "floor", "frac", "log", "log10", "log1p", "log2", "neg", "reciprocal",
    "round", "rsqrt", "sigmoid", "sign", "sin", "sinc", "sinh", "sqrt", "square", "tan", "tanh",
    "trunc",
)  # fmt: skip
_ACTIVATIONS = (
    "celu", "elu", "gelu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu",
    "logsigmoid", "mish", "relu", "relu6", "selu", "silu", "softplus", "softshrink", "softsign",
    "tanhshrink", "threshold",
)  # fmt: skip


def _as_tensor(value: Any, like: Tensor) -> Tensor:
    return value if isinstance(value, Tensor) else torch.full_like(like, float(value))


def _chosen(condition: Any, one: Any, other: Any) -> Tensor:
    found = next(each for each in (condition, one, other) if isinstance(each, Tensor))
    like = torch.zeros(found.shape, dtype=torch.float64 if found.dtype == torch.bool else None)
    like = like.to(found.device)
    one, other = _as_tensor(one, like), _as_tensor(other, like)
    condition = _as_tensor(condition, like) != 0  # where it is looked up, it is 0 or 1
    return torch.where(condition, one, other.to(one.dtype))


def _greatest(one: Any, other: Any) -> Tensor:
    like = one if isinstance(one, Tensor) else other
    return torch.maximum(_as_tensor(one, like), _as_tensor(other, like))


def _least(one: Any, other: Any) -> Tensor:
    like = one if isinstance(one, Tensor) else other
    return torch.minimum(_as_tensor(one, like), _as_tensor(other, like))


# What a text may call, by torch's names and with torch's arguments.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: getattr(torch, name) for name in _UNARY},
    **{name: getattr(functional, name) for name in _ACTIVATIONS},
    "clamp": torch.clamp,
    "maximum": _greatest,
    "minimum": _least,
    "pow": torch.pow,
    "where": _chosen,
}
_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class Expression:
    """A function of one variable.

    Args:
        text: of it, in Python's syntax; its variable is x.

    Raises:
        ArgumentError: it is no such text, or calls what FUNCTIONS does not have.
    """

    def __init__(self, text: str) -> None:
        self.text = _read(text)
        self._tree = ast.parse(self.text, mode="eval").body

    def __call__(self, x: Tensor) -> Tensor:
        """Compute it, element by element."""
        value = _value(self._tree, x)
        if isinstance(value, Tensor) and value.dtype == torch.bool:
            return value.to(x.dtype)
        return _as_tensor(value, x)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return self.text

    def is_nonnegative(self, nonnegative: bool = False) -> bool:
        """Tell whether no value is negative, by a look at many, of every size that a grid has.

        Args:
            nonnegative: whether no operand is.
        """
        fine = torch.linspace(1, 2, 257, dtype=torch.float64)
        sizes = torch.exp2(torch.arange(-_LARGEST, _LARGEST, dtype=torch.float64))
        x = torch.cat([torch.zeros(1, dtype=torch.float64), torch.outer(sizes, fine).ravel()])
        y = self(x if nonnegative else torch.cat([-x, x]))
        return not bool((y < 0).any())


def substituted(text: str, operands: Mapping[str, str]) -> str:
    """Return the text with others in the places of names.

    Args:
        text: of a function.
        operands: by name.
    """
    inner = {name: ast.parse(each, mode="eval").body for name, each in operands.items()}

    class Inserted(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return inner.get(node.id, node)

    return ast.unparse(Inserted().visit(ast.parse(text, mode="eval").body))


def _read(text: Any) -> str:
    """The text as Python would print it."""
    if not isinstance(text, str):
        raise ArgumentError(f'a function is written as text, such as "exp(-x * x)", not {text!r}')
    if len(text) > _LONGEST:
        raise ArgumentError(f"a function has at most {_LONGEST:,} characters: shorten it")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        _require(tree, text)
    except ArgumentError:
        raise
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ArgumentError(
            f"the function {text[:60]!r} cannot be read: write it as Python is, such as"
            ' "x * sigmoid(x)"'
        ) from error
    if not any(isinstance(n, ast.Name) and n.id == VARIABLE for n in ast.walk(tree)):
        raise ArgumentError(f"the function {text!r} does not depend on x: it is a constant")
    return ast.unparse(tree)


def _require(tree: ast.AST, text: str) -> None:
    """Raise ArgumentError for what a text cannot hold."""
    if isinstance(tree, ast.Call):
        if not isinstance(tree.func, ast.Name) or tree.func.id not in FUNCTIONS:
            raise ArgumentError(
                f"the function {text!r} calls {ast.unparse(tree.func)}, which is none of"
                f" {', '.join(FUNCTIONS)}"
            )
        for each in (*tree.args, *(keyword.value for keyword in tree.keywords)):
            _require(each, text)
    elif isinstance(tree, (ast.BinOp, ast.UnaryOp)) and type(tree.op) in _OPERATORS:
        for each in (tree.left, tree.right) if isinstance(tree, ast.BinOp) else (tree.operand,):
            _require(each, text)
    elif isinstance(tree, ast.Compare) and len(tree.ops) == 1 and type(tree.ops[0]) in _OPERATORS:
        _require(tree.left, text)
        _require(tree.comparators[0], text)
    elif isinstance(tree, ast.Name):
        if tree.id != VARIABLE and tree.id not in _CONSTANTS:
            raise ArgumentError(f"the function {text!r} reads {tree.id}: its one variable is x")
    elif not (isinstance(tree, ast.Constant) and _is_number_or_word(tree.value)):
        raise ArgumentError(
            f"the function {text!r} has {ast.unparse(tree)} in it: it is made of x, numbers,"
            " arithmetic, comparisons and functions"
        )


def _is_number_or_word(value: Any) -> bool:
    return isinstance(value, (int, float)) or value is None or value in ("none", "tanh")


def _value(tree: ast.AST, x: Tensor) -> Any:
    if isinstance(tree, ast.Call):
        assert isinstance(tree.func, ast.Name)
        args = [_value(each, x) for each in tree.args]
        keywords = {str(each.arg): _value(each.value, x) for each in tree.keywords}
        if args and not any(isinstance(each, Tensor) for each in (*args, *keywords.values())):
            args[0] = torch.full_like(x, float(args[0]))
        return FUNCTIONS[tree.func.id](*args, **keywords)
    if isinstance(tree, ast.BinOp):
        return _OPERATORS[type(tree.op)](_value(tree.left, x), _value(tree.right, x))
    if isinstance(tree, ast.UnaryOp):
        return _OPERATORS[type(tree.op)](_value(tree.operand, x))
    if isinstance(tree, ast.Compare):
        return _OPERATORS[type(tree.ops[0])](_value(tree.left, x), _value(tree.comparators[0], x))
    if isinstance(tree, ast.Name):
        return x if tree.id == VARIABLE else _CONSTANTS[tree.id]
    assert isinstance(tree, ast.Constant)
    return tree.value
