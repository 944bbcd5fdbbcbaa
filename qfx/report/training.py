"""Accuracy and binary points over a training, as the report keeps and shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from qfx.backends.project import ProjectError

if TYPE_CHECKING:
    from qfx.training import History


class EpochRecord(BaseModel):
    """One epoch: the fields of `qfx.training.Epoch`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    number: int
    phase: Literal["float", "learn", "freeze"]
    loss: float
    accuracy: float | None
    val_loss: float
    val_accuracy: float | None
    binary_points: dict[str, int]
    val_metric: float | None = None


class TrainingRecord(BaseModel):
    """All epochs: the fields of `qfx.training.History`, and which model file it was saved with."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    epochs: tuple[EpochRecord, ...]
    best: int | None
    interrupted: bool
    selected_by: str = ""
    model_sha256: str = ""


def training_record(history: History | str | Path | None) -> TrainingRecord | None:
    """What the report keeps of a training.

    Args:
        history: as `qfx.train` returned it, or a file of it that `qfx.save` wrote; None for none.

    Raises:
        ProjectError: no such file, or no history.
    """
    if history is None:
        return None
    content: Any = history
    if isinstance(history, (str, Path)):
        content = _read(Path(history))
    elif hasattr(history, "to_dict"):
        content = history.to_dict()
    try:
        return TrainingRecord.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or type(history).__name__
        raise ProjectError(
            f"history holds no training ({field}: {first['msg']}): give what qfx.train returned, or"
            " the .history.json that qfx.save(model, path, history=...) wrote"
        ) from error


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except OSError as error:
        raise ProjectError(f"{path}: {error.strerror}: give the file of a history") from error
    except ValueError as error:
        raise ProjectError(f"{path} is not JSON ({error}): save the history again") from error
