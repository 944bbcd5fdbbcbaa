"""The wordlengths of each converted layer: one for all, and overrides by name pattern."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from qfx.frontends.steps import ConvertError
from qfx.nn import Probabilities, Quantizer

KEYS = ("wordlength", "weight", "bias", "input", "output", "per_channel")
Overrides = Mapping[str, Mapping[str, Any]]


class Formats:
    """What quantizers a layer gets.

    Args:
        wordlength: of every weight, bias and result.
        per_channel: whether weights have a binary point for each output.
        overrides: by pattern of a layer's path (as the shell's: `features.*`), some of `KEYS`:
            `wordlength` (all of the layer's), `weight`, `bias`, `input` (the operand of a table),
            `output` (each a wordlength or a Quantizer), `per_channel`. Of several patterns that
            match, the last counts.

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
        self.unused = {(pattern, key) for pattern, given in overrides.items() for key in given}
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
        """Of a weight, one binary point per channel where asked."""
        return self._quantizer(path, "weight", per_channel=bool(self._of(path, "per_channel")))

    def parameter(self, path: str, key: str = "weight") -> Quantizer:
        """Of another parameter, such as a bias or a slope."""
        return self._quantizer(path, key)

    def operand(self, path: str, signed: bool) -> Quantizer:
        """Of what a table looks up."""
        return self._quantizer(path, "input", signed=signed)

    def output(self, path: str, signed: bool) -> Quantizer:
        """Of a result."""
        return self._quantizer(path, "output", signed=signed)

    def probabilities(self, path: str) -> Quantizer:
        """Of a softmax: a grid from 0 to just below 1, unless one is given."""
        chosen = self._quantizer(path, "output")
        given = isinstance(self._of(path, "output"), Quantizer)
        return chosen if given else Probabilities(chosen.wordlength)

    def require_all_used(self) -> None:
        """Raises ConvertError for a pattern or a key that changed nothing."""
        for pattern, key in sorted(self.unused):
            raise ConvertError(
                f"overrides[{pattern!r}] sets {key}, which no layer of that name has: see the"
                " names that print(converted) shows"
            )

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
            if key in given and fnmatchcase(path, pattern):
                chosen = given[key]
                self.unused.discard((pattern, key))
        return chosen
