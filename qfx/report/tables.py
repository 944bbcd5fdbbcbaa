"""How every command shows its tables and its verdict."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table


def table(*headings: str, text: int) -> Table:
    """Return plain columns that fit 80 characters; all after the first `text` ones hold figures."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column, heading in enumerate(headings):
        made.add_column(
            heading,
            justify="left" if column < text else "right",
            overflow="fold",
            no_wrap=column > 0,  # a long name is folded, a figure never
        )
    return made


def verdict(console: Console, sentence: str, good: bool) -> None:
    """Return the last line, green or red."""
    console.print(
        sentence,
        style="bold green" if good else "bold red",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
