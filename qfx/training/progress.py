"""How training shows itself: a live bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from typing_extensions import Self

from qfx.training.data import Data
from qfx.training.history import Epoch


def counting(batches: Data, shown: bool) -> int:
    """How many batches one pass gives; says so where they have to be gone through for it.

    Raises:
        TrainingError: none.
    """
    if batches.count is not None or not shown:
        return batches.counted()
    with Console().status(f"counting the batches of {batches.what}, which has no length"):
        return batches.counted()


class TrainingProgress:
    """A context manager to tell of every batch and every epoch.

    Args:
        epochs: how many are planned.
        batches: how many each has.
        enabled: False says nothing at all.
    """

    def __init__(self, epochs: int, batches: int, enabled: bool) -> None:
        self.console, self.enabled, self.epochs = Console(), enabled, epochs
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=self.console,
            disable=not (enabled and self.console.is_terminal),
        )
        self.task = self.bar.add_task("calibrate", total=epochs * batches, figures="")

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

    def batch(self, phase: str) -> None:
        """One more batch is done."""
        self.bar.update(self.task, advance=1, description=f"{phase:<9}")

    def epoch(self, epoch: Epoch) -> None:
        """An epoch is done: show its figures."""
        losses = f"loss {epoch.loss:.4f}  val {epoch.val_loss:.4f}"
        figures = f"epoch {epoch.number:>3}/{self.epochs}  {losses}"
        if epoch.val_metric is not None:
            figures += f"  metric {epoch.val_metric:.4g}"
        if epoch.val_accuracy is not None:
            figures += f"  accuracy {100 * epoch.val_accuracy:.2f} %"
        self.bar.update(self.task, figures=figures)
        every = max(1, self.epochs // 8)
        if (
            self.enabled
            and not self.console.is_terminal
            and (epoch.number % every == 0 or epoch.number == self.epochs)
        ):
            self.console.print(f"{epoch.phase:<7} {figures}", highlight=False)
