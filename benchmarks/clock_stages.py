"""Clocks of single stages on a Lattice ECP5, by nextpnr: what estimates of clocks are fitted to.

    python benchmarks/clock_stages.py [--every 2] [--jobs 2]

writes benchmarks/results/clock_stages.json; what was routed is kept, so that it goes on where it
was interrupted. benchmarks/clock_fit.py fits the estimate to it.
"""

import argparse
from collections.abc import Iterator, Mapping

from common import ROOT, readable, versions
from map_grid import maps
from single_stages import LIBRARY, sources
from stage_grid import alone, contractions, plumbing, resizes, tables, windows

from qfx.hardware import Stage
from qfx.synthesis.nextpnr.family import ECP5
from qfx.synthesis.nextpnr.meter import Build, Meter
from qfx.synthesis.nextpnr.scripts import netlist
from qfx.synthesis.yosys import scripts

GRIDS = (contractions, maps, windows, resizes, plumbing, tables)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=2, help="one stage in so many of each kind")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--seeds", type=int, default=1)
    asked = parser.parse_args()
    meter = Meter(
        ECP5, ECP5.device(""), "a stage", asked.jobs, lambda *step: print(*step, flush=True)
    )
    stages = dict(chosen(asked.every))
    found, _ = meter.measure({name: build(stage) for name, stage in stages.items()}, asked.seeds)
    rows = []
    for name, routed in found.items():
        stage, slowest = stages[name], routed.slowest
        if slowest is None:
            continue
        rows.append(
            {
                "kind": stage.kind,
                "stage": name,
                "fmax_mhz": routed.fmax_mhz,
                "cells": routed.cells,
                "path": slowest.path.model_dump(),
            }
        )
    record = {"stages": rows, "device": meter.device.name, "tool": meter.tool}
    record |= {"command": "python benchmarks/clock_stages.py", "versions": versions()}
    (ROOT / "benchmarks" / "results" / "clock_stages.json").write_text(readable(record) + "\n")


def chosen(every: int) -> Iterator[tuple[str, Stage]]:
    """One in so many of each kind, by words that tell them apart."""
    met: dict[str, int] = {}
    for grid in GRIDS:
        for words, stage in grid():
            met[stage.kind] = met.get(stage.kind, -1) + 1
            if met[stage.kind] % every == 0:
                yield f"{stage.kind} {words}", stage


def build(stage: Stage) -> Build:
    """A stage as nextpnr is given it: alone, between registers."""
    texts: Mapping[str, str] = {f"{n}.sv": t for n, t in sources(alone(stage), stage).items()}
    library = {file.name: file.read_text() for file in sorted(LIBRARY.glob("*.sv"))}
    files = {**library, **texts}
    read = [*scripts.read_sources(scripts.MODULE, list(files))]
    script = netlist(ECP5, scripts.MODULE, read)
    return Build(scripts.MODULE, script, files, ("aclk", "rst"), lambda name: "stage")


if __name__ == "__main__":
    main()
