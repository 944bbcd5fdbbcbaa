"""Cycles a frame by the depths of queues, measured in the RTL: one build serves every choice."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qfx.disk import nearby
from qfx.ir.several import chosen, each_of
from qfx.project import Project, ProjectError
from qfx.simulation.outcome import SimulationError
from qfx.simulation.rtl.batch import DEADLOCK, Batch, Library
from qfx.simulation.rtl.build import Variant, build
from qfx.simulation.rtl.verilator import checked, stuck

DEEPEST = 8  # times the depth as designed: what the queues of this build have places for


@dataclass(frozen=True)
class Throughput:
    """How a design ran with some depths.

    Args:
        cycles_per_frame: between the last output beats of the second frame and the last one; None
            with stalls, which say nothing of speed, and in a deadlock.
        deadlock: which stages wait for which; empty when all frames came out.
    """

    cycles_per_frame: float | None
    deadlock: str = ""


def measure(
    project: Project,
    depths: Mapping[str, int] | None = None,
    *,
    frames: int = 4,
    stall_percent: int = 0,
    seed: int = 1,
) -> Throughput:
    """Run some frames of the recorded stimuli, back to back, with these depths of queues.

    Args:
        project: whose verilog/src is simulated.
        depths: beats that queues hold, by stage; the others are as designed.
        frames: of the stimuli, from the first on, and again where they do not suffice; at least 4.
        stall_percent: of cycles on which the source, and independently the sink, pauses.
        seed: of the stalls.

    Raises:
        ProjectError: no such queue, or one deeper than this build has places for.
        SimulationError: an integer that is not golden, or a broken AXI4-Stream rule.
        ToolMissing, ToolFailed: Verilator or g++.
    """
    if frames < 4:
        raise ProjectError(f"frames must be 4 or more, to fill the pipeline, not {frames}")
    options = _options(project, depths or {})
    indices = np.arange(frames) % len(project.batches("stimuli")[0])
    batch = Batch(project, chosen(project.vectors("stimuli"), indices), stall_percent, seed)
    library = Library(ctypes.CDLL(str(build(project, Variant(depths_given=True)))))
    with library.model(*options) as model:
        verdict = library.run(model, batch)
        if verdict == DEADLOCK:
            return Throughput(None, stuck(project, batch, library.handshakes(model), depths))
    checked(project, batch, verdict)
    pairs = zip(each_of(batch.integers()), project.batches("golden"), strict=True)
    if not all(np.array_equal(found, golden[indices]) for found, golden in pairs):
        raise SimulationError(f"RTL of {project.manifest.name}: an output is not golden")
    return Throughput(None if stall_percent else batch.cycles_per_frame())


def _options(project: Project, depths: Mapping[str, int]) -> list[str]:
    """What tells each queue its depth, by qfx_fifo.sv."""
    stages = project.manifest.stages
    designed = {s.name: s.queue_depth for s in stages if s.queue_depth is not None}
    for name, depth in depths.items():
        if name not in designed:
            raise ProjectError(f"{name} is no queue of the design: there are {', '.join(designed)}")
        if not 1 <= depth <= DEEPEST * designed[name]:
            raise ProjectError(
                f"{name} is measured with 1 to {DEEPEST * designed[name]:,} beats, not {depth:,}"
            )
    if "QFX_PROOF" not in (project.path / "verilog" / "src" / "qfx_fifo.sv").read_text():
        raise ProjectError(f"{nearby(project.path)}: its queues take no other depths: export again")
    top = project.manifest.name
    return [f"+{top}.u_{name}={depth}" for name, depth in depths.items()]
