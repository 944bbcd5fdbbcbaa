"""Which stage errs: the streams between the stages, in RTL and in C++, against the golden model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.hardware import Stage
from qfx.hardware.expected import expected
from qfx.hardware.stream import Stream
from qfx.ir.several import Arrays, chosen, each_of
from qfx.project import Project
from qfx.simulation.cpp import csim
from qfx.simulation.rtl import deadlock, verilator

Wanted = list[tuple[Stage, Stream, Integers]]  # each stage, a stream of it, and what that carries


@dataclass(frozen=True)
class Trace:
    """What one simulator's streams showed.

    Args:
        simulator: "csim" or "rtl".
        samples: frames that were run.
        agreeing: streams before the first that differs, all of them if none does.
        stage: the first stage whose output stream differs; None when none does.
        place: where in it and how, as a sentence.
    """

    simulator: str
    samples: int
    agreeing: int
    stage: Stage | None = None
    place: str = ""

    def __str__(self) -> str:
        if self.stage is None:
            return (
                f"{self.simulator}: all {self.agreeing} streams carry the golden integers of"
                f" {self.samples} samples"
            )
        layer = f" of layer {self.stage.source}" if self.stage.source else ""
        return (
            f"{self.simulator}: the first stage that differs is {self.stage.name}"
            f" ({self.stage.kind}{layer}): {self.place}; the {self.agreeing} streams before it"
            " agree"
        )


def trace(project: Project, samples: int = 8) -> list[Trace]:
    """Record every stream of the first samples in C++ and RTL, and find the first that differs.

    Args:
        project: whose recorded stimuli are run.
        samples: how many of them, from the first on, since an error may need the frames before.

    Raises:
        ToolMissing, ToolFailed: g++ or Verilator.
    """
    stimuli, graph = chosen(project.vectors("stimuli"), slice(samples)), project.graph()
    data = zip(each_of(stimuli), graph.inputs, strict=True)
    values = graph.trace(*(FixedPointArray(x, entry.cast.dtype) for x, entry in data))
    wanted = [
        (stage, stream, elements)
        for stage, elements in expected(graph, project.stages(), values)
        for stream in stage.outputs
    ]
    return [_trace_cpp(project, stimuli, wanted), _trace_rtl(project, stimuli, wanted)]


def _trace_cpp(project: Project, stimuli: Arrays, wanted: Wanted) -> Trace:
    found = csim.record(project, stimuli)  # a Fifo is no stream of its own in C++
    wanted = [known for known in wanted if known[0].queue_depth is None]
    beats = {s.name: _signed(found[s.name], s).reshape(-1, s.lanes) for _, s, _ in wanted}
    return _compare("csim", beats, wanted)


def _trace_rtl(project: Project, stimuli: Arrays, wanted: Wanted) -> Trace:
    capacities = {s.name: s.beats * (len(each_of(stimuli)[0]) + 1) for _, s, _ in wanted}
    found = verilator.record(project, stimuli, capacities)
    beats = {s.name: _lanes(found.words[s.name], s) for _, s, _ in wanted}
    result = _compare("rtl", beats, wanted)
    if result.stage is None or "beats expected" not in result.place or not found.stuck:
        return result
    stages = [stage for stage, _, _ in wanted]  # a short stream is only held up
    stuck = deadlock.find(project.stages(), found.stuck)
    if stuck is None:
        return result
    return Trace("rtl", result.samples, stages.index(stuck.stage), stuck.stage, str(stuck))


def _lanes(words: np.ndarray[tuple[int, ...], np.dtype[np.uint32]], stream: Stream) -> Integers:
    """(beats, words) as they lie on the wires -> (beats, lanes)."""
    bits = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=1, bitorder="little")
    fields = bits[:, : stream.bits].reshape(len(words), stream.lanes, stream.dtype.wordlength)
    return _signed(fields.astype(np.int64) @ (1 << np.arange(stream.dtype.wordlength)), stream)


def _signed(stored: Integers, stream: Stream) -> Integers:
    sign = 1 << (stream.dtype.wordlength - 1)
    return (stored ^ sign) - sign if stream.dtype.signed else stored


def _compare(simulator: str, found: dict[str, Integers], wanted: Wanted) -> Trace:
    samples = len(wanted[0][2])
    for agreeing, (stage, stream, elements) in enumerate(wanted):
        beats = found[stream.name]
        whole = beats[: len(beats) // stream.beats * stream.beats]
        frames = whole.reshape(-1, stream.beats * stream.lanes)[:, : stream.elements]
        count = min(len(frames), samples)
        differing = np.argwhere(frames[:count] != elements[:count])
        if len(differing):
            sample, element = (int(i) for i in differing[0])
            place = (
                f"sample {sample}, element {element} of the stream: expected"
                f" {elements[sample, element]}, found {frames[sample, element]}"
            )
            return Trace(simulator, samples, agreeing, stage, place)
        # a window may run ahead into the padding above a frame that does not come
        if not samples * stream.beats <= len(beats) < (samples + 1) * stream.beats:
            place = f"{samples * stream.beats:,} beats expected, {len(beats):,} sent"
            return Trace(simulator, samples, agreeing, stage, place)
    return Trace(simulator, samples, len(wanted))
