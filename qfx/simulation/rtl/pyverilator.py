"""The Verilated design as an object of PyVerilator's: in your hands, or stepped sample by sample.

A testbench in Python, which shares nothing with the one in C++ that runs batches but the Verilog.
"""

from __future__ import annotations

import sys
import time
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qfx.hardware.port import Port
from qfx.ir.several import Arrays, alone, each_of
from qfx.packages import named_packages
from qfx.project import Project
from qfx.project.testbench import patience_cycles
from qfx.simulation.outcome import Outcome, SimulationError
from qfx.simulation.parallel import Workers
from qfx.simulation.rtl.build import compiled, sources

_FLAGS = ("--trace", "--public-flat-rw")  # for a VCD of every signal; at a tenth of the speed
_RESET_CYCLES = 4


def probe(project: Project | str | Path) -> Any:
    """The Verilated design as a PyVerilator object, to poke ports, step the clock and write a VCD.

        net = qfx.probe("build/net")
        net.start_vcd_trace("net.vcd")
        net.io.aresetn = 0
        net.clock.tick()
        net.io.aresetn = 1
        net.stop_vcd_trace()

    PyVerilator does not mask what is written to a port: write at most the port's width.

    Raises:
        ProjectError: not a project folder; ToolMissing, ToolFailed: Verilator or g++;
        PackageMissing: PyVerilator.
    """
    project = Project.open(project)
    pyverilator, unit = _imported(), _interface(project)
    harness = project.path / "verilog" / "sim"
    library = compiled(project.manifest.name, sources(project), harness, unit, _FLAGS)
    return pyverilator.PyVerilator(str(library))


