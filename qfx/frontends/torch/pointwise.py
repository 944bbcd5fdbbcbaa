"""Functions of one element, as text: what has no layer of its own becomes the table of a Function,
and so does what a forward computes of one tensor by several of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from qfx.frontends.torch.steps import (
    Arithmetic,
    Difference,
    Flow,
    Join,
    Largest,
    Product,
    Smallest,
    Step,
    Sum,
)
from qfx.nn.expression import FUNCTIONS, Expression, substituted

_OTHER_NAMES = {
    "absolute": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh",
    "arctan": "atan", "arctanh": "atanh", "clip": "clamp", "fix": "trunc", "negative": "neg",
    "special_erf": "erf", "special_erfc": "erfc", "special_exp2": "exp2",
    "special_expit": "sigmoid", "special_expm1": "expm1", "special_log1p": "log1p",
    "special_sinc": "sinc",
}  # fmt: skip
_BINARY = {
    "add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "truediv": "{} / {}", "div": "{} / {}",
    "subtract": "{} - {}", "multiply": "{} * {}", "divide": "{} / {}", "true_divide": "{} / {}",
    "pow": "{} ** {}", "floordiv": "{} // {}", "mod": "{} % {}", "remainder": "{} % {}",
    "rsub": "{1} - {0}", "maximum": "maximum({}, {})", "minimum": "minimum({}, {})",
    "gt": "{} > {}", "ge": "{} >= {}", "lt": "{} < {}", "le": "{} <= {}", "eq": "{} == {}",
    "ne": "{} != {}", "greater": "{} > {}", "less": "{} < {}",
}  # fmt: skip
_OPERAND = "x{}"  # of a text with several


class Pointwise(nn.Module):
    """A function of one element, written as `qfx.nn.Function` takes it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.expression = Expression(text)

    def forward(self, x: Tensor) -> Tensor:
        return self.expression(x)


class Together(Join):
    """A function of the elements of several tensors, which has no layer unless they are of one.

    Args:
        text: of its operands x0, x1 and so on.
        otherwise: says what to do where they are of several.
    """

    def __init__(self, text: str, otherwise: str) -> None:
        super().__init__()
        self.text, self.otherwise = text, otherwise


# The modules of torch that are no layer of their own.
MODULES: Mapping[type[nn.Module], Callable[[Any], str]] = {
    nn.CELU: lambda m: f"celu(x, {m.alpha})",
    nn.ELU: lambda m: f"elu(x, {m.alpha})",
    nn.GELU: lambda m: f"gelu(x, approximate={m.approximate!r})",
    nn.Hardshrink: lambda m: f"hardshrink(x, {m.lambd})",
    nn.LogSigmoid: lambda m: "logsigmoid(x)",
    nn.Mish: lambda m: "mish(x)",
    nn.RReLU: lambda m: f"leaky_relu(x, {(m.lower + m.upper) / 2})",
    nn.SELU: lambda m: "selu(x)",
    nn.Softplus: lambda m: f"softplus(x, {m.beta}, {m.threshold})",
    nn.Softshrink: lambda m: f"softshrink(x, {m.lambd})",
    nn.Softsign: lambda m: "softsign(x)",
    nn.Tanhshrink: lambda m: "tanhshrink(x)",
    nn.Threshold: lambda m: f"threshold(x, {m.threshold}, {m.value})",
}
# And those that are one, where they are part of a function.
_LAYERS: Mapping[type[nn.Module], Callable[[Any], str]] = {
    nn.Hardsigmoid: lambda m: "hardsigmoid(x)",
    nn.Hardswish: lambda m: "hardswish(x)",
    nn.Hardtanh: lambda m: f"clamp(x, {m.min_val}, {m.max_val})",
    nn.LeakyReLU: lambda m: f"leaky_relu(x, {m.negative_slope})",
    nn.ReLU: lambda m: "relu(x)",
    nn.ReLU6: lambda m: "relu6(x)",
    nn.SiLU: lambda m: "silu(x)",
    nn.Sigmoid: lambda m: "sigmoid(x)",
    nn.Tanh: lambda m: "tanh(x)",
    Arithmetic: lambda m: f"(x - {m.mean}) / {m.std}",
    Pointwise: lambda m: m.expression.text,
    Difference: lambda m: "x0 - x1",
    Largest: lambda m: "maximum(x0, x1)",
    Product: lambda m: "x0 * x1",
    Smallest: lambda m: "minimum(x0, x1)",
    Sum: lambda m: "x0 + x1",
    Together: lambda m: m.text,
}
_EXACT = (  # need no table
    nn.Hardtanh, nn.LeakyReLU, nn.ReLU, nn.ReLU6, Arithmetic, Difference, Largest, Product,
    Smallest, Sum,
)  # fmt: skip


