"""How long jobs show themselves: a live line on a terminal, a plain one now and then elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from typing_extensions import Self

ENDED = ": done"  # the end of a step that says that something long is
Steps = Callable[[str, int, int], None]  # what begins, and so many stages are done of all


class LiveLine:
    """A context manager around one line that follows a job.

    Args:
        description: what stands first on it.
        total: of what is counted; None where nothing is, so far.
        enabled: False says nothing at all.
        console: where to; None is standard output.
        columns: what it shows; None is a bar, the field "figures" and the time that is left.
        kept: whether it stays when the job has ended.
    """

    def __init__(
        self,
        description: str,
        total: float | None = None,
        *,
        enabled: bool = True,
        console: Console | None = None,
        columns: tuple[ProgressColumn, ...] | None = None,
        kept: bool = False,
    ) -> None:
        self.console, self.enabled = console or Console(), enabled
        self.live = enabled and self.console.is_terminal
        usual = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
        )
        self.bar = Progress(
            *(columns or usual),
            console=self.console,
            transient=not kept,
            disable=not self.live,
        )
        self.task = self.bar.add_task(description, total=total, figures="")

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.stop()

    def update(self, **fields: Any) -> None:
        """Change what the line shows, as `rich.progress.Progress.update` does."""
        self.bar.update(self.task, **fields)

    def print(self, line: str) -> None:
        """Say it where there is no live line."""
        if self.enabled and not self.live:
            self.console.print(line, highlight=False, markup=False)


@contextmanager
def steps(title: str, console: Console, counted: str = "", shown: bool = True) -> Iterator[Steps]:
    """A line that says which step a tool has begun, and what to tell it; where there is no
    terminal, a line for each step that says that it has ended.

    Args:
        title: the tool's.
        console: where to.
        counted: what is counted in a bar, in the plural; empty where nothing is.
        shown: False says nothing at all.
    """
    bar = (BarColumn(bar_width=20), MofNCompleteColumn(), TextColumn(f"{counted},"))
    columns = (
        TextColumn(f"{title}:"),
        *(bar if counted else ()),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with LiveLine("starting", enabled=shown, console=console, columns=columns) as line:

        def tell(step: str, done: int, of: int) -> None:
            line.update(description=step, completed=done, total=of or None)
            if step.endswith(ENDED):
                line.print(f"{title}: {step}, {done} of {of} {counted}")

        yield tell
