"""What people are shown of a training: a line for each epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from qfx.report.tables import table

if TYPE_CHECKING:
    from qfx.training import History


def show_history(history: History, console: Console | None = None) -> None:
    """Show the epochs, and which of them the model has now."""
    console = console or Console()
    rows = history.rows()
    headings = [key.replace("_", " ") for key in rows[0]] if rows else ["epoch"]
    shown = table(*headings, text=2)
    for index, row in enumerate(rows):
        style = "bold" if index == history.best else None
        shown.add_row(*map(_cell, row.values()), style=style)
    console.print(shown)
    console.print(_sentence(history), highlight=False, markup=False, soft_wrap=True)


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)


def _sentence(history: History) -> str:
    ended = "; Ctrl-C ended the training" if history.interrupted else ""
    if history.best is None:
        return f"best: none, no quantized epoch has ended{ended}"
    best = history.epochs[history.best]
    by = f", by the validation data's {history.selected_by}" if history.selected_by else ""
    return f"best: epoch {best.number} of {len(history.epochs)}{by}, which the model has{ended}"