def text_of(module: nn.Module) -> str | None:
    """Return what a module computes of each element; None where it is no such function."""
    text = MODULES.get(type(module)) or _LAYERS.get(type(module))
    return None if text is None else text(module)


def text_of_call(name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> str | None:
    """Return what a call computes of each element of x; None where it is no function of one.

    Args:
        name: of the function or method.
        args, keywords: what it is given; the tensors that flow are written as texts, in `Text`.
    """
    name = name if name in _BINARY else name.rstrip("_")
    name = _OTHER_NAMES.get(name, name)
    keywords = {key: value for key, value in keywords.items() if key != "inplace"}
    if not all(map(_is_plain, (*args, *keywords.values()))):
        return None
    if name in _BINARY and len(args) == 2 and not keywords:
        return _BINARY[name].format(*(f"({each})" for each in map(_written, args)))
    if name not in FUNCTIONS or not args or not isinstance(args[0], Text):
        return None
    given = [*map(_written, args), *(f"{key}={_written(v)}" for key, v in keywords.items())]
    return f"{name}({', '.join(given)})"


class Text(str):
    """A tensor that flows, in the text of a call."""


def _is_plain(value: Any) -> bool:
    number = isinstance(value, (int, float)) or (isinstance(value, Tensor) and value.numel() == 1)
    return value is None or number or isinstance(value, str)


def _written(value: Any) -> str:
    if isinstance(value, Text):
        return str(value)
    return repr(value.item() if isinstance(value, Tensor) else value)


def of_one_variable(flow: Flow) -> Flow:
    """Make one step of what computes a function of one tensor by several, where some of it has no
    layer alone, or where a table is needed and its operand is read elsewhere in it.
    """
    made = {step.key: step for step in flow.steps}
    for root in reversed(flow.steps):
        if root.key in made and text_of(root.module) is not None:
            region = _region(root, made, flow)
            sources = {read for step in region.values() for read in step.reads} - {*region}
            if len(region) > 1 and len(sources) == 1 and _gains(region, sources):
                text = _text(root.key, region, dict.fromkeys(sources, "x"))
                module = Pointwise(text)
                for key in region:
                    del made[key]
                made[root.key] = replace(root, module=module, reads=(*sources,))
    return replace(flow, steps=tuple(made[step.key] for step in flow.steps if step.key in made))


def _region(root: Step, made: Mapping[int, Step], flow: Flow) -> dict[int, Step]:
    """The steps behind one that alone read each other, all of them functions of an element."""
    region = {root.key: root}
    grown = True
    while grown:
        grown = False
        for read in {read for step in region.values() for read in step.reads} - {*region}:
            step = made.get(read)
            if step is None or text_of(step.module) is None or read in flow.outputs:
                continue
            readers = {other.key for other in made.values() if read in other.reads}
            if readers <= {*region}:
                region[read] = step
                grown = True
    return region


def _gains(region: Mapping[int, Step], sources: set[int]) -> bool:
    """Whether one table does what several steps do not, or not as well."""
    modules = [step.module for step in region.values()]
    if any(isinstance(module, (Pointwise, Together)) for module in modules):
        return True
    reads = [read for step in region.values() for read in step.reads]
    twice = any(reads.count(read) > 1 for read in (*region, *sources))
    return twice and not all(isinstance(module, _EXACT) for module in modules)


def _text(key: int, region: Mapping[int, Step], known: dict[int, str]) -> str:
    """What the step of this key computes of the source."""
    if key not in known:
        step, text = region[key], str(text_of(region[key].module))
        operands = [_text(read, region, known) for read in step.reads]
        names = ["x"] if len(operands) == 1 else [_OPERAND.format(n) for n in range(len(operands))]
        known[key] = substituted(text, dict(zip(names, operands, strict=True)))
    return known[key]
