"""Tables in Markdown, of what is no Markdown."""

from collections.abc import Iterable, Sequence

MADE = "Made by `make tables`: change the code or the cases, not this page."


def cell(text: str) -> str:
    """Plain text for a cell: what Markdown would read as its own is escaped, code is left."""
    parts = text.split("`")
    for index in range(0, len(parts), 2):  # every other part stands between backquotes
        for mark in "\\<>*|":
            parts[index] = parts[index].replace(mark, "\\" + mark)
    return "`".join(parts).replace("\n", " ")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, ending in a newline."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
