"""Time and memory of what grows with a net, now and at an earlier commit, in pairs.

    python benchmarks/scale.py --before eef4efd

writes benchmarks/results/scale.json and a table in docs/results.md.  The earlier commit is checked
out into a folder of its own; each step runs in a process of its own, before and now one after the
other.  An interrupted run goes on where it was: what was measured is kept in build/scale/, by
commit.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from checkouts import checkout, named, now
from common import ROOT, versions, write
from runs import BUILD, kept
from scale_nets import graph
from scale_steps import CSIM_SAMPLES, GRAPHS, PREPARED, SEED, STEPS

import qfx

FOLDER = BUILD / "scale"
PAIRS = {("digits", "export"): 3, ("resnet8", "csim"): 3}  # of what is short; else one
# What takes too long, or more memory than there is, before.
NEVER = {
    ("resnet18", "stimuli"): "about 9 hours, computed",
    ("dense_1m", "rtl_build"): "about 9 GB, computed",
}
NAMES = {
    "unet": "U-Net, 64 x 64, 8 channels",
    "wide_unet": "U-Net, 64 x 64, 32 channels",
    "digits": "MLP of the demo",
    "resnet18": "ResNet-18",
    "resnet8": "ResNet-8",
    "dense_401k": "Linear(784, 512)",
    "dense_1m": "Linear(1024, 1024), on a ZCU104",
}
WHAT = {
    "export": "export from torch",
    "schedule": "schedule at 38 million cycles a frame",
    "refuse": "refuse for a ZCU104",
    "stimuli": "choose stimuli",
    "csim": f"csim of {CSIM_SAMPLES} samples",
    "rtl_build": "build the RTL simulation",
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--before", default="eef4efd", help="a commit")
    parser.add_argument("--most", type=int, default=3600, help="CPU seconds of a step, at most")
    parser.add_argument(
        "--kept",
        action="store_true",
        help="measure nothing: write what there is, null for the rest",
    )
    parser.add_argument("--only", nargs="*", default=[], help="NET:STEP, to measure no others")
    given = parser.parse_args()
    commit = named(given.before)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in GRAPHS:
        if not (FOLDER / f"{name}.qfx").exists():
            qfx.save(graph(name, SEED), FOLDER / f"{name}.qfx")
    with checkout(commit, FOLDER) as before:
        rows = [
            _row(net, step, {commit: before, now: ROOT}, given.most, given.kept)
            for net, step in STEPS
            if not given.only or f"{net}:{step}" in given.only
        ]
    if given.only:
        return
    record = {
        "rows": rows,
        "unit": "CPU seconds, user and system, of the process and its children; MB of the largest",
        "runs": "before and now, one after the other; medians of so many",
        "null": {f"{net}, {step}": why for (net, step), why in NEVER.items()}
        | {"others": "not measured here, or stopped after before_at_least_seconds"},
        "seed": SEED,
        "before": commit,
        "now": now(),
        "command": f"python benchmarks/scale.py --before {commit}",
        "versions": versions(),
    }
    write("scale", record, _table(rows, commit))


def _row(
    net: str, step: str, checkouts: dict[str, Path], most: int, kept_only: bool
) -> dict[str, Any]:
    found: list[list[dict[str, Any]]] = [[], []]
    for pair in range(PAIRS.get((net, step), 1)):
        for runs, (commit, root) in zip(found, checkouts.items(), strict=True):
            path = FOLDER / f"{net}_{step}_{commit}_{pair}.json"
            never = root != ROOT and (net, step) in NEVER
            if not never and (path.exists() or not kept_only):
                runs.append(kept(path, lambda root=root: _measured(net, step, root, most)))
    stopped = [run["stopped_after"] for run in found[0] if run["seconds"] is None]
    (seconds, peak), (before_seconds, before_peak) = map(_middle, reversed(found))
    return {
        "net": net,
        "step": step,
        "before_seconds": before_seconds,
        "seconds": seconds,
        "before_peak_mb": before_peak,
        "peak_mb": peak,
        "runs": [len(found[0]), len(found[1])],
    } | ({"before_at_least_seconds": max(stopped)} if stopped else {})


def _middle(runs: list[dict[str, Any]]) -> tuple[float | None, int | None]:
    """The medians; None where nothing ran."""
    runs = [run for run in runs if run["seconds"] is not None]
    if not runs:
        return None, None
    return median(r["seconds"] for r in runs), int(median(r["peak_mb"] for r in runs))


def _measured(net: str, step: str, root: Path, most: int) -> dict[str, Any]:
    """What a step prints; where it was stopped, the CPU seconds that it had taken."""
    script = ROOT / "benchmarks" / "scale_steps.py"
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        own = {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1", "QFX_CACHE": f"{folder}/cache"}
        command = [sys.executable, str(script), net, step, folder]
        if (net, step) in PREPARED:
            subprocess.run([*command, "--prepare"], env=os.environ | own, check=True)
        before = _children()
        done = subprocess.run(
            command,
            env=os.environ | own, capture_output=True, text=True, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (most, most)),
        )  # fmt: skip
        taken = _children() - before
    if done.returncode < 0:
        return {"seconds": None, "peak_mb": None, "stopped_after": round(taken)}
    if done.returncode:
        sys.exit(f"{net}, {step} at {root}: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _table(rows: list[dict[str, Any]], commit: str) -> list[str]:
    def shown(value: float | None, digits: int) -> str:
        return "" if value is None else f"{value:,.{digits}f}"

    lines = [
        f"CPU seconds, user and system, of a process and its children, and the peak memory of the"
        f" largest of them, at {commit} and now, on a shared machine of two cores. Empty: not run;"
        " the stimuli of the ResNet-18 took about 9 hours, the larger build 9 GB, both computed.",
        "",
        "| net | step | before, s | now, s | times | before, MB | now, MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        before, now = row["before_seconds"], row["seconds"]
        least = row.get("before_at_least_seconds")
        times = f"{before / now:.1f}" if before and now else ""
        if least and now:
            times = f"over {least / now:.0f}"
        said = f"over {least:,}, stopped" if least else shown(before, 1)
        cells = (
            NAMES[row["net"]], WHAT[row["step"]], said, shown(now, 1), times,
            shown(row["before_peak_mb"], 0), shown(row["peak_mb"], 0),
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    main()
