"""Fits the wires of estimated paths to stages that were routed, and judges whole designs.

    python benchmarks/clock_stages.py     # routes stages
    python benchmarks/clock_fit.py        # says what fits them

prints the two constants of qfx/hardware/paths.py that fit best and how far off each stage is then.
"""

import json
from statistics import median

import numpy as np
from clock_stages import chosen
from common import ROOT
from scipy.optimize import least_squares

from qfx.hardware import Stage


def main() -> None:
    record = json.loads((ROOT / "benchmarks" / "results" / "clock_stages.json").read_text())
    routed = {row["stage"]: 1000 / row["fmax_mhz"] for row in record["stages"]}
    stages = {name: stage for name, stage in chosen(1) if name in routed}
    ns = np.array([routed[name] for name in stages])

    def errors(constants: np.ndarray) -> np.ndarray:
        return np.log([estimated(stage, *constants) for stage in stages.values()]) - np.log(ns)

    wire, spread = least_squares(errors, (0.7, 0.1), loss="soft_l1").x
    print(f"_WIRE = {wire:.2f}\n_SPREAD = {spread:.3f}")
    found = {name: estimated(stage, wire, spread) for name, stage in stages.items()}
    for name in stages:
        row = next(row for row in record["stages"] if row["stage"] == name)
        path = row["path"]
        print(
            f"{100 * (found[name] / routed[name] - 1):+4.0f} % {routed[name]:6.2f} ns"
            f" {path['levels']} levels {path['starts']} to {path['ends']}: {name}",
        )
    off = [abs(found[name] / routed[name] - 1) for name in stages]
    print(f"{len(off)} stages, median {median(off):.0%}, worst {max(off):.0%}")


def estimated(stage: Stage, wire: float, spread: float) -> float:
    """The longest path of a stage, with these constants."""
    taken = stage.estimate()
    cells = taken.luts + taken.flip_flops
    return max(path.ns(cells, wire, spread) for path in stage.paths)


if __name__ == "__main__":
    main()
