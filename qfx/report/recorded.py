"""report.json: what export keeps for the page beside the manifest."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from qfx.backends.project import Project, ProjectError
from qfx.boards import Resources
from qfx.hardware import Design
from qfx.report.histograms import HistogramRecord, weight_histograms
from qfx.report.training import TrainingRecord

FILE = "report.json"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StreamRecord(_Strict):
    """A stream between two stages or ports, told by their names.

    Args:
        gives, takes: names; of a port at either end its own.
        carries: lanes and type.
        beats: a frame.
    """

    gives: str
    takes: str
    carries: str
    beats: int


class ReportRecord(_Strict):
    """What the page shows and the manifest does not have.

    Args:
        board_title: for people.
        has: the part's resources.
        budget: what of them a design may take.
        command: makes the design anew from the folder's own model.qfx; empty where the design was
            made by hand.
        streams: of the design.
        histograms: of the samples that the layer table was made from.
        weights: of the weights of each layer that has some.
        training: how the model was trained; None where nobody told.
    """

    board_title: str
    has: Resources
    budget: Resources
    command: str
    streams: tuple[StreamRecord, ...]
    histograms: tuple[HistogramRecord, ...]
    weights: tuple[HistogramRecord, ...]
    training: TrainingRecord | None

    @classmethod
    def read(cls, project: Project) -> ReportRecord:
        """Raises ProjectError where the folder has none, or a damaged one."""
        path = project.path / FILE
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise ProjectError(f"{path}: {error.strerror}: export again") from error
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or "the whole file"
            raise ProjectError(f"{path}: {field}: {first['msg']}; export again") from error

    def write(self, directory: Path) -> None:
        (directory / FILE).write_text(json.dumps(self.model_dump(), indent=1) + "\n")


def report_record(
    design: Design,
    command: str,
    histograms: tuple[HistogramRecord, ...],
    training: TrainingRecord | None,
) -> ReportRecord:
    """What is kept of a design."""
    board = design.board
    return ReportRecord(
        board_title=board.title,
        has=board.resources,
        budget=board.allowance(),
        command=command,
        streams=streams_of(design),
        histograms=histograms,
        weights=weight_histograms(design.graph),
        training=training,
    )


def streams_of(design: Design) -> tuple[StreamRecord, ...]:
    """Every stream, in the order of the stages that read them, those of the outputs last."""
    gives = {port.stream.name: port.stream.name for port in design.inputs}
    gives |= {stream.name: stage.name for stage in design.stages for stream in stage.outputs}
    read = [(stage.name, stream) for stage in design.stages for stream in stage.inputs]
    read += [(port.stream.name, port.stream) for port in design.outputs]
    return tuple(
        StreamRecord(
            gives=gives[stream.name],
            takes=reader,
            carries=f"{stream.lanes} x {stream.dtype}",
            beats=stream.beats,
        )
        for reader, stream in read
    )
