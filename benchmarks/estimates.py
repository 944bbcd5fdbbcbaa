"""Estimates beside Yosys: resources of whole designs that the formulas were not fitted to.

    python benchmarks/estimates.py [--only NAME ...]

writes benchmarks/results/estimates.json and a table in docs/results.md. Of ResNet-8: the fastest
design that the budget of each board allows, and four goals; then smaller nets. Each is simulated,
too, on random samples: C++, and RTL without stalls, with stalls and after resets in mid-frame. What
was measured is kept in build/estimates, so an interrupted run goes on; --only measures some designs
and writes those that are kept.
"""

import argparse
import json
import sys
from dataclasses import dataclass

import numpy as np
from branching_nets import NETS, graph
from common import ROOT, versions, write
from runs import kept

import qfx
from qfx.report.terminal import run_cosim

KEPT = ROOT / "build" / "estimates"
FRAMES = 100
SIMULATORS = ("golden", "csim", "rtl", "rtl-stalled", "rtl-reset")


@dataclass(frozen=True)
class Case:
    """A design.

    Args:
        net: of branching_nets, or "fashion_mnist", whose stages the formulas were looked at with.
        board: of boards/.
        goal: cycles a frame; None for the fastest in budget.
    """

    net: str
    board: str
    goal: int | None

    @property
    def name(self) -> str:
        return f"{self.net}_{self.board}_{self.goal or 'fastest'}"

    @property
    def role(self) -> str:
        return "calibration" if self.net == "fashion_mnist" else "held_out"


BOARDS = ("ultra96", "pynq_z2")
CASES = tuple(
    Case(net, board, goal)
    for net, goals in (
        ("resnet8_cifar10", (250_000, 150_000, 75_000, 40_000, None)),
        ("fashion_mnist", (60_000, 7_056)),
        *((net, (20_000 if net != "ds_cnn" else 80_000,)) for net in NETS[1:]),
    )
    for goal in goals
    for board in BOARDS
)


def main() -> bool:
    """Whether the simulators agree, and estimates of designs that are held out are near enough."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+", default=[case.name for case in CASES])
    only = parser.parse_args().only
    for case in CASES:
        if case.name in only:
            kept(KEPT / f"{case.name}.json", lambda case=case: _measured(case))
    paths = [KEPT / f"{case.name}.json" for case in CASES]
    designs = [json.loads(path.read_text()) for path in paths if path.exists()]
    record = {
        "designs": designs,
        "not_measured": [case.name for case in CASES if not (KEPT / f"{case.name}.json").exists()],
        "seed": 0,
        "command": "python benchmarks/estimates.py",
        "versions": versions(),
    }
    write("estimates", record, _table(record))
    equal = all(design["equal"] for design in designs)
    return equal and all(_near(design) for design in designs if design["role"] == "held_out")


def _measured(case: Case) -> dict:
    net = _fashion_mnist() if case.net == "fashion_mnist" else graph(case.net)
    folder = ROOT / "build" / case.name
    project = qfx.export(
        net, folder, board=case.board, goal_ii=case.goal, samples=_random(net.inputs[0])
    )
    simulated = run_cosim(project, SIMULATORS, samples=FRAMES)
    predicted = project.manifest.prediction
    built = qfx.synth(project, lambda step, done, of: print(f"{done}/{of} {step}", flush=True))
    return {
        "name": case.name,
        "board": case.board,
        "role": case.role,
        "goal_cycles": case.goal,
        "cycles_predicted": predicted.initiation_interval,
        "cycles_measured": simulated.cycles_measured,
        "mismatches": sum(row.mismatches or 0 for row in simulated.rows),
        "equal": simulated.equal,
        "frames": FRAMES,
        "estimated": predicted.estimate.model_dump(),
        "yosys": built.resources.model_dump(),
        "seconds": round(built.seconds),
    }


def _random(port: qfx.ir.Input) -> np.ndarray:
    dtype = port.cast.dtype
    shape = (FRAMES, *port.value.type.shape)
    integers = np.random.default_rng(0).integers(dtype.min_int, dtype.max_int, shape, endpoint=True)
    return integers * dtype.lsb


def _fashion_mnist() -> qfx.ir.Graph:
    return qfx.load(ROOT / "examples" / "02_fashion_mnist.qfx")


def _error(design: dict) -> float:
    return design["estimated"]["luts"] / design["yosys"]["luts"] - 1


def _near(design: dict) -> bool:
    exact = all(design["estimated"][k] == design["yosys"][k] for k in ("dsps", "bram_18k"))
    return exact and abs(_error(design)) <= 0.15


def _table(record: dict) -> list[str]:
    lines = [
        "| design | role | cycles predicted / measured | mismatches | LUT estimate / Yosys |"
        " off by | DSP | BRAM18 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for design in record["designs"]:
        guess, found = design["estimated"], design["yosys"]
        cells = [
            design["name"].replace("_", " "),
            design["role"].replace("_", " "),
            f"{design['cycles_predicted']:,} / {design['cycles_measured']:,.0f}",
            str(design["mismatches"]),
            f"{guess['luts']:,} / {found['luts']:,}",
            f"{100 * _error(design):+.1f} %",
            *(
                f"{guess[key]} / {found[key]}" if guess[key] != found[key] else str(found[key])
                for key in ("dsps", "bram_18k")
            ),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    missing = ", ".join(record["not_measured"])
    return [*lines, *(["", f"Not measured yet: {missing}."] if missing else [])]


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
