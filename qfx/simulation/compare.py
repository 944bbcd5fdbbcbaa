"""The proof: every simulator's integers against the recorded golden ones, with tolerance zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from qfx.backends.project import Project, ProjectError
from qfx.fixedpoint.array import Integers
from qfx.simulation import csim, golden, hls4ml, qonnx, torch_recorded, verilator
from qfx.simulation.outcome import Outcome, SimulationError
from qfx.tools import ToolFailed, ToolMissing

Simulate = Callable[[Project, Integers], Outcome]


def _stalled(project: Project, stimuli: Integers) -> Outcome:
    return verilator.simulate(project, stimuli, verilator.STALL_PERCENT)


SIMULATORS: dict[str, Simulate] = {
    "torch": torch_recorded.simulate,
    "golden": golden.simulate,
    "qonnx": qonnx.simulate,
    "csim": csim.simulate,
    "rtl": verilator.simulate,
    "rtl-stalled": _stalled,
    "hls4ml": hls4ml.simulate,
}
DEFAULT = tuple(name for name in SIMULATORS if name != "hls4ml")


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
        difference: the first one.
        error: why it did not run, or did not finish.
        refused: why the design has no such form at all (QONNX lacks a mode, torch was not
            recorded).
    """

    simulator: str
    samples: int = 0
    mismatches: int | None = None
    samples_per_second: float | None = None
    cycles_per_frame: float | None = None
    difference: Difference | None = None
    error: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Cosim:
    """All rows, and the verdict."""

    project: Project
    rows: list[Row] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether every simulator that this design has ran and gave the golden integers."""
        return all(row.refused or row.mismatches == 0 for row in self.rows) and any(
            row.mismatches == 0 for row in self.rows
        )

    @property
    def cycles_measured(self) -> float | None:
        """Cycles per frame of the unstalled RTL run."""
        return next(
            (row.cycles_per_frame for row in self.rows if row.cycles_per_frame is not None), None
        )

    def verdict(self) -> str:
        """One sentence."""
        compared = [row for row in self.rows if not row.refused]
        if self.equal:
            names = ", ".join(row.simulator for row in compared)
            return f"EQUAL: {names} on {compared[0].samples} samples, 0 mismatches"
        first = next(row for row in compared if row.mismatches != 0) if compared else None
        if first is None:
            return "NOT PROVEN: nothing was compared"
        if first.difference is not None:
            return f"DIFFERENT: {first.simulator}: {first.difference}"
        return f"NOT PROVEN: {first.simulator}: {first.error}"


def cosim(
    project: Project | str | Path,
    simulators: tuple[str, ...] | None = None,
    on_start: Callable[[str], None] = lambda name: None,
) -> Cosim:
    """Simulate the recorded stimuli everywhere and compare integers with the recorded golden ones.

    Args:
        project: or the path of its folder.
        simulators: names in SIMULATORS; None runs all but hls4ml.
        on_start: told the name of each simulator before it starts.

    Raises:
        ProjectError: not a whole project folder, or an unknown simulator.
    """
    if not isinstance(project, Project):
        project = Project.open(project)
    if isinstance(simulators, str):
        raise ProjectError(f"simulators is a tuple of names: write ({simulators!r},)")
    unknown = set(simulators or ()) - set(SIMULATORS)
    if unknown:
        raise ProjectError(
            f"simulator {sorted(unknown)[0]!r} is unknown: use {', '.join(SIMULATORS)}"
        )
    stimuli, expected = project.vectors("stimuli"), project.vectors("golden")
    if stimuli.shape[1:] != project.manifest.input.shape or len(stimuli) != len(expected):
        raise ProjectError(
            f"{project.path / 'vectors'}: stimuli and golden do not belong together: export again"
        )
    result = Cosim(project)
    for name in simulators or DEFAULT:
        on_start(name)
        result.rows.append(_row(project, name, stimuli, expected))
    return result


def _row(project: Project, name: str, stimuli: Integers, expected: Integers) -> Row:
    refused = _refusal(project, name)
    if refused:
        return Row(name, refused=refused)
    try:
        outcome = SIMULATORS[name](project, stimuli)
    except (ToolMissing, ToolFailed, SimulationError, ProjectError) as error:
        return Row(name, error=str(error))
    if outcome.integers.shape != expected.shape:
        return Row(name, error=f"gave shape {outcome.integers.shape}, not {expected.shape}")
    return Row(
        name,
        samples=len(expected),
        mismatches=int((outcome.integers != expected).reshape(len(expected), -1).any(axis=1).sum()),
        samples_per_second=None
        if np.isnan(outcome.seconds)
        else len(expected) / max(outcome.seconds, 1e-9),
        cycles_per_frame=outcome.cycles_per_frame,
        difference=_first_difference(project, outcome.integers, expected),
    )


def _refusal(project: Project, name: str) -> str:
    """Why this design has no such form; empty when it has."""
    if name == "torch" and not project.manifest.vectors.torch:
        return "not recorded: the folder was exported from a .qfx file, not from a torch model"
    if name in ("qonnx", "hls4ml") and project.manifest.qonnx_refused:
        return project.manifest.qonnx_refused
    return ""


def _first_difference(project: Project, found: Integers, expected: Integers) -> Difference | None:
    differing = np.argwhere(found != expected)
    if not len(differing):
        return None
    sample, *index = (int(i) for i in differing[0])
    place = (sample, *index)
    node = project.graph().outputs[0].name
    return Difference(node, sample, tuple(index), int(expected[place]), int(found[place]))
