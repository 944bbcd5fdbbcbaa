"""Damages files: each is a function of a generator and of the file's bytes, and gives other bytes.

Nothing here is meant for the libraries below: what they do not take well must never reach them.
"""

import json
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

Damage = Callable[[random.Random, bytes], bytes]

STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 3.5, -0.0, 1e308, float("nan"), float("inf"), 2**31, 2**63,
    -(2**63), 10**30, 10**60, "", "x", "../../etc/passwd", "a b", "é", "module", "*/ x", "0", "1e9",
    "\u202e", "\x00", "\ud800", "y" * 5000, [], [[]], {}, {"a": 1}, [1, 2], [0, 0], [10**9, 10**9],
    ["x"], {"constant": "c0"}, {"layer": "Linear"},
)  # fmt: skip


def truncate(generator: random.Random, data: bytes) -> bytes:
    return data[: generator.randrange(len(data) or 1)]


def flip(generator: random.Random, data: bytes) -> bytes:
    flipped = bytearray(data)
    for _ in range(generator.choice((1, 1, 1, 2, 4, 16))):
        flipped[generator.randrange(len(flipped))] ^= 1 << generator.randrange(8)
    return bytes(flipped)


def splice(generator: random.Random, data: bytes) -> bytes:
    """A piece of the file stands elsewhere in it, instead of or beside what was there."""
    start, length = generator.randrange(len(data)), generator.randrange(1, 200)
    at, taken = generator.randrange(len(data)), generator.choice((0, length))
    return data[:at] + data[start : start + length] + data[at + taken :]


def erase(generator: random.Random, data: bytes) -> bytes:
    start, length = generator.randrange(len(data)), generator.randrange(1, 64)
    piece = data[start : start + length]
    return data[:start] + bytes(len(piece)) * generator.randrange(2) + data[start + length :]


def surround(generator: random.Random, data: bytes) -> bytes:
    more = generator.randbytes(generator.randrange(1, 300))
    return generator.choice((more + data, data + more, data + data, b"", more))


BYTES: tuple[Damage, ...] = (truncate, flip, flip, splice, erase, surround)


def change(generator: random.Random, tree: Any) -> Any:
    """The tree with one value of it, anywhere, changed."""
    places = list(_places(tree))
    if not places:
        return generator.choice(STRANGE)
    for _ in range(generator.choice((1, 1, 1, 2, 3))):
        holder, key = generator.choice(places)
        _change(generator, holder, key)
    return tree


def _places(tree: Any) -> Any:
    if isinstance(tree, dict):
        for key in tree:
            yield tree, key
            yield from _places(tree[key])
    elif isinstance(tree, list):
        for key, value in enumerate(tree):
            yield tree, key
            yield from _places(value)


def _change(generator: random.Random, holder: Any, key: Any) -> None:
    if isinstance(holder, list):
        if not -len(holder) <= key < len(holder):
            return
        how = generator.choice(("value", "value", "nudge", "delete", "repeat", "swap"))
    else:
        if key not in holder:
            return
        how = generator.choice(("value", "value", "nudge", "delete", "rename", "add"))
    value = holder[key]
    match how:
        case "nudge" if isinstance(value, (int, float)) and not isinstance(value, bool):
            holder[key] = generator.choice((value + 1, value - 1, -value, value * 2, value * 1000))
        case "delete":
            del holder[key]
        case "repeat":
            holder.insert(key, value)
        case "swap":
            other = generator.randrange(len(holder))
            holder[key], holder[other] = holder[other], holder[key]
        case "rename":
            holder[generator.choice(("x", f"{key}_", "name", "é"))] = holder.pop(key)
        case "add":
            holder[generator.choice(("x", "name", "layer", "extra"))] = generator.choice(STRANGE)
        case _:
            holder[key] = generator.choice(STRANGE)


def changed_json(generator: random.Random, data: bytes) -> bytes:
    """Other values in the same JSON; now and then a text that no writer makes."""
    text = json.dumps(change(generator, json.loads(data)), indent=1)
    match generator.randrange(12):
        case 0:  # a key twice
            at = text.find('": ', generator.randrange(len(text)))
            start = text.rfind('"', 0, at)
            if 0 <= start < at and text[max(0, start - 2) : start].strip() in ("", "{", ","):
                text = f'{text[:start]}{text[start:at]}": 0, {text[start:]}'
        case 1:
            deep = generator.choice((70, 900, 20_000))
            text = text.replace("[", "[" * deep, 1)
        case 2:
            text = text.replace(": 1", ": 1" + "0" * generator.choice((40, 5000)), 1)
        case 3:
            return text.encode(
                generator.choice(("utf-16", "utf-32", "latin-1", "utf-8-sig")), "replace"
            )
        case 4:
            text = "[" + "[]," * generator.choice((1000, 400_000)) + "[]]"
    return text.encode("utf-8", "surrogatepass")


YAML_LINES = (
    "x: &a [1, 2]\ny: *a", "<<: {x: 1}", "x: 2024-13-45", "x: 2024-01-01", "x: !!binary aGk=",
    "x: !!python/object/apply:os.getcwd []", "x: !!timestamp x", "x: !!int ''", "x: !!bool x",
    "x: 1:30", "x: 0x_", "x: .nan", "x: .inf", "\tx: 1", "x: [", "x: {a: 1", "? [1, 2]\n: 3",
    "x: 0b2", "x: 1" + "0" * 5000, "x: '", "---\ny: 1", "%YAML 9.9", "x: " + "[" * 400, "@", "x: |",
    "x: !!set {a, b}", "x: !!omap [a: 1]", "&a x: *a", "- 1", "1: {pe: 1}", "x: y: z", "\x07",
    "null: {pe: 1}", "x: {<<: 1}", "x: &x [*x]", "x: !!float z",
)  # fmt: skip


def changed_yaml(generator: random.Random, data: bytes) -> bytes:
    """Another value, or a line that belongs to no such file."""
    import yaml

    match generator.randrange(4):
        case 0 | 1:
            tree = change(generator, yaml.safe_load(data))
            return yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "surrogatepass")
        case 2:
            lines = data.decode().splitlines()
            lines.insert(generator.randrange(len(lines) + 1), generator.choice(YAML_LINES))
            return "\n".join(lines).encode()
        case _:
            names = "abcdefgh"
            bomb = ["a: &a [x, x, x, x, x, x, x, x]"]
            bomb += [f"{b}: &{b} [{', '.join([f'*{a}'] * 8)}]" for a, b in pairwise(names)]
            many = "\n".join(f"k{n}: {{pe: {n}}}" for n in range(30_000)).encode()
            return generator.choice(("\n".join(bomb).encode(), many, data + data, b"x" * 200_000))
