"""YAML that a person wrote: plain values only, of a bounded size, each key once, no aliases."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import yaml

from qfx.disk.damaged import Damaged, shown

MOST_BYTES = 64 << 10  # a board takes 3 KB, foldings of a thousand layers 40
_DEEPEST = 16
_DIGITS = 40
_QUOTES = "'\""
_TAG = "tag:yaml.org,2002:"
_PLAIN = {_TAG + kind for kind in ("null", "bool", "int", "float", "str", "map", "seq")}


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # yaml has no types
    """SafeLoader that makes nothing but what JSON has too."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise Damaged(
                f"an alias, *{shown(self.peek_event().anchor)[1:-1]}: write out what it stands for"
            )
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Damaged(f"nested more than {_DEEPEST} levels deep")
        node = super().compose_node(parent, index)
        self.depth -= 1
        if node.tag not in _PLAIN:
            kind = node.tag.removeprefix(_TAG)
            raise Damaged(f"a value of kind {shown(kind)}: write it in quotes, as a text")
        if node.tag.endswith(":int") and len(node.value) > _DIGITS:
            raise Damaged(f"an integer of {len(node.value):,} digits")
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        if len(found) != len(node.value):
            keys = [key.value for key, _ in node.value]
            twice = next((key for key in keys if keys.count(key) > 1), keys[0])
            raise Damaged(f"the key {shown(twice)} twice")
        return found


def read(path: Path) -> Any:
    """Return what a YAML file holds: None, numbers, texts, lists and mappings.

    Raises:
        Damaged: it is none, or holds what is not read.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Damaged(f"more than {MOST_BYTES:,} bytes")
    try:
        content = yaml.load(data.decode("utf-8"), _Loader)
    except Damaged:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise Damaged(f"{shown(error.problem or error.context).strip(_QUOTES)}{line}") from error
    except Exception as error:  # yaml raises all kinds of what a wrong number or date begins
        said = " ".join(str(error).split()) or type(error).__name__
        raise Damaged(shown(said).strip(_QUOTES)) from error
    _require_finite(content)
    return content


def _require_finite(value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise Damaged(f"the number {value}")
    for entry in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        _require_finite(entry)
