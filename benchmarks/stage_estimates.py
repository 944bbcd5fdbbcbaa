"""Estimates of single stages beside Yosys: the sizes that the formulas were fitted to.

    python benchmarks/stage_estimates.py

writes benchmarks/results/stage_estimates.json and a table in docs/results.md. On idle cores some
twenty minutes; what was built is kept. Whole designs are judged by benchmarks/estimates.py.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from common import versions, write
from map_grid import maps
from single_stages import measured, sources
from stage_grid import (
    alone,
    contractions,
    depthwise,
    parallel_windows,
    plumbing,
    resizes,
    tables,
    windows,
)

from qfx.hardware import Stage
from qfx.hardware.fabric import SEVEN_SERIES, ULTRASCALE
from qfx.synthesis.yosys.family import FAMILIES, Family

FABRICS = {"xcup": ULTRASCALE, "xc7": SEVEN_SERIES}
OTHER = 3  # of the stages, one in so many is built for the older family too
SMALL = 50  # LUTs, below which a stage's own error is not told


def main() -> bool:
    """Whether block RAMs and DSP slices are those of Yosys."""
    new, old = (next(f for f in FAMILIES if f.name == name) for name in FABRICS)
    grid = [
        *contractions(),
        *depthwise(),
        *maps(),
        *windows(),
        *parallel_windows(),
        *resizes(),
        *plumbing(),
        *tables(),
    ]
    jobs = [(*each, new) for each in grid] + [(*each, old) for each in grid[::OTHER]]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        stages = list(pool.map(lambda job: _built(*job), jobs))
    record = {
        "stages": stages,
        "command": "python benchmarks/stage_estimates.py",
        "versions": versions(),
    }
    write("stage_estimates", record, _table(stages))
    return all(_exact(stage) for stage in stages)


def _built(words: str, stage: Stage, family: Family) -> dict:
    found = measured(sources(alone(stage), stage), family)
    guess = stage.estimate(FABRICS[family.name])
    print(f"{stage.kind} {words}: {found.luts} LUT, {guess.luts} estimated", flush=True)
    return {
        "kind": stage.kind,
        "stage": words,
        "family": family.name,
        "yosys": found.model_dump(),
        "estimate": guess.model_dump(),
    }


def _exact(stage: dict) -> bool:
    return all(stage["yosys"][key] == stage["estimate"][key] for key in ("dsps", "bram_18k"))


def _error(stages: list[dict], key: str) -> float:
    found = sum(stage["yosys"][key] for stage in stages)
    return sum(stage["estimate"][key] for stage in stages) / max(1, found) - 1


def _table(stages: list[dict]) -> list[str]:
    lines = [
        "| kind | stages | LUT in all | FF in all | LUT of a stage: median, worst |"
        " not exact in DSP, BRAM18 |",
        "|---|---|---|---|---|---|",
    ]
    for kind in dict.fromkeys(stage["kind"] for stage in stages):
        some = [stage for stage in stages if stage["kind"] == kind]
        errors = [abs(_error([s], "luts")) for s in some if s["yosys"]["luts"] >= SMALL]
        cells = [
            kind,
            str(len(some)),
            *(f"{_error(some, key):+.1%}" for key in ("luts", "flip_flops")),
            f"{median(errors):.0%}, {max(errors):.0%}" if errors else "all are small",
            str(sum(not _exact(stage) for stage in some)),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, "", f"Of single stages only those of {SMALL} LUTs or more; worst either way."]


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
