"""How the command line tells what came out: tables, one sentence (--quiet), or JSON (--json)."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Plain:
    """What is JSON already."""

    content: Any


@contextmanager
def told_warnings() -> Iterator[None]:
    """Inside, what QFX warns of is one sentence on stderr; others' warnings stay as they are."""
    with warnings.catch_warnings():
        others = warnings.showwarning

        def show(message: Any, category: type[Warning], *place: Any, **more: Any) -> None:
            if category.__module__.startswith("qfx."):
                typer.echo(f"qfx: warning: {message}", err=True)
            else:
                others(message, category, *place, **more)

        warnings.showwarning = show
        yield


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
