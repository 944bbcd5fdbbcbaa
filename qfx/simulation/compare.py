"""The proof: every simulator's integers against the recorded golden ones, with tolerance zero."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from qfx.data import Numbers, Score, score
from qfx.disk import nearby
from qfx.errors import require_names, require_whole
from qfx.fixedpoint.array import Integers
from qfx.ir import Graph
from qfx.ir.file import sha256
from qfx.ir.several import Arrays, alone, chosen, each_of
from qfx.packages import missing_package
from qfx.project import MANIFEST, Project, ProjectError
from qfx.project.findings import state_of
from qfx.project.input_fit import warn
from qfx.shown import Shown
from qfx.simulation import verdicts
from qfx.simulation.outcome import CannotReadError, SimulationError
from qfx.simulation.parallel import Workers
from qfx.simulation.progress import CosimProgress
from qfx.simulation.rtl.pace import unpredicted
from qfx.simulation.simulators import DEFAULT, SIMULATORS, Simulator
from qfx.tools import ToolFailed, ToolMissing


@dataclass(frozen=True)
class Difference:
    """The first place where a simulator is not golden."""

    node: str
    sample: int
    index: tuple[int, ...]
    expected: int
    found: int

    def __str__(self) -> str:
        return (
            f"node {self.node}, sample {self.sample}, index {self.index}: expected"
            f" {self.expected}, found {self.found}"
        )


@dataclass(frozen=True)
class Row:
    """One simulator's result.

    Args:
        simulator: its name in SIMULATORS.
        samples: compared.
        mismatches: samples with any differing integer; None when it did not run.
        samples_per_second: of simulation alone; None when not measured.
        cycles_per_frame: unstalled; None outside RTL.
        latency_cycles: of a frame alone, as in Outcome; None outside RTL.
        difference: the first one.
        error: why it did not run, or did not finish.
        refused: why the design has no such form at all (QONNX lacks a mode, torch was not
            recorded), or that a peer cannot read it.
        missing: whether it did not run because its tool is not installed.
        scores: how right each output is, by the labels given at export.
        unpredicted: how its cycles differ from those predicted; empty where they do not.
    """

    simulator: str
    samples: int = 0
    mismatches: int | None = None
    samples_per_second: float | None = None
    cycles_per_frame: float | None = None
    latency_cycles: int | None = None
    difference: Difference | None = None
    error: str = ""
    refused: str = ""
    missing: bool = False
    unpredicted: str = ""
    scores: tuple[Score, ...] = ()

    @property
    def problem(self) -> str:
        """What is to be said of it; empty where all is well."""
        if self.difference is not None:
            return str(self.difference)
        return self.refused or self.error or self.unpredicted


@dataclass(frozen=True)
class Cosim(Shown):
    """All rows, and the verdict."""

    shown_by = "qfx.report.terminal:show_cosim"

    project: Project
    rows: list[Row] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether every simulator that this design has ran and gave the golden integers, the RTL
        in as many cycles as predicted.
        """
        return verdicts.proven(self.project, self.rows)

    @property
    def cycles_measured(self) -> float | None:
        """Cycles per frame of the unstalled RTL run."""
        return verdicts.cycles_measured(self.rows)

    @property
    def latency_measured(self) -> int | None:
        """Cycles from a frame's first beat in to its last beat out, of the unstalled RTL run."""
        return verdicts.latency_measured(self.rows)

    def verdict(self) -> str:
        """One sentence."""
        return verdicts.sentence(self.rows, verdicts.doubt(self.project))


def cosim(
    project: Project | str | Path,
    simulators: tuple[str, ...] | None = None,
    *,
    samples: int | None = None,
    jobs: int | None = None,
    progress: bool = True,
) -> Cosim:
    """Simulate recorded stimuli everywhere and compare integers with the recorded golden ones.

    The result is also kept in the folder, as verdict.json, for the report: beside what other
    simulators have found since a file of the folder changed last. Samples that do not fit an input
    are warned of, as at export: equal integers of such prove little.

    Args:
        project: or the path of its folder.
        simulators: names in SIMULATORS; None runs all but pyverilator, driver, hls4ml and AMD's
            own, vitis-csim and vitis-cosim.
        samples: how many, spread evenly over those recorded, the first and the last among them;
            None takes all.
        jobs: C++ programs and RTL designs that run at a time; None takes one for each CPU.
        progress: whether to show it.

    Raises:
        ProjectError: not a whole project folder, an unknown simulator, or more samples than were
            recorded.
    """
    project = Project.open(project)
    if isinstance(simulators, str):
        raise ProjectError(f"simulators is a tuple of names: write ({simulators!r},)")
    if simulators is not None:
        require_names("simulators", simulators)
    for name, given in (("samples", samples), ("jobs", jobs)):
        if given is not None:
            require_whole(name, given)
    unknown = set(simulators or ()) - set(SIMULATORS)
    if unknown:
        raise ProjectError(
            f"simulator {sorted(unknown)[0]!r} is unknown: use {', '.join(SIMULATORS)}"
        )
    if jobs is not None and jobs < 1:
        raise ProjectError(f"jobs must be 1 or more, not {jobs}")
    _check_manifest(project, project.graph())
    batch, result, state = _recorded(project, samples), Cosim(project), state_of(project)
    with CosimProgress(len(batch.numbers), progress) as shown:
        for name in simulators or DEFAULT:
            simulator = SIMULATORS[name]
            shown.begin(simulator.label)
            result.rows.append(_row(project, simulator, batch, Workers(jobs, shown.told)))
    verdicts.keep(project, result.rows, state)
    warn(project.manifest.fits)
    return result


