"""How fast designs are, before a change and now: cycles a frame, the clock they route at, what the
estimate of that clock says, and frames/s of the committed examples.

    python benchmarks/speed.py --before d090080

writes benchmarks/results/speed.json and a table in docs/results.md. Each design is made of the same
graph by the qfx of either commit in a process of its own, simulated (golden, C++, RTL with and
without stalls) and built by Yosys. An interrupted run goes on where it was: what was measured is
kept in build/speed/, by commit.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkouts import checkout, named, now
from common import ROOT, versions, write
from runs import BUILD, kept
from speed_clocks import SEEDS, clocks, fabric
from speed_estimates import GOALS, compared, example, small_designs
from speed_nets import SEED, graph
from speed_tables import TITLES, deepest, table

import qfx

FOLDER = BUILD / "speed"


@dataclass(frozen=True)
class Case:
    """A design, before and now.

    Args:
        net: of speed_nets.
        board: of boards/.
        before: cycles a frame at most; None for the fastest within the budget.
        now: the same, now; what is out of reach becomes the fastest.
    """

    net: str
    board: str
    before: int | None
    now: int | None

    @property
    def name(self) -> str:
        return f"{self.net}_{self.board}_{self.before or 'fastest'}"


FASTER = (  # the fastest before, the goal now
    Case("mobilenet", "ultra96", None, 20_736),
    Case("ds_cnn", "ultra96", None, 3_150),
    Case("resnet8_cifar10", "ultra96", None, 12_288),
    Case("fashion_mnist", "zcu104", None, 784),
)
UNCHANGED = tuple(
    Case(net, "ultra96", goal, goal)
    for net, goals in (
        ("digits", (100,)),
        ("fashion_mnist", (56_448, 7_056)),
        ("nested_residual", (20_000,)),
        ("resnet8_cifar10", (250_000, 40_000)),
        ("ds_cnn", (80_000,)),
    )
    for goal in goals
)
CLOCKED = tuple(  # what fits an ECP5
    case
    for case in UNCHANGED
    if case.name
    in ("digits_ultra96_100", "fashion_mnist_ultra96_56448", "nested_residual_ultra96_20000")
)
ROUTED = {  # of the examples' designs before, those that are routed
    case.net: case
    for case in UNCHANGED
    if case.name in ("digits_ultra96_100", "fashion_mnist_ultra96_7056")
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--before", required=True, help="a commit")
    parser.add_argument("--only", nargs="*", default=[], help="names of designs, to measure alone")
    parser.add_argument("--side", choices=("before", "now"), help="measure only that side")
    given = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    commits = {"before": named(given.before), "now": now()}
    with checkout(commits["before"], FOLDER) as before:
        roots = {"before": before, "now": ROOT}
        rows = {
            case: {
                side: _design(case, side, commits[side], root)
                for side, root in roots.items()
                if given.side in (None, side)
            }
            for case in (*FASTER, *UNCHANGED)
            if not given.only or case.name in given.only
        }
    if given.only or given.side:
        return
    record = {
        "cycles": [_cycles(case, sides) for case, sides in rows.items()],
        "clocks": [_clocks(case, commits) for case in CLOCKED],
        "fmax_estimates": _estimates(commits["now"]),
        "frames": [_frames(net, commits["before"]) for net in GOALS],
        "fabric": kept(FOLDER / f"fabric_{SEEDS}.json", fabric),
        "seed": SEED,
        "before": commits["before"],
        "now": commits["now"],
        "command": f"python benchmarks/speed.py --before {commits['before']}",
        "versions": versions(),
    }
    write("speed", record, table(record))


def _design(case: Case, side: str, commit: str, root: Path) -> dict[str, Any]:
    place, goal = _place(case, side, commit), str(getattr(case, side) or "fastest")
    return kept(place.with_suffix(".json"), lambda: _measured(case, goal, root, place))


def _kept(case: Case, side: str, commit: str) -> dict[str, Any]:
    """What `_design` gave."""
    found: dict[str, Any] = json.loads(_place(case, side, commit).with_suffix(".json").read_text())
    return found


def _place(case: Case, side: str, commit: str) -> Path:
    goal = getattr(case, side) or "fastest"
    return FOLDER / f"{case.net}_{case.board}_{goal}_{commit}"


def _measured(case: Case, goal: str, root: Path, place: Path) -> dict[str, Any]:
    net = FOLDER / f"{case.net}.qfx"
    if not net.exists():
        qfx.save(graph(case.net), net)
    script = ROOT / "benchmarks" / "speed_design.py"
    command = [sys.executable, str(script), str(net), case.board, goal, str(place)]
    own = {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, env=os.environ | own, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{case.name} at {root}: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _cycles(case: Case, sides: dict[str, dict[str, Any]]) -> dict[str, Any]:
    before, found = sides["before"], sides["now"]
    return {
        "net": case.net,
        "board": case.board,
        "goal": case.now,
        "before": before["predicted"],
        "now": found["predicted"],
        "luts_before": before["yosys"]["luts"],
        "luts_now": found["yosys"]["luts"],
        "predicted": found["predicted"],
        "measured": found["measured"],
        "mismatches": before["mismatches"] + found["mismatches"],
        "equal": before["equal"] and found["equal"],
        "over_budget": found["over_budget"],
        "refused": found["refused"],
        "bottleneck": found["bottleneck"],
        "latency_before": before["latency_measured"],
        "latency_now": found["latency_measured"],
        "yosys_before": before["yosys"],
        "yosys_now": found["yosys"],
        "estimated_now": found["estimated"],
        "levels_before": before["levels"],
        "levels_now": found["levels"],
    }


def _clocks(case: Case, commits: dict[str, str]) -> dict[str, Any]:
    routed = {side: _routed(case, side, commit) for side, commit in commits.items()}
    designs = {side: _kept(case, side, commit) for side, commit in commits.items()}
    reached = {
        side: {key: each[key] for key in ("median", "seeds")} for side, each in routed.items()
    }
    return {
        "net": case.net,
        "goal": case.now,
        "fmax_mhz": reached["now"],
        "fmax_before_mhz": reached["before"],
        "levels": deepest(designs["now"]["levels"]),
        "levels_before": deepest(designs["before"]["levels"]),
        "slowest": routed["now"]["slowest"],
        "slowest_before": routed["before"]["slowest"],
        "cells": routed["now"]["cells"],
        "cells_before": routed["before"]["cells"],
    }


def _routed(case: Case, side: str, commit: str, seeds: int = SEEDS) -> dict[str, Any]:
    place = _place(case, side, commit)
    return kept(FOLDER / f"{place.name}_{seeds}.json", lambda: clocks(place, case.net, seeds))


def _estimates(now: str) -> list[dict[str, Any]]:
    """Of small designs, one of which gave the estimate its last factor, and of those routed."""
    rows = [
        compared(TITLES[case.net], _place(case, "now", now), _routed(case, "now", now))
        for case in CLOCKED
    ]
    for name, place in small_designs(FOLDER):
        routed = kept(
            place.with_name(f"{place.name}_{now}.json"), lambda at=place: clocks(at, "net")
        )
        rows.append(compared(name, place, routed))
    return rows


def _frames(net: str, before: str) -> dict[str, Any]:
    """Of an example; before, from one seed where that is all there is to say it with."""
    case = ROUTED.get(net)
    return example(net, case and _routed(case, "before", before, seeds=1)["median"])


if __name__ == "__main__":
    main()
