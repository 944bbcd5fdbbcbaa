"""What people are shown of a thing: printed as on the command line, and the same in notebooks."""

from __future__ import annotations

import importlib
import io
import shutil
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH = 100  # of what is shown where there is no terminal
_HTML = '<pre style="line-height:1.25;font-family:monospace;overflow-x:auto">{code}</pre>'


class Shown:
    """Base of what `print` and a notebook show as the command line does.

    How it looks is `qfx.report`'s business, a room above those that make the things: so it is
    named here, and found when somebody looks (ADR 22).
    """

    shown_by: ClassVar[str]  # "module:function", which takes the thing and a console of rich

    def __str__(self) -> str:
        """As the command line prints it, as wide as the terminal."""
        width = shutil.get_terminal_size((_WIDTH, 24)).columns
        console = _console(io.StringIO(), width)
        self._show(console)
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue().rstrip("\n")

    def _repr_html_(self) -> str:
        """What Jupyter shows."""
        console = _console(io.StringIO(), _WIDTH, record=True)
        self._show(console)
        return console.export_html(inline_styles=True, code_format=_HTML)

    def _show(self, console: Console) -> None:
        module, function = self.shown_by.split(":")
        getattr(importlib.import_module(module), function)(self, console)


def _console(file: io.StringIO, width: int, record: bool = False) -> Console:
    from rich.console import Console

    return Console(file=file, width=width, record=record, force_jupyter=False)
