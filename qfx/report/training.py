"""Accuracy and binary points over a training, as the report keeps and shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationError, model_validator
from typing_extensions import Self

from qfx.disk import Damaged, fault, json_text
from qfx.disk.record import Record
from qfx.errors import path_of
from qfx.project.folder import ProjectError

Number = Annotated[int, Field(ge=0, le=1 << 31)]
Share = Annotated[float, Field(ge=0, le=1)]
Bits = Annotated[int, Field(ge=-1000, le=1000)]

if TYPE_CHECKING:
    from qfx.training import History


class EpochRecord(Record):
    """One epoch: the fields of `qfx.training.Epoch`."""

    number: Number
    phase: Literal["float", "learn", "freeze"]
    loss: float
    accuracy: Share | None
    val_loss: float
    val_accuracy: Share | None
    binary_points: dict[str, Bits]
    val_metric: float | None = None


class TrainingRecord(Record):
    """All epochs: the fields of `qfx.training.History`, and which model file it was saved with."""

    epochs: tuple[EpochRecord, ...]
    best: Number | None
    interrupted: bool
    selected_by: str = ""
    model_sha256: str = ""

    @model_validator(mode="after")
    def _best_is_one(self) -> Self:
        if self.best is not None and self.best >= len(self.epochs):
            raise ValueError(f"epoch {self.best} is the best of {len(self.epochs)}")
        return self


def training_record(history: History | str | Path | None) -> TrainingRecord | None:
    """Return what the report keeps of a training.

    Args:
        history: as `qfx.train` returned it, or a file of it that `qfx.save` wrote; None for none.

    Raises:
        ProjectError: no such file, or no history.
    """
    if history is None:
        return None
    try:
        if isinstance(history, (str, Path)):
            return TrainingRecord.model_validate_json(_read(path_of("history", history)))
        if hasattr(history, "to_dict"):
            return TrainingRecord.model_validate_json(json.dumps(history.to_dict()))
        return TrainingRecord.model_validate(history)
    except ValidationError as error:
        raise ProjectError(
            f"history holds no training ({fault(error, type(history).__name__)}): give what"
            " qfx.train returned, or"
            " the .history.json that qfx.save(model, path, history=...) wrote"
        ) from error


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        json_text.read(data, finite=False)  # a training may have diverged
        return data
    except OSError as error:
        raise ProjectError(f"{path}: {error.strerror}: give the file of a history") from error
    except Damaged as error:
        raise ProjectError(f"{path} is not JSON ({error}): save the history again") from error
