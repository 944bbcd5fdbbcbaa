"""The wordlengths of each converted layer: one for all, and overrides by name pattern."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from qfx.foreign import ConvertError
from qfx.nn import Layer, Probabilities, Quantizer

KEYS = ("wordlength", "weight", "bias", "input", "output", "per_channel")
CONSTANT_BITS = 8  # of a constant at least: one for all elements, it costs next to nothing
Overrides = Mapping[str, Mapping[str, Any]]


class Formats:
    """What quantizers a layer gets.

    Args:
        wordlength: of every weight, bias and result.
        per_channel: whether weights have a binary point for each output.
        overrides: by pattern of a layer's path in the model, or of its name in the twin (as the
            shell's: `features.*`), some of `KEYS`: `wordlength` (all of the layer's), `weight` (a
            factor too, a slope, the reciprocal of a pooling), `bias` (what is added), `input` (the
            operand of a table), `output` (each a wordlength or a Quantizer), `per_channel`. Of
            several patterns that match, the last counts.

    Raises:
        ConvertError: a key or a value that is none of these.
    """

    def __init__(self, wordlength: int, per_channel: bool, overrides: Overrides) -> None:
        if not isinstance(overrides, Mapping) or not all(
            isinstance(given, Mapping) for given in overrides.values()
        ):
            raise ConvertError(
                'overrides are by pattern of a path, as {"features.*": {"weight": 4}}, not'
                f" {overrides!r}"
            )
        self.wordlength, self.per_channel, self.overrides = wordlength, per_channel, overrides
        self.name = ""
        self.seen: dict[str, tuple[str, Layer]] = {}  # by name, with the path
        self.used: dict[tuple[str, str], set[str]] = {
            (pattern, key): set() for pattern, given in overrides.items() for key in given
        }
        for pattern, given in overrides.items():
            for key, value in given.items():
                kind = (bool,) if key == "per_channel" else (int, Quantizer)
                wrong = isinstance(value, bool) and key != "per_channel"
                if key not in KEYS or wrong or not isinstance(value, kind):
                    raise ConvertError(
                        f"overrides[{pattern!r}] says {key}={value!r}: it takes {', '.join(KEYS)};"
                        " wordlengths are whole numbers or Quantizers, per_channel is True or False"
                    )

    def weight(self, path: str) -> Quantizer:
        """Return that of a weight, one binary point per channel where asked."""
        return self._quantizer(path, "weight", per_channel=bool(self._of(path, "per_channel")))

    def parameter(self, path: str, key: str = "weight") -> Quantizer:
        """Return that of another parameter, such as a bias or a slope."""
        return self._quantizer(path, key)

    def constant(self, path: str, key: str = "weight", signed: bool = True) -> Quantizer:
        """Return that of a number that nothing trains, such as a factor in forward or the
        reciprocal of a patch's size: it has eight bits or more unless an override says otherwise.
        """
        chosen = self._quantizer(path, key, signed=signed, learned=False)
        said = self._of(path, key) or self._of(path, "wordlength")
        few = said is None and chosen.wordlength < CONSTANT_BITS
        return Quantizer(CONSTANT_BITS, signed=signed, learned=False) if few else chosen

    def operand(self, path: str, signed: bool) -> Quantizer:
        """Return that of what a table looks up."""
        return self._quantizer(path, "input", signed=signed)

    def output(self, path: str, signed: bool) -> Quantizer:
        """Return that of a result."""
        return self._quantizer(path, "output", signed=signed)

    def probabilities(self, path: str) -> Quantizer:
        """Return that of a softmax: a grid from 0 to just below 1, unless one is given."""
        chosen = self._quantizer(path, "output")
        given = isinstance(self._of(path, "output"), Quantizer)
        return chosen if given else Probabilities(chosen.wordlength)

    def at(self, name: str) -> Formats:
        """Return these, for the layer that the twin calls so: a pattern may match that or its
        path.
        """
        there = copy.copy(self)
        there.name = name
        return there

    def met(self, path: str, layer: Layer) -> None:
        """Note that a layer was made, of the name that these are for."""
        self.seen[self.name] = path, layer

    def require_all_used(self) -> None:
        """Raise ConvertError for a pattern or a key that changed nothing."""
        folded = {n for n, (_, layer) in self.seen.items() if getattr(layer, "folded", False)}
        for (pattern, key), names in sorted(self.used.items()):
            if not names - folded:
                raise ConvertError(f"overrides[{pattern!r}] sets {key}, {self._why(pattern, key)}")

    def _why(self, pattern: str, key: str) -> str:
        """Why it changed nothing, and what to do."""
        for name, (path, layer) in self.seen.items():
            kind = type(layer).__name__
            if not (fnmatchcase(path, pattern) or fnmatchcase(name, pattern)):
                continue
            if getattr(layer, "folded", False):
                return f"but {name} is folded into the layer behind it: set that layer's weight"
            if key == "output" and getattr(layer, "output", 0) is None:
                return f"but what follows {name} ({kind}) casts its exact result: set it there"
            return f"which {name} ({kind}) does not have: leave it out"
        return "which no layer of that name has: see the names that print(converted) shows"

    def _quantizer(self, path: str, key: str, **arguments: Any) -> Quantizer:
        chosen = self._of(path, key)
        if isinstance(chosen, Quantizer):
            return copy.deepcopy(chosen)
        if chosen is None:
            chosen = self._of(path, "wordlength") or self.wordlength
        return Quantizer(chosen, **arguments)

    def _of(self, path: str, key: str) -> Any:
        chosen = self.per_channel if key == "per_channel" else None
        for pattern, given in self.overrides.items():
            if key in given and (fnmatchcase(path, pattern) or fnmatchcase(self.name, pattern)):
                chosen = given[key]
                self.used[pattern, key].add(self.name)
        return chosen
