"""The C interface of a Verilated library: what a batch is, and the designs that run it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from qfx.ir.parts import parts
from qfx.ir.several import Arrays, alone, each_of
from qfx.project import Project
from qfx.project.testbench import hold_quiet, patience_cycles
from qfx.simulation.rtl.deadlock import Handshake

DEADLOCK = 1  # qfx::Verdict of batch.hpp


class _Source(ctypes.Structure):
    """qfx::Source of batch.hpp."""

    _fields_ = (
        ("words", ctypes.c_void_p),
        ("beats", ctypes.c_uint64),
        ("width", ctypes.c_uint64),
        ("part", ctypes.c_uint64),
    )


class _Sink(ctypes.Structure):
    """qfx::Sink of batch.hpp."""

    _fields_ = (*_Source._fields_, ("last_keep", ctypes.c_uint64))


class _Batch(ctypes.Structure):
    """qfx::Batch of batch.hpp."""

    _fields_ = (
        ("sources", ctypes.POINTER(_Source)),
        ("sinks", ctypes.POINTER(_Sink)),
        ("last_beat_cycles", ctypes.c_void_p),
        ("frames", ctypes.c_uint64),
        ("source_count", ctypes.c_uint64),
        ("sink_count", ctypes.c_uint64),
        ("stall_percent", ctypes.c_uint32),
        ("seed", ctypes.c_uint32),
        ("patience", ctypes.c_uint64),
        ("abandoned", ctypes.c_uint64),
        ("abandoned_held", ctypes.c_uint64),
        ("holds", ctypes.c_uint64),
        ("first_hold", ctypes.c_uint64),
        ("hold_quiet", ctypes.c_uint64),
        ("hold_spacing", ctypes.c_uint64),
        ("done", ctypes.c_uint64),
        ("stop", ctypes.c_uint32),
        ("broken_sink", ctypes.c_uint32),
    )


class Recording(ctypes.Structure):
    """Recording of verilator_build."""

    _fields_ = (
        ("words", ctypes.c_void_p),
        ("beats", ctypes.c_uint64),
        ("capacity", ctypes.c_uint64),
    )


class Batch:
    """Frames for a design, back to back, and what came of them.

    Args:
        project: whose ports it is for.
        stimuli: (frames, *input shape) integers of the input's dtype; of several inputs a tuple.
        stall_percent: of cycles on which each port pauses, whatever the others do.
        seed: of the stalls.
        abandoned: cycles of a first run of the same frames, which a reset ends; 0: there is none.
        abandoned_held: whether the outputs of that first run are stopped.
        holds: how often ports stop until everything behind or before them stands still: all outputs
            or inputs together, or one alone, in turn.
        first_hold: with which of these turns they begin.
    """

    def __init__(
        self,
        project: Project,
        stimuli: Arrays,
        stall_percent: int = 0,
        seed: int = 1,
        abandoned: int = 0,
        abandoned_held: bool = False,
        holds: int = 0,
        first_hold: int = 0,
    ) -> None:
        manifest, predicted = project.manifest, project.manifest.prediction
        inputs = [record.port() for record in manifest.inputs]
        self.sinks = [record.port() for record in manifest.outputs]
        self.patience = patience_cycles(predicted.initiation_interval, predicted.latency_cycles)
        self._inputs = [
            np.ascontiguousarray(port.pack(integers))
            for port, integers in zip(inputs, each_of(stimuli), strict=True)
        ]
        frames = len(self._inputs[0])
        self._outputs = [
            np.zeros((frames, port.stream.beats, port.width_bits // 32), np.uint32)
            for port in self.sinks
        ]
        self._last_beats = np.zeros((len(self.sinks), frames), np.uint64)
        of_inputs, of_outputs = _parts(project, holds)
        sources = [
            _Source(x.ctypes.data, *x.shape[1:], part)
            for x, part in zip(self._inputs, of_inputs, strict=True)
        ]
        sinks = [
            _Sink(y.ctypes.data, *y.shape[1:], part, port.last_keep & (2**64 - 1))
            for y, part, port in zip(self._outputs, of_outputs, self.sinks, strict=True)
        ]
        self.structure = _Batch(
            (_Source * len(sources))(*sources),
            (_Sink * len(sinks))(*sinks),
            self._last_beats.ctypes.data,
            frames,
            len(sources),
            len(sinks),
            stall_percent,
            seed,
            self.patience,
            abandoned,
            abandoned_held,
            holds,
            first_hold,
            hold_quiet(predicted.initiation_interval, predicted.latency_cycles),
            frames * predicted.initiation_interval // (holds + 1),
        )

    @property
    def done(self) -> int:
        """Frames that have left so far."""
        return int(self.structure.done)

    @property
    def frames(self) -> int:
        """Frames in all."""
        return int(self.structure.frames)

    def stop(self) -> None:
        """End its run, from another thread."""
        self.structure.stop = 1

    @property
    def broken(self) -> str:
        """The output port where a rule was broken, if one was."""
        return str(self.sinks[self.structure.broken_sink].stream.name)

    def integers(self) -> Any:
        """What came out; of several outputs a tuple."""
        return alone([p.unpack(words) for p, words in zip(self.sinks, self._outputs, strict=True)])

    def latency_cycles(self) -> int:
        """Of the first frame, to which all others come too late to be in its way: the cycle that
        takes its first beat, which is offered at once, and the one that gives its last are counted.
        """
        return int(self._last_beats[:, 0].max()) + 1

    def last_cycles(self) -> npt.NDArray[np.int64]:
        """The cycle of the last beat at each output."""
        return self._last_beats[:, -1].astype(np.int64)

    def cycles_per_frame(self) -> float | None:
        """The pace of the slowest port over the second half of the frames, as batch.hpp tells it;
        None of fewer than four frames.

        Frames before may leave faster, from queues that filled up while the first one was under
        way.
        """
        last, start = self._last_beats, self._last_beats.shape[1] // 2 - 1
        if start < 1:
            return None
        spans = (last[:, -1] - last[:, start]) / (last.shape[1] - 1 - start)
        return float(spans.max())


def _parts(project: Project, holds: int) -> tuple[list[int], list[int]]:
    """Of the graph, where it can have several and a hold has to tell them apart."""
    inputs, outputs = len(project.manifest.inputs), len(project.manifest.outputs)
    if not holds or inputs == 1 or outputs == 1:
        return [0] * inputs, [0] * outputs
    return parts(project.graph())


class Library:
    """What a library of `verilator_build` can do.

    Args:
        loaded: by ctypes.
    """

    def __init__(self, loaded: ctypes.CDLL) -> None:
        self._lib: Any = loaded
        pointer, count = ctypes.c_void_p, ctypes.c_int
        for name, result, *arguments in (
            ("qfx_new", pointer, count, ctypes.POINTER(ctypes.c_char_p)),
            ("qfx_delete", None, pointer),
            ("qfx_batch", count, pointer, pointer),
            ("qfx_record", count, pointer, pointer, pointer),
            ("qfx_streams", ctypes.c_char_p),
            ("qfx_handshakes", None, pointer, pointer, pointer),
        ):
            function = getattr(self._lib, name)
            function.argtypes, function.restype = arguments, result

    @contextmanager
    def model(self, *options: str) -> Iterator[int]:
        """A design of its own, which any one thread may run; given plusargs, as "+name=1"."""
        given = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
        model: int = self._lib.qfx_new(len(options), given)
        try:
            yield model
        finally:
            self._lib.qfx_delete(model)

    def run(self, model: int, batch: Batch) -> int:
        """Reset, then run; the verdict."""
        verdict: int = self._lib.qfx_batch(model, ctypes.byref(batch.structure))
        return verdict

    def record(self, model: int, batch: Batch, recordings: ctypes.Array[Recording]) -> int:
        """Reset, then run and record; the verdict."""
        verdict: int = self._lib.qfx_record(model, ctypes.byref(batch.structure), recordings)
        return verdict

    def handshakes(self, model: int) -> dict[str, Handshake]:
        """How every stream stands, by name."""
        names = self._lib.qfx_streams().decode().split()
        valid, ready = ((ctypes.c_uint8 * len(names))() for _ in range(2))
        self._lib.qfx_handshakes(model, valid, ready)
        pairs = zip(names, valid, ready, strict=True)
        return {name: Handshake(bool(v), bool(r)) for name, v, r in pairs}
