"""How training shows itself: a live bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from rich.console import Console

from qfx.progress import LiveLine
from qfx.training.data import Data
from qfx.training.history import Epoch


def counting(batches: Data, shown: bool) -> int:
    """Count the batches that one pass gives; say so where they have to be gone through for it.

    Raises:
        TrainingError: none.
    """
    if batches.count is not None or not shown:
        return batches.counted()
    with Console().status(f"counting the batches of {batches.what}, which has no length"):
        return batches.counted()


class TrainingProgress(LiveLine):
    """A context manager to tell of every batch and every epoch.

    Args:
        epochs: how many are planned.
        batches: how many each has.
        enabled: False says nothing at all.
    """

    def __init__(self, epochs: int, batches: int, enabled: bool) -> None:
        super().__init__("calibrate", epochs * batches, enabled=enabled, kept=True)
        self.epochs = epochs

    def batch(self, phase: str) -> None:
        """Note that one more batch is done."""
        self.update(advance=1, description=f"{phase:<9}")

    def epoch(self, epoch: Epoch) -> None:
        """Note that an epoch is done: show its figures."""
        losses = f"loss {epoch.loss:.4f}  val {epoch.val_loss:.4f}"
        figures = f"epoch {epoch.number:>3}/{self.epochs}  {losses}"
        if epoch.val_metric is not None:
            figures += f"  metric {epoch.val_metric:.4g}"
        if epoch.val_accuracy is not None:
            figures += f"  accuracy {100 * epoch.val_accuracy:.2f} %"
        self.update(figures=figures)
        every = max(1, self.epochs // 8)
        if epoch.number % every == 0 or epoch.number == self.epochs:
            self.print(f"{epoch.phase:<7} {figures}")
