"""report.json: what export keeps for the page beside the manifest."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from qfx.boards import Resources
from qfx.disk import Damaged, fault, json_text, nearby
from qfx.disk.record import Record
from qfx.hardware import Design
from qfx.project.folder import MANIFEST, Project, ProjectError
from qfx.project.manifest import Count, Manifest
from qfx.report.histograms import HistogramRecord, weight_histograms
from qfx.report.training import TrainingRecord

FILE = "report.json"


class StreamRecord(Record):
    """A stream between two stages or ports, told by their names.

    Args:
        gives, takes: names; of a port at either end its own.
        carries: lanes and type.
        beats: a frame.
    """

    gives: str
    takes: str
    carries: str
    beats: Count


class ReportRecord(Record):
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
        """Raise ProjectError where the folder has none, or a damaged one."""
        path = project.path / FILE
        try:
            data = path.read_bytes()
            json_text.read(data, finite=False)  # a training may have diverged
            record = cls.model_validate_json(data)
        except OSError as error:
            raise ProjectError(f"{nearby(path)}: {error.strerror}: export again") from error
        except Damaged as error:
            raise ProjectError(f"{nearby(path)} is damaged ({error}): export again") from error
        except ValidationError as error:
            raise ProjectError(f"{nearby(path)}: {fault(error)}; export again") from error
        if not record.fits(project.manifest):
            raise ProjectError(
                f"{nearby(path)}: its streams are not between the stages of {MANIFEST}: export"
                " again"
            )
        return record

    def fits(self, manifest: Manifest) -> bool:
        """Tell whether each stream leads from an input or a stage to a later stage or an output,
        and each of those is led to.
        """
        names = [
            *(port.name for port in manifest.inputs),
            *(stage.name for stage in manifest.stages),
            *(port.name for port in manifest.outputs),
        ]
        index = {name: n for n, name in enumerate(names)}
        inputs, outputs = len(manifest.inputs), len(manifest.outputs)
        led_to = {stream.takes for stream in self.streams}
        return (
            len(index) == len(names)
            and led_to == {*names[inputs:]}
            and all(
                index.get(s.gives, len(names)) < min(index[s.takes], len(names) - outputs)
                for s in self.streams
            )
        )

    def write(self, directory: Path) -> None:
        (directory / FILE).write_text(json.dumps(self.model_dump(), indent=1) + "\n")


def report_record(
    design: Design,
    command: str,
    histograms: tuple[HistogramRecord, ...],
    training: TrainingRecord | None,
) -> ReportRecord:
    """Return what is kept of a design."""
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
    """Return every stream, in the order of the stages that read them, those of the outputs last."""
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