@dataclass(frozen=True)
class _Recorded:
    """Recorded samples.

    Args:
        numbers: which of the folder's they are.
        stimuli: (samples, *shape); of several inputs a tuple.
        golden: (samples, *shape) of each output.
        labels: of each output, for the first samples of the folder; or none.
    """

    numbers: Integers
    stimuli: Arrays
    golden: tuple[Integers, ...]
    labels: tuple[Numbers, ...]

    def scores(self, project: Project, found: tuple[Integers, ...]) -> tuple[Score, ...]:
        """How right a simulator's integers are; none without labels of any of these samples."""
        known = self.numbers < (len(self.labels[0]) if self.labels else 0)
        if not known.any():
            return ()
        floats = (
            np.ldexp(integers[known], -record.fraction_bits)
            for integers, record in zip(found, project.manifest.outputs, strict=True)
        )
        labels = (each[self.numbers[known]] for each in self.labels)
        return tuple(score(y, given) for y, given in zip(floats, labels, strict=True))


def _recorded(project: Project, samples: int | None) -> _Recorded:
    stimuli, golden = project.batches("stimuli"), project.batches("golden")
    records, count = (*project.manifest.inputs, *project.manifest.outputs), len(stimuli[0])
    wanted = [(count, *record.shape) for record in records]
    if [array.shape for array in (*stimuli, *golden)] != wanted:
        raise ProjectError(
            f"{project.path / 'vectors'}: stimuli and golden do not belong together: export again"
        )
    if samples is not None and not 1 <= samples <= count:
        raise ProjectError(
            f"samples must be from 1 to {count:,}, those recorded, not {samples:,}:"
            " export with more samples to compare more"
        )
    numbers = np.linspace(0, count - 1, samples or count).round().astype(np.int64)
    return _Recorded(
        numbers,
        chosen(alone(stimuli), numbers),
        each_of(chosen(golden, numbers)),
        _labels(project, count),
    )


def _labels(project: Project, count: int) -> tuple[Numbers, ...]:
    """Raises ProjectError for labels of more samples than were recorded."""
    labels = project.labels()
    if any(each.ndim == 0 or len(each) > count for each in labels):
        raise ProjectError(
            f"{nearby(project.path)}/vectors: labels and stimuli do not belong together: export"
            " again"
        )
    return labels


def _check_manifest(project: Project, graph: Graph) -> None:
    """Raises ProjectError where qfx.json does not describe the graph."""
    manifest = project.manifest
    said = [(each.shape, each.dtype) for each in (*manifest.inputs, *manifest.outputs)]
    values = (*(entry.value for entry in graph.inputs), *graph.outputs)
    found = [(value.type.shape, value.dtype) for value in values]
    if said != found or manifest.graph_sha256 != sha256(graph):
        raise ProjectError(
            f"{nearby(project.path)}: {MANIFEST} and model.qfx are not of one design: export again"
        )


def _row(project: Project, simulator: Simulator, batch: _Recorded, workers: Workers) -> Row:
    name, refused = simulator.name, simulator.refusal(project)
    if refused:
        return Row(name, refused=refused)
    try:
        outcome = simulator.run(project, batch.stimuli, workers)
    except (ToolMissing, ToolFailed, SimulationError, ProjectError) as error:
        if isinstance(error, CannotReadError) and "model.onnx" not in project.changed_files():
            return Row(name, refused=str(error))
        return Row(name, error=str(error), missing=isinstance(error, ToolMissing))
    except ModuleNotFoundError as error:
        sentence = missing_package(error)
        if sentence is None:
            raise
        return Row(name, error=sentence, missing=True)
    found, expected, count = outcome.outputs, batch.golden, len(batch.numbers)
    shapes = [[array.shape for array in each] for each in (found, expected)]
    if shapes[0] != shapes[1]:
        return Row(name, error=f"gave shape {alone(shapes[0])}, not {alone(shapes[1])}")
    difference = _first_difference(project, found, expected)
    pairs = zip(found, expected, strict=True)
    differing = np.stack([(f != e).reshape(count, -1).any(axis=1) for f, e in pairs])
    return Row(
        name,
        samples=count,
        mismatches=int(differing.any(axis=0).sum()),
        samples_per_second=None
        if np.isnan(outcome.seconds)
        else count / max(outcome.seconds, 1e-9),
        cycles_per_frame=outcome.cycles_per_frame,
        latency_cycles=outcome.latency_cycles,
        difference=difference and replace(difference, sample=int(batch.numbers[difference.sample])),
        unpredicted=_unpredicted(project, outcome.cycles_per_frame),
        scores=batch.scores(project, found),
    )


def _unpredicted(project: Project, measured: float | None) -> str:
    predicted = project.manifest.prediction.initiation_interval
    if measured is None or not unpredicted(measured, predicted):
        return ""
    return f"a frame every {measured:,.2f} cycles, where {predicted:,} are predicted"


def _first_difference(
    project: Project, found: tuple[Integers, ...], expected: tuple[Integers, ...]
) -> Difference | None:
    """Of the first sample that differs, and there of the first output."""
    first: Difference | None = None
    nodes = [value.name for value in project.graph().outputs]
    for node, given, wanted in zip(nodes, found, expected, strict=True):
        differing = np.argwhere(given != wanted)
        if not len(differing):
            continue
        sample, *index = (int(i) for i in differing[0])
        if first is None or sample < first.sample:
            at = (sample, *index)
            first = Difference(node, sample, tuple(index), int(wanted[at]), int(given[at]))
    return first
