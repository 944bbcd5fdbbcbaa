"""What rows of simulators say together, and what a project's folder keeps of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from qfx.data import Score
from qfx.project import MANIFEST, Project
from qfx.project.findings import Verdict, VerdictRow
from qfx.simulation.simulators import SIMULATORS


class Compared(Protocol):
    """One simulator's result, of this run or kept: the fields of `qfx.simulation.Row`."""

    @property
    def simulator(self) -> str: ...
    @property
    def samples(self) -> int: ...
    @property
    def mismatches(self) -> int | None: ...
    @property
    def samples_per_second(self) -> float | None: ...
    @property
    def cycles_per_frame(self) -> float | None: ...
    @property
    def latency_cycles(self) -> int | None: ...
    @property
    def scores(self) -> tuple[Score, ...]: ...
    @property
    def problem(self) -> str: ...
    @property
    def refused(self) -> str | bool: ...
    @property
    def missing(self) -> bool: ...
    @property
    def unpredicted(self) -> str | bool: ...


def doubt(project: Project) -> str:
    """Why nothing can be proven of a folder; empty where there is no reason."""
    return f"{MANIFEST}: changed since export" if project.manifest.changed() else ""


def proven(project: Project, rows: Sequence[Compared]) -> bool:
    """Whether these rows prove the folder."""
    return all_equal(rows) and not doubt(project)


def all_equal(rows: Sequence[Compared]) -> bool:
    """Whether every simulator that the design has ran and gave the golden integers, in as many
    cycles as predicted.
    """
    compared = [row for row in rows if not row.refused]
    return bool(compared) and not any(map(_wrong, compared))


def _wrong(row: Compared) -> bool:
    return row.mismatches != 0 or bool(row.unpredicted)


def cycles_measured(rows: Sequence[Compared]) -> float | None:
    """Cycles per frame of the first that tells them."""
    return next((row.cycles_per_frame for row in rows if row.cycles_per_frame is not None), None)


def latency_measured(rows: Sequence[Compared]) -> int | None:
    """Cycles from a frame's first beat in to its last beat out, of the first that tells them."""
    return next((row.latency_cycles for row in rows if row.latency_cycles is not None), None)


def sentence(rows: Sequence[Compared], doubted: str = "") -> str:
    """The verdict; of equal ones, how many samples each had; of peers that read too little, why
    they did not run.

    Args:
        rows: of simulators.
        doubted: why even equal ones prove nothing; empty where they do.
    """
    compared = [row for row in rows if not row.refused]
    unread = "".join(
        f"; {row.simulator} not run: {row.problem}"
        for row in rows
        if row.refused and SIMULATORS[row.simulator].peer
    )
    if all_equal(rows):
        names: dict[int, list[str]] = {}
        for row in compared:
            names.setdefault(row.samples, []).append(row.simulator)
        found = "; ".join(f"{', '.join(each)} on {n} samples" for n, each in names.items())
        return f"NOT PROVEN: {doubted}" if doubted else f"EQUAL: {found}, 0 mismatches{unread}"
    wrong = sorted(filter(_wrong, compared), key=lambda row: row.mismatches == 0)
    if not wrong:
        return f"NOT PROVEN: nothing was compared{unread}"
    first = wrong[0]  # one whose cycles alone are wrong comes last
    said = {None: "NOT PROVEN", 0: "NOT AS PREDICTED"}.get(first.mismatches, "DIFFERENT")
    return f"{said}: {first.simulator}: {first.problem}"


def keep(project: Project, rows: Sequence[Compared], state: str) -> None:
    """Write verdict.json: these rows, and of other simulators what was found in the same state.

    Of each simulator the last run counts, whatever it found before or on how many samples. That a
    tool was missing is told of this run only: asking once for one that is not here would leave the
    folder unproven for good.
    """
    before = Verdict.read(project, state)
    found = {row.simulator: row for row in (before.rows if before else ()) if not row.missing}
    found |= {row.simulator: _kept(row) for row in rows}
    merged = tuple(found[name] for name in SIMULATORS if name in found)
    Verdict(
        state=state,
        equal=proven(project, merged),
        sentence=sentence(merged, doubt(project)),
        rows=merged,
        cycles_measured=cycles_measured(merged),
        latency_measured=latency_measured(merged),
    ).keep(project)


def _kept(row: Compared) -> VerdictRow:
    return VerdictRow(
        simulator=row.simulator,
        label=SIMULATORS[row.simulator].label,
        samples=row.samples,
        mismatches=row.mismatches,
        samples_per_second=row.samples_per_second,
        cycles_per_frame=row.cycles_per_frame,
        latency_cycles=row.latency_cycles,
        problem=row.problem,
        refused=bool(row.refused),
        missing=row.missing,
        unpredicted=bool(row.unpredicted),
        scores=row.scores,
    )
