"""What rows of simulators say together, and what a project's folder keeps of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from qfx.backends.findings import Verdict, VerdictRow
from qfx.backends.project import Project
from qfx.simulation.simulators import LABELS, SIMULATORS


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
    def problem(self) -> str: ...
    @property
    def refused(self) -> str | bool: ...
    @property
    def missing(self) -> bool: ...


def all_equal(rows: Sequence[Compared]) -> bool:
    """Whether every simulator that the design has ran and gave the golden integers."""
    return all(row.refused or row.mismatches == 0 for row in rows) and any(
        row.mismatches == 0 for row in rows
    )


def cycles_measured(rows: Sequence[Compared]) -> float | None:
    """Cycles per frame of the first that tells them."""
    return next((row.cycles_per_frame for row in rows if row.cycles_per_frame is not None), None)


def sentence(rows: Sequence[Compared]) -> str:
    """The verdict; of equal ones, how many samples each had."""
    compared = [row for row in rows if not row.refused]
    if all_equal(rows):
        names: dict[int, list[str]] = {}
        for row in compared:
            names.setdefault(row.samples, []).append(row.simulator)
        found = "; ".join(f"{', '.join(each)} on {n} samples" for n, each in names.items())
        return f"EQUAL: {found}, 0 mismatches"
    first = next((row for row in compared if row.mismatches != 0), None)
    if first is None:
        return "NOT PROVEN: nothing was compared"
    said = "NOT PROVEN" if first.mismatches is None else "DIFFERENT"
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
        equal=all_equal(merged),
        sentence=sentence(merged),
        rows=merged,
        cycles_measured=cycles_measured(merged),
    ).keep(project)


def _kept(row: Compared) -> VerdictRow:
    return VerdictRow(
        simulator=row.simulator,
        label=LABELS[row.simulator],
        samples=row.samples,
        mismatches=row.mismatches,
        samples_per_second=row.samples_per_second,
        cycles_per_frame=row.cycles_per_frame,
        problem=row.problem,
        refused=bool(row.refused),
        missing=row.missing,
    )
