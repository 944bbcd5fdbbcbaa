"""RTL simulation: batches of frames through the Verilated design."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qfx.hardware.port import Words
from qfx.ir.several import Arrays, chosen, each_of, joined
from qfx.project import Project
from qfx.project.testbench import hold_turns
from qfx.simulation.outcome import Outcome, SimulationError
from qfx.simulation.parallel import Workers, each, pieces_of
from qfx.simulation.rtl import deadlock, queues
from qfx.simulation.rtl.batch import DEADLOCK, Batch, Library, Recording
from qfx.simulation.rtl.build import Variant, build
from qfx.simulation.rtl.deadlock import Handshake
from qfx.simulation.rtl.pace import pace

STALL_PERCENT = 30
_HOLDS, _SHORT = 12, 200_000  # at least, of a run that is one piece; its cycles, unstalled
_LONG_HOLDS = 4  # at least, of a run of several pieces
_BROKEN = {  # qfx::Verdict of batch.hpp
    2: "{port}_tvalid fell before its beat was accepted",
    3: "{port}_tdata changed before its beat was accepted",
    4: "{port}_tlast is not on a frame's last beat",
    5: "{port}_tkeep does not mark the bytes that hold elements",
    6: "it was stopped",
}


@dataclass(frozen=True)
class Recorded:
    """What streams carried.

    Args:
        words: by stream (beats, words of 32 bits), the least significant word first.
        stuck: how every stream of the design stands in a deadlock; empty when there was none.
    """

    words: dict[str, Words]
    stuck: dict[str, Handshake]


def simulate(
    project: Project,
    stimuli: Arrays,
    workers: Workers | None = None,
    stall_percent: int = 0,
    seed: int = 1,
    resets: bool = False,
    options: tuple[str, ...] = (),
) -> Outcome:
    """Run a batch through the RTL: in pieces of frames back to back, each after a reset.

    Args:
        project: whose verilog/src is simulated.
        stimuli: (samples, *input shape) integers of the input's dtype; of several inputs a tuple.
        stall_percent: of cycles on which each port pauses, whatever the others do.
        seed: of the stalls, and of the resets.
        workers: how many pieces at a time, and who hears of them.
        resets: whether each piece is begun twice, the first time cut short in mid-frame.
        options: plusargs for the design, as "+name=1".

    Raises:
        ToolMissing, ToolFailed: Verilator or g++.
        SimulationError: a deadlock, a broken AXI4-Stream rule, or a queue of another depth than
            designed, named.
    """
    workers = workers or Workers()
    count = len(each_of(stimuli)[0])
    whole = _held_as_one(project, count, stall_percent, resets)
    pieces = [slice(None)] if whole else pieces_of(count)
    cuts = _cuts(project, len(pieces), seed) if resets else [0] * len(pieces)
    turns = hold_turns(len(project.manifest.inputs), len(project.manifest.outputs))
    batches = [
        Batch(
            project, chosen(stimuli, piece), stall_percent, seed + n, cuts[n], n % 2 == 1,
            *(holds_of(turns, len(pieces), n) if stall_percent and not resets else (0, 0)),
        )
        for n, piece in enumerate(pieces)
    ]  # fmt: skip
    library = Library(ctypes.CDLL(str(build(project))))

    def run(batch: Batch) -> None:
        with library.model(*options) as model:
            run_batch(project, library, model, batch)

    def stop() -> None:
        for batch in batches:
            batch.stop()

    workers.told(0)
    started = time.perf_counter()
    each(
        lambda number: run(batches[number]), len(pieces), workers.count, stop,
        lambda: workers.told(sum(batch.done for batch in batches)),
    )  # fmt: skip
    seconds = time.perf_counter() - started
    queues.check_rtl(project)
    integers = joined(batch.integers() for batch in batches)
    if stall_percent or resets:
        return Outcome(integers, seconds)
    latency = batches[0].latency_cycles()
    paced = pace(project, run, stimuli, batches[0])
    return Outcome(integers, seconds, paced, latency)


def record(project: Project, stimuli: Arrays, capacities: dict[str, int]) -> Recorded:
    """What internal streams carry while a batch runs unstalled; a deadlock ends the recording.

    Args:
        project, stimuli: as for `simulate`.
        capacities: beats to keep of each stream, by its name in the design.
    """
    bits = {stream.name: stream.bits for stage in project.stages() for stream in stage.outputs}
    words = {name: -(-bits[name] // 32) for name in capacities}
    library = Library(ctypes.CDLL(str(build(project, Variant(recorded=words)))))
    kept = {name: np.zeros((capacities[name], words[name]), np.uint32) for name in words}
    recordings = (Recording * len(kept))(
        *(Recording(array.ctypes.data, 0, len(array)) for array in kept.values())
    )
    with library.model() as model:
        verdict = library.record(model, Batch(project, stimuli), recordings)
        stuck = library.handshakes(model) if verdict == DEADLOCK else {}
    ends = zip(kept.items(), recordings, strict=True)
    return Recorded({name: array[: int(end.beats)] for (name, array), end in ends}, stuck)


def run_batch(project: Project, library: Library, model: int, batch: Batch) -> None:
    """Reset a design, then run a batch on it.

    Raises:
        SimulationError: a deadlock or a broken AXI4-Stream rule, named.
    """
    verdict = library.run(model, batch)
    if verdict == DEADLOCK:
        states = library.handshakes(model)
        raise SimulationError(f"RTL of {project.manifest.name}: {stuck(project, batch, states)}")
    checked(project, batch, verdict)


def checked(project: Project, batch: Batch, verdict: int) -> None:
    """Raises SimulationError when a batch broke a rule of AXI4-Stream."""
    if verdict:
        broken = _BROKEN[verdict].format(port=batch.broken)
        raise SimulationError(f"RTL of {project.manifest.name}: {broken}")


def stuck(
    project: Project,
    batch: Batch,
    states: dict[str, Handshake],
    depths: Mapping[str, int] | None = None,
) -> str:
    """A deadlock as a sentence; of queues that were given other depths than the design's."""
    given = depths or {}
    stages = [
        stage.with_depth(given[stage.name]) if stage.name in given else stage
        for stage in project.stages()
    ]
    found = deadlock.find(stages, states) if states else None
    why = f": {found}" if found else ""
    return f"no beat for {batch.patience:,} cycles, a deadlock after {batch.done:,} frames{why}"


def _held_as_one(project: Project, frames: int, stall_percent: int, resets: bool) -> bool:
    """Whether a stalled run is one piece, as where that costs little: only many frames fill a
    design whose outputs have stopped.
    """
    interval = project.manifest.prediction.initiation_interval
    return bool(stall_percent) and not resets and frames * interval <= _SHORT


def holds_of(turns: int, pieces: int, piece: int) -> tuple[int, int]:
    """How often ports of a stalled run stop until everything stands still, so that all pieces
    together have every turn; and with which of the turns they begin.
    """
    if pieces == 1:
        return max(_HOLDS, turns), 0
    most = max(_LONG_HOLDS, turns)
    each = max(2, -(-most // pieces))
    return min(each, max(0, most - piece * each)), piece * each


def _cuts(project: Project, count: int, seed: int) -> list[int]:
    """Cycles after which runs are cut short: while the first frames are under way; of every other
    run, whose outputs are stopped, when some have backed up.
    """
    interval = project.manifest.prediction.initiation_interval
    latency, generator = project.manifest.prediction.latency_cycles, np.random.default_rng(seed)
    spans = ((1, latency + interval), (latency, latency + 3 * interval))
    return [int(generator.integers(*spans[n % 2], endpoint=True)) for n in range(count)]
