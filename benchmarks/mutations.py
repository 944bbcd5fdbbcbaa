"""One wrong edit after the other, in every file that a simulator reads: who finds it?

Each edit is made in a copy of a small design's folder, and the hash of what was edited is recorded
anew: else all would be named "changed since export" at once. What no simulator finds is listed with
the reason why nobody could see it.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import common
import mutated_files
import mutated_rtl
from mutated_designs import DESIGNS, frozen

import qfx
from qfx.project.folder import Project, ProjectError
from qfx.simulation import SimulationError
from qfx.simulation.rtl import verilator
from qfx.simulation.rtl.pace import unpredicted

GOAL_CYCLES = 400
_STALLED = {"stall_percent": verilator.STALL_PERCENT}
_WAYS: dict[str, dict[str, Any]] = {
    "rtl": {},
    "rtl-stalled": _STALLED,
    "rtl-reset": {**_STALLED, "resets": True},
}


def exported(name: str, folder: Path) -> Project:
    """One of the designs, as a project."""
    model, shapes = frozen(name)
    return qfx.export(
        model, folder, name=name, board="ultra96", input_shape=shapes, goal_ii=GOAL_CYCLES,
        multipliers="lut",
    )  # fmt: skip


def rtl_rows(project: Project, folder: Path) -> list[dict[str, Any]]:
    """All mutations of a design's SystemVerilog, by one build."""
    given = mutated_rtl.mutations(project)
    mutated = mutated_rtl.schemata(project, folder, given)
    nothing = _found_in_rtl(mutated, 0)
    if nothing != ("", ""):
        raise ValueError(f"without a mutation: {nothing}")
    return [
        _row(project, "SystemVerilog", mutation, *_found_in_rtl(mutated, number))
        for number, mutation in enumerate(given, 1)
    ]


def _found_in_rtl(project: Project, number: int) -> tuple[str, str]:
    """The first simulator that differs, and how."""
    stimuli, golden = project.vectors("stimuli"), project.batches("golden")
    predicted = project.manifest.prediction.initiation_interval
    for name, how in _WAYS.items():
        try:
            outcome = verilator.simulate(
                project, stimuli, options=mutated_rtl.options(number), **how
            )
        except SimulationError as error:
            return name, str(error)
        pairs = zip(outcome.outputs, golden, strict=True)
        wrong = sum(int((f != g).reshape(len(g), -1).any(axis=1).sum()) for f, g in pairs)
        if wrong:
            return name, f"{wrong} frames differ"
        if unpredicted(outcome.cycles_per_frame, predicted):
            return name, f"{outcome.cycles_per_frame:.2f} cycles a frame, {predicted} predicted"
    return "", ""


def file_row(
    project: Project, mutation: mutated_files.FileMutation, folder: Path
) -> dict[str, Any]:
    """One edit of another file, in a copy."""
    shutil.copytree(project.path, folder)
    mutation.apply(folder)
    by, said = "", ""
    for name in mutation.simulators:
        try:
            row = qfx.cosim(folder, (name,), progress=False).rows[0]
        except ProjectError as error:  # before anything is simulated
            by, said = "cosim", str(error)
            break
        if row.mismatches != 0 or row.unpredicted:
            by, said = name, row.problem
            break
    return _row(project, mutation.language, mutation, by, said.replace(f"{folder}", "..."))


def _row(project: Project, language: str, mutation: Any, by: str, said: str) -> dict[str, Any]:
    design, reason = project.manifest.name, "" if by else mutation.harmless
    told = by or (f"harmless, {reason}" if reason else "SURVIVED")
    print(f"{design}, {language}, {mutation.kind}, {mutation.what}: {told}", flush=True)
    return {
        "design": design,
        "in": language,
        "kind": mutation.kind,
        "what": mutation.what,
        "caught_by": by,
        "said": said,
        "harmless": reason,
    }


def unexplained(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that nobody found, and that have no reason."""
    return [row for row in rows if not row["caught_by"] and not row["harmless"]]


def table(rows: list[dict[str, Any]]) -> list[str]:
    """For docs/results.md."""
    lines = [
        "| in | what is wrong | edits | found by | harmless |",
        "|---|---|---|---|---|",
    ]
    languages = list(dict.fromkeys(row["in"] for row in rows))
    ordered = sorted(rows, key=lambda row: languages.index(row["in"]))
    for language, kind in dict.fromkeys((row["in"], row["kind"]) for row in ordered):
        own = [row for row in rows if (row["in"], row["kind"]) == (language, kind)]
        by = Counter(row["caught_by"] for row in own if row["caught_by"])
        found = ", ".join(f"{name} {count}" for name, count in by.most_common())
        harmless = sum(bool(row["harmless"]) for row in own) or ""
        lines.append(f"| {language} | {kind} | {len(own)} | {found} | {harmless} |")
    survivors = unexplained(rows)
    lines += ["", f"Found by nobody, and without a reason: {len(survivors)}."]
    for row in survivors:
        lines.append(f"- {row['design']}, {row['in']}, {row['kind']}: {row['what']}")
    reasons = dict[str, list[str]]()
    for row in rows:
        if row["harmless"]:
            reasons.setdefault(row["harmless"], []).append(f"{row['design']}: {row['what']}")
    lines += ["", "Harmless are:", ""]
    for why, which in reasons.items():
        more = f", and {len(which) - 2} more" if len(which) > 2 else ""
        lines.append(f"- {'; '.join(which[:2])}{more}: {why}.")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="of which files: the beginning of a name of the column 'in'")
    parser.add_argument("--design", choices=sorted(DESIGNS))
    arguments = parser.parse_args()
    started, rows = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as name:
        for design in [arguments.design] if arguments.design else DESIGNS:
            folder = Path(name) / design
            project = exported(design, folder / "as_exported")
            if "SystemVerilog".startswith(arguments.only or ""):
                rows += rtl_rows(project, folder / "rtl")
            for number, mutation in enumerate(mutated_files.mutations(project)):
                if mutation.language.startswith(arguments.only or ""):
                    rows.append(file_row(project, mutation, folder / str(number)))
    lines = table(rows)
    print("\n".join(lines))
    if not arguments.only and not arguments.design:
        record = {
            "command": "python benchmarks/mutations.py",
            "seconds": round(time.perf_counter() - started),
            "edits": len(rows),
            "unexplained": len(unexplained(rows)),
            "rows": rows,
            "versions": common.versions(),
        }
        common.write("mutations", record, lines)
    sys.exit(bool(unexplained(rows)))


if __name__ == "__main__":
    main()
