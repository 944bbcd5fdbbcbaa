"""How the command line tells what came out: tables, one sentence (--quiet), or JSON (--json)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Plain:
    """What is JSON already."""

    content: Any


FLAGS = ("--debug", "--quiet", "--json")  # of every command, before its name or behind it


@dataclass(frozen=True)
class Output:
    """What is asked for.

    Args:
        quiet: the last sentence alone.
        as_json: one JSON document alone.
    """

    quiet: bool = False
    as_json: bool = False

    @property
    def console(self) -> Console:
        """Where tables and progress go: nowhere, where they are not asked for."""
        from rich.console import Console  # whose import costs more than --help

        return Console(quiet=self.quiet or self.as_json)

    def tell(self, thing: Any, sentence: str = "") -> None:
        """What came out, where its tables are not asked for.

        Args:
            thing: for a program; see `qfx.report.as_json`.
            sentence: for someone who wants no more than one.
        """
        if self.as_json:
            from qfx.report.as_json import as_json

            content = thing.content if isinstance(thing, Plain) else as_json(thing)
            typer.echo(json.dumps(content, indent=1))
        elif self.quiet and sentence:
            typer.echo(sentence)

    @classmethod
    def of(cls, context: typer.Context) -> Output:
        """That of a command's own context."""
        return context.obj if isinstance(context.obj, cls) else cls()


def hoisted(arguments: list[str]) -> list[str]:
    """The flags of every command moved before the command's name; what follows `--` stays."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    own, rest = arguments[:end], arguments[end:]
    flags = [flag for flag in FLAGS if flag in own]
    return [*flags, *(argument for argument in own if argument not in FLAGS), *rest]
