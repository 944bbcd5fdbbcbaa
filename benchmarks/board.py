"""The way to a board, as far as it goes without one: Tcl checked, the IP soaked, its driver run.

    python benchmarks/board.py

writes benchmarks/results/board.json and a table in docs/results.md. Of the digits MLP, the
Fashion-MNIST CNN and ResNet-8: for every board with processors the scripts for Vivado, against
AMD's guides and the generated Verilog; then for the Ultra96 paths through the IP's ports, frames
through the Verilated IP, stalls and resets on every channel, and the folder's own driver against
the golden model. What was measured is kept in build/board, so an interrupted run goes on.
"""

import runpy
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
import torch
from common import ROOT, versions, write
from runs import kept

import qfx
from qfx import boards
from qfx.ir import Graph
from qfx.project.folder import Project
from qfx.simulation.board.driver import predict_mismatches
from qfx.simulation.board.soak import soak
from qfx.synthesis import paths_through_ports
from qfx.synthesis.vivado_check import check

KEPT = ROOT / "build" / "board"
BOARD = "ultra96"
BOARDS = [name for name in boards.names() if boards.load(name).processing_system]
SEED = 0


@dataclass(frozen=True)
class Case:
    """A design.

    Args:
        name: of it.
        graph: makes it.
        goal_ii: cycles a frame, at most.
        soaked: frames through the IP.
        predicted: frames that the driver is given.
    """

    name: str
    graph: Callable[[], Graph]
    goal_ii: int
    soaked: int
    predicted: int


@cache
def _digits() -> Graph:
    example = runpy.run_path(str(ROOT / "examples" / "01_digits.py"))
    training, validation, _ = example["digits"]()
    torch.manual_seed(SEED)
    net, noisy = example["model"](), example["with_noise"](training)
    qfx.train(net, noisy, validation, epochs=30, batch_size=64, learning_rate=5e-3, seed=SEED)
    return qfx.lower(net, (1, 8, 8), "digits")


def _trained(name: str) -> Callable[[], Graph]:
    return lambda: qfx.load(ROOT / "examples" / f"{name}.qfx")


CASES = (
    Case("digits", _digits, 100, 10_000, 360),
    Case("fashion_mnist", _trained("02_fashion_mnist"), 7_056, 10_000, 100),
    Case("resnet8_cifar10", _trained("04_resnet8_cifar10"), 40_000, 10_000, 100),
)


def main() -> bool:
    """Whether nothing was found wrong."""
    designs = [_measured(case) for case in CASES]
    record = {
        "designs": designs,
        "seed": SEED,
        "command": "python benchmarks/board.py",
        "versions": versions(),
    }
    write("board", record, _table(designs))
    return all(_clean(design) for design in designs)


def _measured(case: Case) -> dict:
    parts = {"checked": _checked, "driven": _driven, "soaked": _soaked}
    checked, driven, soaked = (
        kept(KEPT / f"{case.name}_{part}.json", lambda find=find: find(case))
        for part, find in parts.items()
    )
    return {
        "name": case.name,
        "board": BOARD,
        "tcl_commands_checked": checked["commands"][BOARD],
        "tcl_commands_by_board": checked["commands"],
        "tcl_problems": checked["problems"],
        "paths_through_ports": checked["paths"],
        "axi_violations": soaked["violations"],
        "frames_soaked": soaked["frames"],
        "soak": soaked,
        **driven,
    }


def _checked(case: Case) -> dict:
    found = {name: check(_exported(case, name)) for name in BOARDS}
    return {
        "commands": {name: checked.commands for name, checked in found.items()},
        "problems": [problem for checked in found.values() for problem in checked.problems],
        "paths": [str(path) for path in paths_through_ports(_exported(case, BOARD))],
    }


def _driven(case: Case) -> dict:
    project = _exported(case, BOARD)
    port = project.graph().inputs[0]
    dtype, shape = port.cast.dtype, (case.predicted, *port.shape)
    rng = np.random.default_rng(SEED)
    samples = rng.integers(dtype.min_int, dtype.max_int, shape, endpoint=True) * dtype.lsb
    return {
        "predict_mismatches": predict_mismatches(project, samples),
        "frames_predicted": case.predicted,
        "cycles_predicted": project.manifest.prediction.initiation_interval,
    }


def _soaked(case: Case) -> dict:
    return asdict(soak(_exported(case, BOARD), case.soaked, SEED))


@cache
def _exported(case: Case, board: str) -> Project:
    folder = ROOT / "build" / f"{case.name}_for_{board}"
    return qfx.export(case.graph(), folder, board=board, goal_ii=case.goal_ii)


def _clean(design: dict) -> bool:
    wrong = ("axi_violations", "predict_mismatches", "tcl_problems", "paths_through_ports")
    soak_wrong = ("mismatches", "miscounted")
    return not any(design[key] for key in wrong) and not any(
        design["soak"][key] for key in soak_wrong
    )


def _table(designs: list[dict]) -> list[str]:
    lines = [
        "| design | Tcl commands checked, on each board | frames soaked | cycles | resets by pin,"
        " by register | AXI violations | wrong frames, registers | frames by the driver | wrong |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for design in designs:
        soaked = design["soak"]
        cells = [
            f"{design['name']}, {design['cycles_predicted']:,} cycles a frame",
            ", ".join(f"{n} {count}" for n, count in design["tcl_commands_by_board"].items()),
            f"{design['frames_soaked']:,}",
            f"{soaked['cycles']:,}",
            f"{soaked['resets']:,}, {soaked['soft_resets']:,}",
            str(design["axi_violations"]),
            f"{soaked['mismatches']}, {soaked['miscounted']}",
            f"{design['frames_predicted']:,}",
            str(design["predict_mismatches"]),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
