"""Clocks of whole designs, estimated and routed: one gave the estimate's last factor, the others
were held out.

    python benchmarks/clock_designs.py [--seeds 3] [--jobs 2] [--designs 4]

writes benchmarks/results/clocks.json and a table in docs/results.md; what was routed is kept.
"""

import argparse
import sys
from collections.abc import Iterator

from common import ROOT, versions, write
from speed_nets import graph

import qfx
from qfx import boards
from qfx.hardware import clocks, schedule
from qfx.hardware.speeds import speed_of
from qfx.synthesis.nextpnr import whole
from qfx.synthesis.nextpnr.family import ECP5
from qfx.synthesis.nextpnr.meter import Meter

sys.path.append(str(ROOT / "tests"))

from models import small_mlp

PART = "LFE5U-85F-6BG756C"
FITTED = "MLP 16-8-4, dsp"  # the factor of whole designs is its
EXAMPLES = {"digits": 1e6, "fashion_mnist": 1e4, "resnet8_cifar10": 1e3}  # their goals, frames/s


def designs() -> Iterator[tuple[str, object, dict]]:
    """Names, models or graphs, and what is asked of them."""

    def mlp(multipliers: str) -> tuple[str, object, dict]:
        how = {"input_shape": (16,), "goal_ii": 16, "multipliers": multipliers, "name": "net"}
        return f"MLP 16-8-4, {multipliers}", small_mlp(), how

    yield mlp("dsp")
    yield "digits MLP", graph("digits"), {"goal_ii": 100}
    yield "nested residual net", graph("nested_residual"), {"goal_ii": 20_000}
    yield "concat net", graph("concat"), {"goal_ii": 20_000}
    yield mlp("lut")
    yield mlp("none")
    yield "Fashion-MNIST CNN", graph("fashion_mnist"), {"goal_ii": 56_448}


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--designs", type=int, help="so many of them, the quickest to route first")
    asked = parser.parse_args()
    rows = [
        measured(*design, asked.seeds, asked.jobs) for design in list(designs())[: asked.designs]
    ]
    record = {
        "fmax_estimates": rows,
        "examples": [example(name, fps) for name, fps in EXAMPLES.items()],
        "device": ECP5.device(PART).name,
        "command": " ".join(["python benchmarks/clock_designs.py", *sys.argv[1:]]),
        "versions": versions(),
    }
    write("clocks", record, table(record))
    return all(abs(row["off"]) <= 0.15 for row in rows if row["role"] == "held out")


def measured(name: str, model: object, how: dict, seeds: int, jobs: int | None) -> dict:
    """A design, estimated and routed."""
    folder = ROOT / "build" / "clocks" / "".join(c if c.isalnum() else "_" for c in name)
    project = qfx.export(model, folder, drive_casts=0, **how)
    meter = Meter(ECP5, ECP5.device(PART), name, jobs, lambda *step: print(*step, flush=True))
    found, _ = meter.measure({"whole": whole(project, ECP5)}, seeds)
    routed, slowest = found["whole"], found["whole"].slowest
    assert slowest is not None
    stages = project.stages()
    estimated = clocks.fmax_mhz(stages, PART)
    row = {
        "design": name,
        "role": "fitted" if name == FITTED else "held out",
        "estimated": round(estimated, 1),
        "routed": routed.fmax_mhz,
        "off": round(estimated / routed.fmax_mhz - 1, 3),
        "seeds": [route.fmax_mhz for route in routed.routes],
        "LUT4": routed.cells["LUT4"],
        "estimated_in": max(stages, key=lambda stage: stage.path_ns).name,
        "routed_in": ", ".join(slowest.path.stages),
    }
    print(row, flush=True)
    return row


def example(name: str, fps: float) -> dict:
    """A committed example at its goal, for the clock that is believed."""
    board = boards.load("ultra96")
    design = schedule(graph(name), board, goal_fps=fps)
    speed = speed_of(board.part)
    return {
        "example": name,
        "board": board.name,
        "cycles": design.initiation_interval,
        "clock_mhz": design.board.clock_mhz,
        "fmax_mhz_estimate": round(design.fmax_mhz, 1),
        "slowest_path": design.slowest_path,
        "frames_per_second": round(design.frames_per_second(design.believed_mhz)),
        "fastest_frames_per_second": round(
            design.frames_per_second(min(board.max_clock_mhz, design.fmax_mhz))
        ),
        "scaled_by": speed.source,
    }


def table(record: dict) -> list[str]:
    """What docs/results.md shows."""
    count = len(record["fmax_estimates"][0]["seeds"])
    lines = [
        f"Estimated and routed on {record['device']}, out of context,"
        f" {'one seed' if count == 1 else f'the median of {count} seeds'}; the first one gave the"
        " factor between a whole and its slowest stage, before maps had registers; the others were"
        " held out.",
        "",
        "| design | LUT4 | MHz, estimate | MHz, nextpnr | off | longest path: estimate | nextpnr |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in record["fmax_estimates"]:
        lines.append(
            f"| {row['design']} | {row['LUT4']:,} | {row['estimated']:.1f} | {row['routed']:.1f} |"
            f" {row['off']:+.0%} | {row['estimated_in']} | {row['routed_in']} |"
        )
    lines += [
        "",
        "Committed examples at their goals, on the Ultra96, for clocks that are believed (estimate,"
        " scaled); frames/s are the kernel's:",
        "",
        "| example | cycles a frame | MHz asked for | MHz in reach | longest path in | frames/s |"
        " frames/s at the fastest in reach |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in record["examples"]:
        lines.append(
            f"| {row['example']} | {row['cycles']:,} | {row['clock_mhz']:g} |"
            f" {row['fmax_mhz_estimate']:.0f} | {row['slowest_path']} |"
            f" {row['frames_per_second']:,} | {row['fastest_frames_per_second']:,} |"
        )
    return lines


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
