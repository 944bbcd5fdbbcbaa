"""Tcl scripts for Vivado, run by tclsh with commands that only write down how they were called."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from qfx import tools
from qfx.errors import QfxError

RECORDER = Path(__file__).with_name("recorder.tcl")


class TclError(QfxError):
    """A call that the command does not take, or that does not fit what was called before."""


@dataclass(frozen=True)
class Call:
    """A call of a Vivado command.

    Args:
        script, line: where it stands.
        command: its name.
        arguments: as it gets them.
    """

    script: str
    line: int
    command: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """What a script called, in order, and the error it ended with, empty if it came to its end."""

    calls: tuple[Call, ...]
    error: str


def run(script: Path) -> Run:
    """Run a script; it finds Vivado's commands, and the files that they would have written, empty.

    Raises:
        ToolMissing: tclsh.
        TclError: the script is missing.
    """
    if not script.is_file():
        raise TclError(f"{script.parent.name}/{script.name} is missing: export again")
    with tempfile.NamedTemporaryFile("r") as record:
        try:
            tools.run("tclsh", str(RECORDER), str(script), record.name, cwd=str(script.parent))
            error = ""
        except tools.ToolFailed as failed:
            error = _cause(str(failed))
        return Run(tuple(_call(script.name, line) for line in record), error)


def _cause(said: str) -> str:
    """The error itself, of a tail that ends with where it stands."""
    lines = [line.strip() for line in said.splitlines()[1:] if not line.startswith("QFX: ")]
    place = re.search(r"\(file \"\S+\" line (\d+)\)\s+invoked from within\s+\"source", said)
    return f"{lines[0] if lines else said}{f' (line {place[1]})' if place else ''}"


def _call(script: str, line: str) -> Call:
    words = [bytes.fromhex(word).decode() for word in line.rstrip("\n").split(",")]
    return Call(script, int(words[0]), words[1], tuple(words[2:]))


_WORD = re.compile(r'\s*(?:(\{)|"((?:[^"\\]|\\.)*)"|((?:[^\s\\]|\\.)+))')


def words(text: str) -> list[str]:
    """Return the elements of a Tcl list.

    Raises:
        TclError: a brace is not closed.
    """
    found, at = list[str](), 0
    while match := _WORD.match(text, at):
        if match[1]:
            end = _closing(text, match.start(1))
            found.append(text[match.start(1) + 1 : end])
            at = end + 1
            continue
        found.append(re.sub(r"\\(.)", r"\1", match[2] if match[2] is not None else match[3]))
        at = match.end()
    return found


def _closing(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if not depth:
            return at
    raise TclError(f"{text[:60]!r} is no list: a brace is not closed")


@dataclass(frozen=True)
class Signature:
    """What a command takes.

    Args:
        least, most: arguments that are no options.
        flags: options without a value.
        values: options with one.
        required: options that must be there.
    """

    least: int = 0
    most: int = 0
    flags: Collection[str] = ()
    values: Collection[str] = ()
    required: Collection[str] = ()


@dataclass(frozen=True)
class Given:
    """A call's arguments, told apart."""

    plain: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)


def read(call: Call, signature: Signature) -> Given:
    """Tell options from arguments.

    Raises:
        TclError: the command has no such option, or takes more arguments or fewer.
    """
    plain, options = list[str](), dict[str, str]()
    rest = list(call.arguments)
    while rest:
        word = rest.pop(0)
        if word in signature.flags:
            options[word] = ""
        elif word in signature.values:
            if not rest:
                raise TclError(f"{word} has no value")
            options[word] = rest.pop(0)
        elif re.fullmatch(r"-[a-z]\w*", word):
            raise TclError(f"it has no option {word}")
        else:
            plain.append(word)
    missing = [name for name in signature.required if name not in options]
    if missing:
        raise TclError(f"{missing[0]} is missing")
    if not signature.least <= len(plain) <= signature.most:
        raise TclError(f"it takes {signature.least} to {signature.most} names, not {len(plain)}")
    return Given(tuple(plain), options)
