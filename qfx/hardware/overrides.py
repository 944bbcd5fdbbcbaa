"""What a user decides of single layers, and leaves the rest to the schedule."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, get_args

from qfx.disk import Damaged, shown, yaml_text
from qfx.errors import path_of
from qfx.hardware.folding import Folding
from qfx.hardware.memory import Style
from qfx.hardware.multipliers import Multiplier
from qfx.hardware.stage import Head, LayoutError

KEYS: dict[str, str] = {
    "pe": "output lanes, a whole number",
    "simd": "input lanes, a whole number",
    "multiplier": ", ".join(get_args(Multiplier)),
    "memory": "of weights, " + ", ".join(get_args(Style)),
    "window": "channels that a line buffer reads a beat, all taps at once, or 0: tap by tap",
}
_LEAST = {"pe": 1, "simd": 1, "window": 0}  # of what is a number
_WORDS = {"multiplier": get_args(Multiplier), "memory": get_args(Style)}
_QUOTES = "'\""
Overrides = Mapping[str, Mapping[str, Any]]  # by pattern of a layer's path, as the shell's
Option = tuple[Folding, int]  # and the cycles it takes


def read_overrides(path: str | Path) -> dict[str, dict[str, Any]]:
    """Return those of a YAML file: patterns of layers' paths, and under each some of KEYS.

        block1.*: {pe: 4, simd: 8}
        classify: {multiplier: lut}

    Raises:
        LayoutError: no such file, or no such mapping.
    """
    try:
        content = yaml_text.read(path_of("overrides", path))
    except (OSError, Damaged) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise LayoutError(f"{path} is no YAML file of foldings that can be read: {said}") from error
    if isinstance(content, dict):  # a layer's number needs no quotes
        content = {str(key) if type(key) is int else key: value for key, value in content.items()}
    require_overrides(content, str(path))
    return dict(content)


def require_overrides(given: Any, where: str = "overrides") -> None:
    """Raise LayoutError for what is not of the form of Overrides."""
    if not isinstance(given, Mapping) or not all(isinstance(v, Mapping) for v in given.values()):
        raise LayoutError(
            f"{where}: foldings are by pattern of a layer's path, as 'block1.*: {{pe: 4, simd: 8}}'"
        )
    for pattern, wishes in given.items():
        if not isinstance(pattern, str):
            raise LayoutError(
                f"{where}: {shown(pattern)} is no pattern of a layer's path: write it in quotes"
            )
        if not wishes:
            known = ", ".join(KEYS)
            raise LayoutError(f"{where}: {shown(pattern)} says nothing: give it some of {known}")
        for key, value in wishes.items():
            whole = type(value) is int and value >= _LEAST.get(key, value + 1)
            if not whole and value not in _WORDS.get(key, ()):
                known = "; ".join(f"{name}: {values}" for name, values in KEYS.items())
                said = f"{shown(key).strip(_QUOTES)}={shown(value)}"
                raise LayoutError(f"{where}: {shown(pattern)} says {said}; known are {known}")


def options(heads: list[Head], overrides: Overrides) -> list[list[Option]]:
    """Return the foldings of each head that are left to choose from.

    Args:
        heads: of a plan.
        overrides: of several patterns that match a layer, the last counts for each key.

    Raises:
        LayoutError: a pattern or a key that changes nothing, or what no folding of a layer has.
    """
    require_overrides(overrides)
    unused = {(pattern, key) for pattern, wishes in overrides.items() for key in wishes}
    left = [_options(head, overrides, unused) for head in heads]
    for pattern, key in sorted(unused):
        folded = ", ".join(dict.fromkeys(head.node.source for head in heads))
        raise LayoutError(
            f"overrides: {pattern!r} sets {key}, which no layer of that name has; the layers that"
            f" are folded are {folded}"
        )
    return left


def _options(head: Head, overrides: Overrides, unused: set[tuple[str, str]]) -> list[Option]:
    """Say what is left of a head's foldings; what was used is taken out of `unused`."""
    left, source, wishes = list(head.foldings()), head.node.source, dict[str, Any]()
    for pattern, given in overrides.items():
        for key, value in given.items() if fnmatchcase(source, pattern) else ():
            if any(_value(head, folding, key) for folding, _ in left):
                wishes[key] = value
                unused.discard((pattern, key))
    for key, value in wishes.items():
        known = dict.fromkeys(_value(head, folding, key) for folding, _ in left)
        left = [option for option in left if _value(head, option[0], key) == value]
        if not left:
            raise LayoutError(
                f"layer {source}: {key}={value} is not among what it can have:"
                f" {', '.join(map(str, known))}"
            )
    return _worthwhile(left)


def _worthwhile(left: list[Option]) -> list[Option]:
    """Leave out what reads more channels a beat than a folding, else the same, that is as fast."""
    best = dict[tuple[Folding, bool], Option]()
    for folding, cycles in left:
        key = folding._replace(window=None), folding.window is None
        if key not in best or (cycles, folding.reads) < (best[key][1], best[key][0].reads):
            best[key] = folding, cycles
    return list(best.values())


def _value(head: Head, folding: Folding, key: str) -> Any:
    """Return the value of a key in a folding; None, or 0 in all of them, for what the head has
    not.
    """
    if key == "memory":
        return head.memory(folding)
    if key == "window":
        return folding.window or 0
    return getattr(folding, key)