def simulate(
    project: Project, stimuli: Arrays, workers: Workers | None = None, net: Any = None
) -> Outcome:
    """Run a batch sample by sample: each is sent when all before has come out, and no port pauses.

    Args:
        project: whose verilog/src is simulated.
        stimuli: (samples, *input shape) integers of the input's dtype; of several inputs a tuple.
        workers: of whom only those who hear of the samples done count.
        net: a design from `probe`, in whatever state it is; None makes one.

    Raises:
        ToolMissing, ToolFailed: Verilator or g++.
        SimulationError: a deadlock, or a TLAST or TKEEP that is not where it belongs, named.
    """
    net, manifest = net or probe(project), project.manifest
    told, count = (workers or Workers()).told, len(each_of(stimuli)[0])
    ports = [record.port() for record in manifest.inputs]
    packed = [port.pack(integers) for port, integers in zip(ports, each_of(stimuli), strict=True)]
    sinks = [record.port() for record in manifest.outputs]
    out = [np.zeros((count, s.stream.beats, s.width_bits // 32), np.uint32) for s in sinks]
    predicted, latency = manifest.prediction, 0
    patience = patience_cycles(predicted.initiation_interval, predicted.latency_cycles)
    told(0)
    started = time.perf_counter()
    _reset(net, ports, sinks)
    for number in range(count):
        sending = [_Sending(port, x[number]) for port, x in zip(ports, packed, strict=True)]
        receiving = [
            _Receiving(sink, words[number]) for sink, words in zip(sinks, out, strict=True)
        ]
        try:
            cycles = _frame(net, sending, receiving, patience)
        except SimulationError as error:
            raise SimulationError(f"RTL of {manifest.name}: {error}, in sample {number}") from None
        latency = latency or cycles
        told(number + 1)
    seconds = time.perf_counter() - started
    integers = [sink.unpack(words) for sink, words in zip(sinks, out, strict=True)]
    return Outcome(alone(integers), seconds, latency_cycles=latency)


@dataclass
class _Sending:
    """A frame for an input port: (beats, words of 32 bits)."""

    port: Port
    words: Any
    beat: int = 0

    def offer(self, net: Any) -> None:
        """Put the next beat on the port, where one is left."""
        name, beats = self.port.stream.name, len(self.words)
        net.io[f"{name}_tvalid"] = int(self.beat < beats)
        if self.beat < beats:
            net.io[f"{name}_tdata"] = int.from_bytes(self.words[self.beat].tobytes(), "little")
            net.io[f"{name}_tlast"] = int(self.beat == beats - 1)

    def look(self, net: Any) -> bool:
        """Whether a beat is taken in this cycle."""
        taken = self.beat < len(self.words) and bool(net.io[f"{self.port.stream.name}_tready"])
        self.beat += taken
        return taken

    @property
    def done(self) -> bool:
        return self.beat == len(self.words)


@dataclass
class _Receiving:
    """A frame of an output port, which is always ready: (beats, words of 32 bits)."""

    port: Port
    words: Any
    beat: int = 0

    def look(self, net: Any) -> bool:
        """Whether a beat is given in this cycle.

        Raises:
            SimulationError: one too many, or TLAST or TKEEP not as they belong to it.
        """
        name, beats, width = self.port.stream.name, len(self.words), self.port.width_bits // 8
        if not net.io[f"{name}_tvalid"]:
            return False
        if self.beat == beats:
            raise SimulationError(f"{name} gives more than the {beats} beats of a frame")
        last = self.beat == beats - 1
        if bool(net.io[f"{name}_tlast"]) != last:
            raise SimulationError(f"{name}_tlast is not on a frame's last beat")
        if int(net.io[f"{name}_tkeep"]) != (self.port.last_keep if last else (1 << width) - 1):
            raise SimulationError(f"{name}_tkeep does not mark the bytes that hold elements")
        given = int(net.io[f"{name}_tdata"]).to_bytes(width, "little")
        self.words[self.beat] = np.frombuffer(given, "<u4")
        self.beat += 1
        return True

    @property
    def done(self) -> bool:
        return self.beat == len(self.words)


def _frame(net: Any, sending: list[_Sending], receiving: list[_Receiving], patience: int) -> int:
    """Send a frame and wait until all of it has come out: the cycles from the one that takes its
    first beat to the one that gives its last, both counted.
    """
    cycle, first, last, moved = 0, 0, 0, 0
    while not (all(port.done for port in sending) and all(port.done for port in receiving)):
        cycle += 1
        for port in sending:
            port.offer(net)
        taken = [port.look(net) for port in sending]
        given = [port.look(net) for port in receiving]
        net.clock.tick()
        first = first or (cycle if any(taken) else 0)
        last = cycle if any(given) else last
        moved = cycle if any((*taken, *given)) else moved
        if cycle - moved > patience:
            raise SimulationError(f"no beat for {patience:,} cycles, a deadlock")
    return last + 1 - first


def _reset(net: Any, ports: list[Port], sinks: list[Port]) -> None:
    """Hold aresetn; then every output is ready."""
    net.io["aresetn"] = 0
    for port in ports:
        net.io[f"{port.stream.name}_tvalid"] = 0
        net.io[f"{port.stream.name}_tkeep"] = (1 << port.width_bits // 8) - 1
    for _ in range(_RESET_CYCLES):
        net.clock.tick()
    net.io["aresetn"] = 1
    for sink in sinks:
        net.io[f"{sink.stream.name}_tready"] = 1


def _interface(project: Project) -> str:
    """PyVerilator's C functions for our ports."""
    from pyverilator import verilatorcpp

    def axis(prefix: str, width: int) -> list[tuple[str, int]]:
        fields = (("tdata", width), ("tkeep", width // 8), ("tlast", 1), ("tvalid", 1))
        return [(f"{prefix}_{field}", bits) for field, bits in fields]

    manifest = project.manifest
    inputs, outputs = [("aclk", 1), ("aresetn", 1)], []
    for port in manifest.inputs:
        inputs += axis(port.name, port.width_bits)
        outputs += [(f"{port.name}_tready", 1)]
    for port in manifest.outputs:
        outputs += axis(port.name, port.width_bits)
        inputs += [(f"{port.name}_tready", 1)]
    text: str = verilatorcpp.template_cpp(manifest.name, inputs, outputs, [], '"null"')
    return text


def _imported() -> Any:
    """PyVerilator, spared its wish for a Tk call that Python 3.11 no longer has (only its GTKWave
    link uses it).
    """
    if "tclwrapper" not in sys.modules:
        stub: Any = types.ModuleType("tclwrapper")
        stub.TCLWrapper = None
        sys.modules["tclwrapper"] = stub
    with named_packages():
        import pyverilator

    return pyverilator
