"""Functions of one element that cannot be followed, and are told by text instead."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import fx, nn
from torch._functorch import utils

from qfx.errors import ArgumentError
from qfx.foreign import ConvertError
from qfx.nn.expression import Expression

_APPLY = "apply"  # by which a torch.autograd.Function is called


class Functions:
    """What the text of each function or module is.

    Args:
        functions: by what the model calls: a function, a subclass of torch.autograd.Function or of
            nn.Module.

    Raises:
        ConvertError: a key that is none of these, or a text that is no function of x.
    """

    def __init__(self, functions: Mapping[Any, str] | None = None) -> None:
        if not isinstance(functions or {}, Mapping):
            raise ConvertError(
                "functions says what each function that cannot be followed computes, as"
                f' {{my_gelu: "x * sigmoid(1.702 * x)"}}, not {functions!r}'
            )
        self.texts: dict[Any, str] = {}
        self.met: set[Any] = set()
        for key, text in (functions or {}).items():
            if not callable(key):
                raise ConvertError(
                    f"functions has {key!r}: its keys are functions, or classes of modules"
                )
            try:
                self.texts[key] = Expression(text).text
            except ArgumentError as error:
                raise ConvertError(f"functions of {_name(key)}: {error}") from error

    def __str__(self) -> str:
        return " or ".join(map(_name, self.texts))

    def is_module(self, module: nn.Module) -> bool:
        """Tell whether a module is one of them."""
        return type(module) in self.texts

    def text(self, called: Any) -> str | None:
        """Return that of a function, or a module; None where it has none."""
        key = type(called) if isinstance(called, nn.Module) else called
        if key not in self.texts:
            return None
        self.met.add(key)
        return self.texts[key]

    def otherwise(self, called: Stand) -> str:
        """Say what to do about one that has no text."""
        return (
            f"{called.__name__} is not followed, as no torch.autograd.Function is: say what it"
            f' computes of an element, convert(..., functions={{{called.__name__}: "x"}}) if'
            " nothing"
        )

    def require_met(self) -> None:
        """Raise ConvertError for one that the model does not call."""
        for key in self.texts:
            if key not in self.met:
                raise ConvertError(
                    f"functions has {_name(key)}, which the model does not call: leave it out, or"
                    " give what forward calls"
                )

    @contextmanager
    def followed(self, root: nn.Module) -> Iterator[None]:
        """Inside, calls of them with what stands for a tensor are noted as such; and those of every
        torch.autograd.Function, which take it for a tensor.
        """
        kept = [
            (names, name, value)
            for names in _names(root)
            for name, value in names.items()
            if self._stands(value)
        ]
        apply, unwrap = vars(torch.autograd.Function)[_APPLY], utils.unwrap_dead_wrappers
        for names, name, value in kept:
            names[name] = _noted(_applied_by(value) or value, value)
        setattr(torch.autograd.Function, _APPLY, classmethod(_apply(apply.__func__)))
        utils.unwrap_dead_wrappers = _require_tensors(unwrap)
        try:
            yield
        finally:
            setattr(torch.autograd.Function, _APPLY, apply)
            utils.unwrap_dead_wrappers = unwrap
            for names, name, value in kept:
                names[name] = value

    def _stands(self, value: Any) -> bool:
        if _applied_by(value) is not None:
            return True
        function = callable(value) and not isinstance(value, (type, nn.Module))
        return function and any(value is key for key in self.texts)


def _names(root: nn.Module) -> list[dict[str, Any]]:
    """Where a forward may find a function by a name."""
    modules = sorted({type(each).__module__ for each in root.modules()})
    found = [vars(sys.modules[name]) for name in modules if name in sys.modules]
    return found + [vars(each) for each in root.modules()]


def _applied_by(value: Any) -> Any:
    """The torch.autograd.Function that a bound `apply` belongs to."""
    kind = getattr(value, "__self__", None) if inspect.ismethod(value) else None
    ours = isinstance(kind, type) and issubclass(kind, torch.autograd.Function)
    return kind if ours and value.__name__ == _APPLY else None


def _apply(apply: Callable[..., Any]) -> Callable[..., Any]:
    def applied(kind: Any, *args: Any, **keywords: Any) -> Any:
        return _noted(kind, partial(apply, kind))(*args, **keywords)

    return applied


def _require_tensors(unwrap: Callable[..., Any]) -> Callable[..., Any]:
    """What torch does first in an `apply` that was not found by a name, and with a stand-in would
    be its end.
    """

    def required(args: Any) -> Any:
        if any(issubclass(type(each), fx.Proxy) for each in args):
            raise ConvertError(
                "forward calls the apply of a torch.autograd.Function that is neither in its module"
                " nor in an attribute: call it by the name of its class, as Round.apply(x)"
            )
        return unwrap(args)

    return required


def _noted(key: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    def called(*args: Any, **keywords: Any) -> Any:
        proxies = [each for each in (*args, *keywords.values()) if issubclass(type(each), fx.Proxy)]
        if not proxies:
            return function(*args, **keywords)
        return proxies[0].tracer.create_proxy("call_function", Stand(key, function), args, keywords)

    return called


class Stand:
    """A function in a traced graph, called by the name of what it stands for."""

    def __init__(self, key: Any, function: Callable[..., Any]) -> None:
        self.key, self.function = key, function
        self.__name__ = _name(key)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return self.function(*args, **keywords)


def _name(key: Any) -> str:
    return str(getattr(key, "__name__", key))
