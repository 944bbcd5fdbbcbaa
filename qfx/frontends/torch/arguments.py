"""What a forward is called with: its inputs, and the arguments that keep their defaults."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_NAMED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Arguments:
    """The arguments of `net(x)`: an argument with a default is a constant of the network, not an
    input, since nothing is given for it.

    Args:
        places: names of the inputs that are given by place.
        keywords: names of those that are given by name alone.
        constants: the defaults of all others, by name.
    """

    places: tuple[str, ...]
    keywords: tuple[str, ...]
    constants: dict[str, Any]

    @classmethod
    def of(cls, forward: Callable[..., Any], count: int | None = None) -> Arguments:
        """Return those of a bound `forward`.

        Args:
            forward: of the model.
            count: of the inputs, where it is known: as many does a forward of `*x` take.
        """
        parameters = inspect.signature(forward).parameters.values()
        needed = [p for p in parameters if p.default is p.empty]
        places = [p.name for p in needed if p.kind in _NAMED]
        keywords = [p.name for p in needed if p.kind is p.KEYWORD_ONLY]
        several = [p.name for p in needed if p.kind is p.VAR_POSITIONAL]
        constants = {p.name: p.default for p in parameters if p.default is not p.empty}
        if not places and several:
            (stem,) = several
            wanted = 1 if count is None else max(1, count - len(keywords))
            places = [stem] if wanted == 1 else [f"{stem}_{n}" for n in range(wanted)]
        first = next((p.name for p in parameters if p.kind in _NAMED), None)
        if not places and not keywords and first is not None:
            places = [first]  # of net(x), whatever its default
            del constants[first]
        return cls(tuple(places), tuple(keywords), constants)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs, in the order in which a twin takes them."""
        return (*self.places, *self.keywords)

    def call(self, function: Callable[..., Any], given: Sequence[Any]) -> Any:
        """Return `function` called with what is given for each input."""
        named = dict(zip(self.keywords, given[len(self.places) :], strict=True))
        return function(*given[: len(self.places)], **named)

    def listed(self) -> str:
        """Return the constants, as they would be written in a call, and that they are."""
        each = [f"{name}={_short(value)}" for name, value in self.constants.items()]
        return f"{', '.join(each)} {'is' if len(each) == 1 else 'are'} constant"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
