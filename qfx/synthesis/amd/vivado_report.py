"""Vivado's text reports of utilization and timing, read (UG906, "Design Analysis")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qfx.boards import Resources
from qfx.synthesis.measured import Clock, SynthesisError

Row = dict[str, str]  # cells of a table by their headings, leading blanks kept

_LUTS = ("CLB LUTs", "Slice LUTs")  # UltraScale and later; 7 series
_REGISTERS = ("CLB Registers", "Slice Registers")
_DSPS = ("DSP Blocks", "DSP48 Blocks", "DSP Slices")
_INDENT = 2  # blanks of each level of the hierarchy


@dataclass(frozen=True)
class Utilization:
    """What a design or an instance takes.

    Args:
        resources: `luts` are all of them, whatever they are used as.
        memory_luts, shift_luts: those used as distributed RAM and as shift registers.
    """

    resources: Resources
    memory_luts: int
    shift_luts: int


def read_utilization(path: Path) -> Utilization:
    """Read the whole design, by `report_utilization`.

    Raises:
        SynthesisError: it is missing, of another kind, or does not add up.
    """
    used: dict[str, str] = {}
    for row in _rows(_text(path, "report_utilization")):
        if "Site Type" in row and "Used" in row:
            used.setdefault(row["Site Type"].strip().rstrip("*"), row["Used"])

    def of(*names: str) -> int:
        for name in names:
            if name in used:
                return _count(path, name, used[name])
        raise SynthesisError(
            f"{path} has no row {' or '.join(map(repr, names))}, so it is no report_utilization of"
            " Vivado for a 7 series, UltraScale or UltraScale+ part: run the tool again"
        )

    large, small = of("RAMB36/FIFO"), of("RAMB18")
    if "Block RAM Tile" not in used or float(used["Block RAM Tile"]) != large + small / 2:
        raise SynthesisError(
            f"{path} is damaged: {large} RAMB36 and {small} RAMB18 are not"
            f" {used.get('Block RAM Tile', 'the missing')} block RAM tiles: run the tool again"
        )
    return Utilization(
        resources=Resources(
            luts=of(*_LUTS),
            flip_flops=of(*_REGISTERS),
            dsps=of("DSPs"),
            bram_18k=2 * large + small,
            uram=of("URAM") if "URAM" in used else 0,
        ),
        memory_luts=of("LUT as Distributed RAM"),
        shift_luts=of("LUT as Shift Register"),
    )


def read_hierarchy(path: Path) -> dict[str, Utilization]:
    """Read the instances of the top level, by `report_utilization -hierarchical`; in parentheses,
    as Vivado has it, the top's name for what the top itself does.

    Raises:
        SynthesisError: it is missing, or of another kind.
    """
    found: dict[str, Utilization] = {}
    for row in _rows(_text(path, "report_utilization -hierarchical")):
        name = row.get("Instance", "")
        if "Total LUTs" in row and len(name) - len(name.lstrip()) == _INDENT:
            found[name.strip()] = _instance(path, row)
    if not found:
        raise SynthesisError(
            f"{path} has no table with the columns 'Instance' and 'Total LUTs', so it is no"
            " report_utilization -hierarchical of Vivado: run the tool again"
        )
    return found


def _instance(path: Path, row: Row) -> Utilization:
    def of(*names: str) -> int:
        for name in names:
            if name in row:
                return _count(path, name, row[name])
        raise SynthesisError(
            f"{path}: its table has no column {' or '.join(map(repr, names))}: run the tool again"
        )

    return Utilization(
        resources=Resources(
            luts=of("Total LUTs"),
            flip_flops=of("FFs"),
            dsps=of(*_DSPS),
            bram_18k=2 * of("RAMB36") + of("RAMB18"),
            uram=of("URAM") if "URAM" in row else 0,
        ),
        memory_luts=of("LUTRAMs"),
        shift_luts=of("SRLs"),
    )


def read_timing(path: Path, clock: str) -> Clock:
    """Read the slack of the setup paths, by `report_timing_summary`.

    Args:
        path: of the report.
        clock: its name.

    Raises:
        SynthesisError: it is missing, of another kind, or no path was constrained.
    """
    text = _text(path, "report_timing_summary")
    summary = re.search(
        r"\| Design Timing Summary\n.*?^ *WNS\(ns\).*?\n[ -]+\n *(\S+) ", text, _OVER
    )
    period = re.search(rf"\| Clock Summary\n.*?^{clock} +\{{.*?\}} +([\d.]+) ", text, _OVER)
    if summary is None or period is None:
        missing = "Design Timing Summary" if summary is None else f"clock {clock}"
        raise SynthesisError(
            f"{path} has no {missing}, so it is no report_timing_summary of this design: run the"
            " tool again"
        )
    if not re.fullmatch(r"-?\d+(\.\d+)?", summary[1]):
        raise SynthesisError(
            f"{path}: the worst slack is {summary[1]}, so no path was constrained: look whether"
            " constraints.xdc was read"
        )
    levels = re.search(r"Logic Levels: +(\d+)", text)
    asked = float(period[1])
    return Clock(asked, asked - float(summary[1]), int(levels[1]) if levels else None)


def timing_met(path: Path) -> bool:
    """Tell whether every path is fast enough and slow enough, by `report_timing_summary`.

    Raises:
        SynthesisError: it is missing, or does not say.
    """
    text = _text(path, "report_timing_summary")
    said = re.search(
        r"(All user specified timing constraints are met)|Timing constraints are not", text
    )
    if said is None:
        raise SynthesisError(
            f"{path} does not say whether the timing constraints are met, so it is no"
            " report_timing_summary of a routed design: run the tool again"
        )
    return bool(said[1])


_OVER = re.MULTILINE | re.DOTALL


def _text(path: Path, report: str) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise SynthesisError(
            f"{path} cannot be read ({error}), where {report} should have written: run the tool"
            " again"
        ) from error


def _rows(text: str) -> Iterator[Row]:
    """The rows of all tables: a rule, headings, a rule, and the rows up to the next rule."""
    headings: list[str] = []
    rules = 0
    for line in text.splitlines():
        if re.fullmatch(r"\+[-+]+\+", line.strip()):
            rules = rules % 3 + 1
            continue
        cells = line.strip().split("|")[1:-1]
        if rules == 1 and cells:
            headings = [cell.strip() for cell in cells]
        elif rules == 2 and len(cells) == len(headings):
            yield {h: cell.rstrip()[1:] for h, cell in zip(headings, cells, strict=True)}
        else:
            rules = rules if cells else 0


def _count(path: Path, name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SynthesisError(
            f"{path} is damaged: {name} is {text.strip()!r}, not a number: run the tool again"
        ) from None
