"""RTL simulation: batches of frames through the Verilated design, or the design in your hands."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from qfx.backends.project import Project
from qfx.fixedpoint.array import Integers
from qfx.hardware.port import Words
from qfx.simulation.outcome import Outcome, SimulationError
from qfx.simulation.verilator_build import build, open_library

STALL_PERCENT = 30
PATIENCE_CYCLES = 100_000
_VERDICTS = {
    1: f"no beat for {PATIENCE_CYCLES:,} cycles: a deadlock",
    2: "m_axis_tvalid fell before its beat was accepted",
    3: "m_axis_tdata changed before its beat was accepted",
    4: "m_axis_tlast is not on a frame's last beat",
    5: "m_axis_tkeep does not mark the bytes that hold elements",
}


class _Batch(ctypes.Structure):
    """qfx::Batch of harness.hpp."""

    _fields_ = (
        ("input", ctypes.c_void_p),
        ("output", ctypes.c_void_p),
        ("last_beat_cycles", ctypes.c_void_p),
        ("frames", ctypes.c_uint64),
        ("input_beats", ctypes.c_uint64),
        ("output_beats", ctypes.c_uint64),
        ("input_words", ctypes.c_uint64),
        ("output_words", ctypes.c_uint64),
        ("last_keep", ctypes.c_uint64),
        ("stall_percent", ctypes.c_uint32),
        ("seed", ctypes.c_uint32),
        ("patience", ctypes.c_uint64),
    )


class _Recording(ctypes.Structure):
    """Recording of verilator_build."""

    _fields_ = (
        ("words", ctypes.c_void_p),
        ("beats", ctypes.c_uint64),
        ("capacity", ctypes.c_uint64),
        ("valid", ctypes.c_uint64),
        ("ready", ctypes.c_uint64),
    )


@dataclass(frozen=True)
class Recorded:
    """What a stream carried, and how it stood in the last cycle.

    Args:
        words: (beats, words of 32 bits), the least significant word first.
        valid, ready: in the last cycle.
    """

    words: Words
    valid: bool
    ready: bool


def simulate(
    project: Project,
    stimuli: Integers,
    stall_percent: int = 0,
    seed: int = 1,
    handle: Any = None,
) -> Outcome:
    """Run a batch through the RTL, frames back to back, after a reset.

    Args:
        project: whose verilog/src is simulated.
        stimuli: (samples, *input shape) integers of the input's dtype.
        stall_percent: of cycles on which the source, and independently the sink, pauses.
        seed: of the stalls.
        handle: a design from `probe` to run it on, in whatever state it is; None loads one.

    Raises:
        ToolMissing, ToolFailed: Verilator or g++.
        SimulationError: a deadlock or a broken AXI4-Stream rule, named.
    """
    handle = open_library(build(project)) if handle is None else handle
    batch = _Frames(project, stimuli, stall_percent, seed)
    entry = handle.lib.qfx_batch
    entry.argtypes, entry.restype = (ctypes.c_void_p, ctypes.c_void_p), ctypes.c_int
    started = time.perf_counter()
    verdict = entry(handle.model, ctypes.byref(batch.structure))
    seconds = time.perf_counter() - started
    if verdict:
        raise SimulationError(f"RTL of {project.manifest.name}: {_VERDICTS[verdict]}")
    cycles = None if stall_percent else _cycles_per_frame(batch.cycles)
    return Outcome(batch.integers(), seconds, cycles)


def record(project: Project, stimuli: Integers, capacities: dict[str, int]) -> dict[str, Recorded]:
    """What internal streams carry while a batch runs unstalled; a deadlock ends the recording.

    Args:
        project, stimuli: as for `simulate`.
        capacities: beats to keep of each stream, by its name in the design.
    """
    source = project.manifest.input.port().stream
    bits = {source.name: source.bits}
    bits |= {stage.output.name: stage.output.bits for stage in project.stages()}
    words = {name: -(-bits[name] // 32) for name in capacities}
    handle = open_library(build(project, words))
    batch = _Frames(project, stimuli, 0, 1)
    kept = {name: np.zeros((capacities[name], words[name]), np.uint32) for name in words}
    recordings = (_Recording * len(kept))(
        *(_Recording(array.ctypes.data, 0, len(array)) for array in kept.values())
    )
    entry = handle.lib.qfx_record
    entry.argtypes, entry.restype = (ctypes.c_void_p,) * 3, ctypes.c_int
    entry(handle.model, ctypes.byref(batch.structure), recordings)
    return {
        name: Recorded(array[: int(end.beats)], bool(end.valid), bool(end.ready))
        for (name, array), end in zip(kept.items(), recordings, strict=True)
    }


def probe(project: Project | str) -> Any:
    """The Verilated design as a PyVerilator object, to poke ports, step the clock and write a VCD.

        net = qfx.probe("build/net")
        net.start_vcd_trace("net.vcd")
        net.io.aresetn = 0
        net.clock.tick()
        net.io.aresetn = 1
        net.stop_vcd_trace()

    PyVerilator does not mask what is written to a port: write at most the port's width.

    Raises:
        ProjectError: not a project folder; ToolMissing, ToolFailed: Verilator or g++.
    """
    project = project if isinstance(project, Project) else Project.open(project)
    return open_library(build(project, {}))


class _Frames:
    """A batch's arrays, kept alive beside the structure that points to them."""

    def __init__(self, project: Project, stimuli: Integers, stall_percent: int, seed: int) -> None:
        source, self.sink = project.manifest.input.port(), project.manifest.output.port()
        beats, words = self.sink.stream.beats, self.sink.width_bits // 32
        self.input = np.ascontiguousarray(source.pack(stimuli))
        self.output = np.zeros((len(stimuli), beats, words), np.uint32)
        self.cycles = np.zeros(len(stimuli), np.uint64)
        self.structure = _Batch(
            self.input.ctypes.data,
            self.output.ctypes.data,
            self.cycles.ctypes.data,
            len(stimuli),
            source.stream.beats,
            beats,
            self.input.shape[-1],
            words,
            self.sink.last_keep & (2**64 - 1),
            stall_percent,
            seed,
            PATIENCE_CYCLES,
        )

    def integers(self) -> Integers:
        """What came out."""
        return self.sink.unpack(self.output)


def _cycles_per_frame(last_beats: np.ndarray[Any, np.dtype[np.uint64]]) -> float | None:
    """From the second frame on, when the pipeline is full."""
    if len(last_beats) < 3:
        return None
    return float(last_beats[-1] - last_beats[1]) / (len(last_beats) - 2)
