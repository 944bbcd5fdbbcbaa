"""csynth.xml, what Vitis HLS estimates of the C++ it scheduled (UG1399, "Synthesis Report")."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from qfx.boards import Resources
from qfx.synthesis.measured import Clock, SynthesisError


@dataclass(frozen=True)
class Csynth:
    """What the report says of the top function.

    Args:
        resources: estimated before anything is placed; LUTs usually several times too many.
        clock: asked for, and estimated.
        interval: cycles between two frames, at most; None where the tool could not tell.
    """

    resources: Resources
    clock: Clock
    interval: int | None


def read_csynth(path: Path, top: str) -> Csynth:
    """Read the report of a design.

    Args:
        path: of csynth.xml.
        top: the function that it should be of.

    Raises:
        SynthesisError: it is missing, damaged, or of something else.
    """
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise SynthesisError(
            f"{path} cannot be read ({error}), where csynth_design should have written: run the"
            " tool again"
        ) from error

    def text(*tags: str) -> str:
        for tag in tags:
            found = root.findtext(tag)
            if found is not None:
                return found.strip()
        raise SynthesisError(
            f"{path} has no {' or '.join(tags)}, so it is no csynth.xml of Vitis HLS or Vivado"
            " HLS: run the tool again"
        )

    def number(*tags: str) -> int:
        found = text(*tags)
        if not found.isdigit():
            raise SynthesisError(
                f"{path} is damaged: {tags[0]} is {found!r}, not a number: run the tool again"
            )
        return int(found)

    name = text("UserAssignments/TopModelName")
    if name != top:
        raise SynthesisError(f"{path} is of {name!r}, not of {top!r}: run the tool again")
    taken, summary = "AreaEstimates/Resources", "PerformanceEstimates/SummaryOfOverallLatency"
    interval = text(f"{summary}/Interval-max")
    return Csynth(
        resources=Resources(
            luts=number(f"{taken}/LUT"),
            flip_flops=number(f"{taken}/FF"),
            dsps=number(f"{taken}/DSP", f"{taken}/DSP48E"),  # Vitis HLS; Vivado HLS
            bram_18k=number(f"{taken}/BRAM_18K"),
            uram=number(f"{taken}/URAM") if root.findtext(f"{taken}/URAM") else 0,
        ),
        clock=Clock(
            float(text("UserAssignments/TargetClockPeriod")),
            float(text("PerformanceEstimates/SummaryOfTimingAnalysis/EstimatedClockPeriod")),
            None,
        ),
        interval=int(interval) if interval.isdigit() else None,
    )
