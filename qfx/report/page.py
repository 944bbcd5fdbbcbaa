"""The project's report: one self-contained HTML page, no network, no script."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from qfx.project import Measurements, Project, ProjectError, Verdict, folder, state_of
from qfx.report import charts, palette
from qfx.report.clocks import stage_clocks, told_stages
from qfx.report.cycles import cycles
from qfx.report.graph_drawing import draw
from qfx.report.label_lines import label_lines
from qfx.report.layers import EXACT_DB
from qfx.report.recorded import ReportRecord
from qfx.templates import Templates

FILE = "report.html"
_TEMPLATES = Templates(lambda: Path(__file__).parent / "templates")


def html(project: Project) -> str:
    """Return the page: what the folder's manifest and report.json say, and what simulators and
    synthesis tools have found of the folder as it is now.

    Raises:
        ProjectError: report.json is missing or damaged.
    """
    manifest, record = project.manifest, ReportRecord.read(project)
    kept = any((project.path / each.file).is_file() for each in (Verdict, Measurements))
    state = state_of(project) if kept else ""  # it reads every file, which export need not
    verdict = Verdict.read(project, state)
    found = Measurements.read(project, state)
    measured = tuple(found.by_label.values()) if found else ()
    counted = [tool for tool in measured if tool.routing is None]  # on the project's own part
    training = record.training
    return _TEMPLATES.render(
        "page.html.j2",
        m=manifest,
        p=manifest.prediction,
        r=record,
        verdict=verdict,
        measured=counted,
        clocks=[
            (tool, tool.routing, list(stage_clocks(tool.routing, manifest)))
            for tool in measured
            if tool.routing is not None
        ],
        told_stages=told_stages,
        fast=[tool for tool in counted if tool.fmax_mhz],
        changed=project.changed_files() if verdict or measured else (),
        budget=charts.budget(manifest, record, counted),
        cycles=cycles(manifest, verdict.cycles_measured if verdict else None),
        graph=draw(manifest, record.streams),
        histograms=[charts.histogram(each) for each in record.histograms],
        labels=label_lines(manifest, verdict.rows if verdict else ()),
        weights=[charts.histogram(each) for each in record.weights],
        training=charts.training(training) if training and training.epochs else None,
        interrupted=bool(training and training.interrupted),
        epochs=training.epochs if training else (),
        selected_by=training.selected_by if training else "",
        light=palette.LIGHT,
        dark=palette.DARK,
        tint=palette.TINT,
        exact=EXACT_DB,
    )


def write(project: Project) -> Path:
    """Write the page into the project's folder, whole or not at all.

    Raises:
        ProjectError: report.json is missing or damaged, or the folder cannot be written.
    """
    path, text = project.path / FILE, html(project)
    folder.write(path, text)
    return path


def refresh(project: Project) -> None:
    """Write the page anew after something was found.

    What was found is told anyway: a folder that cannot be written, or a damaged record that the
    comparison names among the changed files, does not stop it.
    """
    with suppress(ProjectError):
        write(project)
