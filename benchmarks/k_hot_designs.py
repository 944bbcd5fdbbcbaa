"""The designs of benchmarks/k_hot.py: folded to one goal, built by Yosys, simulated."""

from pathlib import Path

import numpy as np
from runs import kept

import qfx
from qfx.project.folder import Project

GOALS = {"digits": 80, "fashion_mnist": 7056}  # cycles a frame, at most
SIMULATED = 200  # images
SIMULATORS = ("golden", "csim", "rtl")


def design(name: str, graph: Path, multipliers: str, images: np.ndarray) -> dict:
    """What one trained net takes as hardware with these multipliers."""
    path = graph.with_name(f"{graph.stem}_{multipliers}.json")
    return kept(path, lambda: _measured(name, graph, multipliers, images))


def _measured(name: str, graph: Path, multipliers: str, images: np.ndarray) -> dict:
    project = qfx.export(
        qfx.load(graph),
        graph.with_name(f"{graph.stem}_{multipliers}"),
        goal_ii=GOALS[name],
        multipliers=multipliers,
        samples=images[:SIMULATED],
    )
    found = qfx.synth(project)
    record = {
        "luts": found.resources.luts,
        "flip_flops": found.resources.flip_flops,
        "dsps": found.resources.dsps,
        "bram_18k": found.resources.bram_18k,
        "products_left": sum(found.multiplications.products.values()),
        "estimate": dict(project.manifest.prediction.estimate),
        "cycles": project.manifest.prediction.initiation_interval,
        "cycles_measured": None,
        "mismatches": None,
        "rom_bits": rom_bits(project),
        "tool": found.tool,
    }
    if multipliers != "none":
        return record
    result = qfx.cosim(project, SIMULATORS)
    mismatches = {row.simulator: row.mismatches for row in result.rows}
    return record | {
        "cycles_measured": result.cycles_measured,
        "mismatches": mismatches,
        "samples": result.rows[0].samples,
    }


def rom_bits(project: Project) -> int:
    """Of all constants of products, as the hardware holds them."""
    return sum(stage.products.rom_bits for stage in project.manifest.stages if stage.products)
