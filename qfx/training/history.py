"""What happened during training, epoch by epoch, and its picture."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from qfx.disk import whole
from qfx.errors import ArgumentError
from qfx.shown import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Epoch:
    """One line of the history; accuracies are shares, None for regression."""

    number: int
    phase: str  # "float", "learn" or "freeze"
    loss: float
    accuracy: float | None
    val_loss: float
    val_accuracy: float | None
    binary_points: dict[str, int]  # fraction bits by quantizer
    val_metric: float | None = None  # what a callable metric gave; None without one


@dataclass
class History(Shown):
    """All epochs; `best` is the one whose weights the model now has.

    Args:
        epochs: in order.
        best: index into `epochs`; None before any quantized epoch ended.
        interrupted: whether Ctrl-C ended the training.
        selected_by: what chose the best: "accuracy" or "loss" of the validation data, or the name
            of the callable metric; empty in histories that do not say.
    """

    shown_by = "qfx.report.history:show_history"

    epochs: list[Epoch] = field(default_factory=list)
    best: int | None = None
    interrupted: bool = False
    selected_by: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold of it: the fields of History, an Epoch as a dict of its
        fields.
        """
        return asdict(self)

    @classmethod
    def load(cls, path: str | Path) -> History:
        """Return the history that `qfx.save(model, path, history=...)` wrote beside a model.

        Args:
            path: of the .history.json.

        Raises:
            ArgumentError: no such file, or no history in it.
        """
        try:
            content = json.loads(Path(path).read_bytes())
        except OSError as error:
            raise ArgumentError(f"{path}: {error.strerror}: give the file of a history") from error
        except ValueError as error:
            raise ArgumentError(f"{path} is not JSON ({error}): save the history again") from error
        known = {each.name for each in fields(cls)}
        kept = {k: v for k, v in content.items() if k in known} if isinstance(content, dict) else {}
        try:
            loaded: History = TypeAdapter(cls).validate_python(kept)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise ArgumentError(
                f"{path} holds no training ({where}: {first['msg']}): save the history again"
            ) from error
        if not kept:
            raise ArgumentError(f"{path} holds no training: give the .history.json beside a model")
        return loaded

    def rows(self) -> list[dict[str, Any]]:
        """Return a table, `pandas.DataFrame(history.rows())` for one: each epoch's number, phase,
        losses and accuracies, and what a metric of one's own gave; the binary points are in
        `epochs`.
        """
        has_metric = any(epoch.val_metric is not None for epoch in self.epochs)
        return [
            {
                "epoch": epoch.number,
                "phase": epoch.phase,
                "loss": epoch.loss,
                "accuracy": epoch.accuracy,
                "val_loss": epoch.val_loss,
                "val_accuracy": epoch.val_accuracy,
                **({"val_metric": epoch.val_metric} if has_metric else {}),
            }
            for epoch in self.epochs
        ]

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw loss, accuracy and binary points over the epochs; a notebook shows the figure.

        Args:
            path: where to save the figure; the suffix chooses the format.
        """
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        class Picture(Figure):  # without pyplot, which alone tells IPython how to show a figure
            def _repr_png_(self) -> bytes:
                picture = io.BytesIO()
                self.savefig(picture, format="png", dpi=100)
                return picture.getvalue()

        has_accuracy = any(epoch.accuracy is not None for epoch in self.epochs)
        figure = Picture(figsize=(8, 8 if has_accuracy else 6), layout="constrained")
        FigureCanvasAgg(figure)
        axes = list(figure.subplots(3 if has_accuracy else 2, 1, sharex=True))
        numbers = [epoch.number for epoch in self.epochs]
        axes[0].plot(numbers, [e.loss for e in self.epochs], color="#0072b2", label="training")
        axes[0].plot(
            numbers,
            [e.val_loss for e in self.epochs],
            color="#d55e00",
            label="validation",
            linestyle="--",
        )
        axes[0].set_ylabel("loss")
        if has_accuracy:
            training = [100 * (e.accuracy or 0.0) for e in self.epochs]
            axes[1].plot(numbers, training, color="#0072b2", label="training")
            validation = [100 * (e.val_accuracy or 0.0) for e in self.epochs]
            axes[1].plot(numbers, validation, color="#d55e00", label="validation", linestyle="--")
            axes[1].set_ylabel("accuracy (%)")
        for name in self.epochs[-1].binary_points if self.epochs else ():
            points = [(e.number, e.binary_points[name]) for e in self.epochs if e.phase != "float"]
            axes[-1].step(*zip(*points, strict=True), where="mid", label=name) if points else None
        axes[-1].set_ylabel("fraction bits")
        axes[-1].set_xlabel("epoch")
        for axis in axes:
            for before, after in zip(self.epochs, self.epochs[1:], strict=False):
                if before.phase != after.phase:
                    axis.axvline(after.number - 0.5, color="0.6", linewidth=0.8)
            if self.best is not None:
                axis.axvline(
                    self.epochs[self.best].number,
                    color="#009e73",
                    linewidth=1.2,
                    label=_best(self.selected_by) if axis is axes[0] else None,
                )
            axis.grid(alpha=0.25)
        axes[0].legend(loc="upper right", fontsize="small")
        axes[-1].legend(
            loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize="x-small", frameon=False
        )
        axes[0].set_title(" | ".join(_phases(self.epochs)), fontsize="small")
        if path is not None:
            file, picture = Path(path), io.BytesIO()
            figure.savefig(picture, format=file.suffix[1:] or "png", dpi=120)
            whole.write(file if file.suffix else file.with_suffix(".png"), picture.getvalue())
        return figure


def _best(selected_by: str) -> str:
    return f"best by {selected_by}" if selected_by else "best"


def _phases(epochs: list[Epoch]) -> list[str]:
    names = list(dict.fromkeys(epoch.phase for epoch in epochs))
    spans = {name: [e.number for e in epochs if e.phase == name] for name in names}
    return [f"{name}: epochs {numbers[0]} to {numbers[-1]}" for name, numbers in spans.items()]
