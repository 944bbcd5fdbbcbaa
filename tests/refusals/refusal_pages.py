"""The pages of docs/refusals: what each call refuses, and the sentence it says."""

from refusal import PAGES, Refusal, pages
from world import FILES, NAMES

from markdown_tables import MADE, cell, table


def refusal_pages() -> dict[str, str]:
    """The text of each page by its name, first the one that leads to the others."""
    return {"refusals.md": _index()} | {
        f"refusals/{page}.md": _page(title, pages()[page]) for page, title in PAGES.items()
    }


def _index() -> str:
    rows = [
        [f"[{title}](refusals/{page}.md)", "; ".join(topics), str(sum(map(len, topics.values())))]
        for page, title in PAGES.items()
        for topics in [pages()[page]]
    ]
    named = table(("name", "what it is"), [[f"`{name}`", NAMES[name]] for name in NAMES])
    files = table(("file", "what it is"), [[f"`{name}`", FILES[name]] for name in FILES])
    return f"""\
# Refusals

What each call refuses, and the sentence it says. {MADE}

{table(("page", "what is refused there", "rows"), rows)}
Every row is a test in `tests/refusals`: the call is made as it stands, the whole sentence compared,
and no file may have changed. … stands for another program's words or a number that depends on the
machine. Errors that qfx defines are kinds of `QfxError`, which is a `ValueError`; on the command
line the sentence stands on stderr, after `qfx: `.

## What the calls find

{named}
{files}"""


def _page(title: str, topics: dict[str, tuple[Refusal, ...]]) -> str:
    sections = [f"## {topic}\n\n{chr(10).join(map(_row, rows))}" for topic, rows in topics.items()]
    return f"""\
# Refusals: {title[0].lower()}{title[1:]}

{MADE}
Each entry is what is given, the call, and what it says. What the names in the calls are, and what
else is refused, is in [Refusals](../refusals.md).

{chr(10).join(sections)}"""


def _row(row: Refusal) -> str:
    kind = f"`{row.error.__name__}`: " if row.error else ""
    return f"- **{cell(row.given)}** `{row.call}`\n\n    {kind}{cell(row.says)}\n"
