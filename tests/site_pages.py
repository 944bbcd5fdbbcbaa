"""Pages of the documentation that the code itself can tell: what is exported, typed, decided."""

import re
from pathlib import Path

import typer
from typer.cli import get_docs_for_click

from qfx import cli, nn

DOCS = Path(__file__).parent.parent / "docs"


def layers_api_page() -> str:
    entries = "\n".join(f"::: qfx.nn.{name}" for name in nn.__all__)
    return f"""\
# Layers

What `qfx.nn` has; which of them are proven where is the table of [Layers](../layers.md). Made by
`make tables`.

{entries}
"""


def command_line_page() -> str:
    command = typer.main.get_command(cli.app)
    text = get_docs_for_click(obj=command, ctx=typer.Context(command, info_name="qfx"), name="qfx")
    text = re.sub("^# `qfx`\n+", "", text).replace("{", "").replace("}", "")
    return f"# The command line\n\n{text.strip()}\n\nMade by `make tables`.\n"


def decisions_page() -> str:
    titles = [
        (path, path.read_text().splitlines()[0].removeprefix("# "))
        for path in sorted((DOCS / "adr").glob("*.md"))
    ]
    rows = "\n".join(f"- [{title}](adr/{path.name})" for path, title in titles)
    return f"""\
# Decisions

Why things are as they are, half a page each. Made by `make tables`.

{rows}
"""
