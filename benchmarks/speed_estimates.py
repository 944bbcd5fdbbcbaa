"""What the estimate says of clocks: beside those at which designs route, and for the committed
examples.

    python benchmarks/speed_estimates.py

prints how far off it is for the small designs, which route in a minute; all of it is part of
benchmarks/speed.py.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common import ROOT
from speed_clocks import PART, clocks
from speed_nets import graph

import qfx
from qfx import boards
from qfx.hardware import clocks as estimates
from qfx.hardware import schedule
from qfx.hardware.speeds import factor_of, speed_of
from qfx.project import Project

sys.path.append(str(ROOT / "tests"))

from models import small_mlp

FITTED = "MLP 16-8-4, dsp"  # the factor of whole designs is its
GOALS = {"digits": 1e6, "fashion_mnist": 1e4, "resnet8_cifar10": 1e3}  # frames/s, of the examples


def small_designs(folder: Path) -> Iterator[tuple[str, Path]]:
    """Export designs that route in a minute; names and where they are."""
    for multipliers in ("dsp", "lut", "none"):
        place = folder / f"mlp_{multipliers}"
        how = {"input_shape": (16,), "goal_ii": 16, "multipliers": multipliers, "name": "net"}
        yield (
            f"MLP 16-8-4, {multipliers}",
            qfx.export(small_mlp(), place, drive_casts=0, **how).path,
        )


def compared(name: str, place: Path, routed: dict[str, Any]) -> dict[str, Any]:
    """A design's estimate and what was routed.

    Args:
        name: for people.
        place: of its project folder.
        routed: as speed_clocks.clocks gives.
    """
    stages = Project.open(place).stages()
    estimated = estimates.fmax_mhz(stages, PART)
    return {
        "design": name,
        "role": "fitted" if name == FITTED else "held out",
        "estimated": round(estimated, 1),
        "routed": routed["median"],
        "off": round(estimated / routed["median"] - 1, 3),
        "seeds": routed["seeds"],
        "LUT4": routed["cells"]["LUT4"],
        "estimated_in": max(stages, key=lambda stage: stage.path_ns).name,
        "routed_in": ", ".join(routed["slowest"]["through"]),
    }


def example(net: str, routed_before: float | None) -> dict[str, Any]:
    """A committed example's frames/s at its goal, at the clock that is believed.

    Args:
        net: of speed_nets.
        routed_before: MHz on an ECP5 of the design that the commit before made for the same cycles;
            None where it does not fit there.
    """
    board = boards.load("ultra96")
    design = schedule(graph(net), board, goal_fps=GOALS[net])
    cycles, scale = design.initiation_interval, factor_of(board.part)
    believed = routed_before and min(board.clock_mhz, scale * routed_before)
    return {
        "example": net,
        "board": board.name,
        "goal": GOALS[net],
        "cycles": cycles,
        "clock_mhz": design.board.clock_mhz,
        "fmax_mhz_estimate": round(design.fmax_mhz, 1),
        "slowest_path": design.slowest_path,
        "frames_per_second": round(design.frames_per_second(design.believed_mhz)),
        "fastest_frames_per_second": round(
            design.frames_per_second(min(board.max_clock_mhz, design.fmax_mhz))
        ),
        "told_before": {mhz: round(1e6 * mhz / cycles) for mhz in (100, board.max_clock_mhz)},
        "fmax_mhz_before": routed_before and round(scale * routed_before, 1),
        "frames_per_second_before": believed and round(1e6 * believed / cycles),
        "fastest_frames_per_second_before": routed_before
        and round(1e6 * min(board.max_clock_mhz, scale * routed_before) / cycles),
        "scaled_by": speed_of(board.part).source,
    }


if __name__ == "__main__":
    for name, place in small_designs(ROOT / "build" / "speed"):
        print(compared(name, place, clocks(place, "net", 1)))
