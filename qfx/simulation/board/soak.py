"""Many frames through the Verilated IP: every channel stalls, resets come at random moments, and no
beat may be lost, doubled or changed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qfx.fixedpoint.array import Integers
from qfx.hardware import registers
from qfx.hardware.registers import Control
from qfx.project import Project, ProjectError
from qfx.project.testbench import patience_cycles
from qfx.simulation.board.device import Bytes, Device, load
from qfx.simulation.outcome import SimulationError
from qfx.simulation.parallel import Workers, each, pieces_of

_COUNTED = (
    "frames", "mismatches", "violations", "miscounted", "resets", "soft_resets", "cycles",
)  # fmt: skip
_STALLS = (0, 10, 30, 60)  # percent, of one piece after the other
_SLOWEST = 20  # times as long as unstalled, at 60 percent of stalls
_MOST_FRAMES = 64  # of one transfer
_SLICE = 200_000  # cycles between two looks at whether to stop
_STEP = 64  # cycles between two looks at inputs whose end no output waits for
_MOST_AMID = 12  # cycles of a read and a write that aresetn cuts short
_RESET_SHARE = 0.2  # of transfers that a reset ends
_LONGEST_RESET = 1000  # times that a register is read
_AT = {
    register.name: register.offset for register in (*registers.REGISTERS, *registers.GRAPH_SHA256)
}


@dataclass(frozen=True)
class Soak:
    """What came of it.

    Args:
        frames: that came out in whole packets and were compared.
        mismatches: of them, those that are not golden, by any port.
        violations: broken rules of a channel, missing beats too; a piece ends at its first one.
        miscounted: registers that did not say what the testbench had counted itself.
        resets, soft_resets: by aresetn, by the register; each at a random cycle of a transfer.
        cycles: of the clock, in all pieces.
        seconds: of simulation, without building.
        found: what ended each piece that something was found in.
    """

    frames: int = 0
    mismatches: int = 0
    violations: int = 0
    miscounted: int = 0
    resets: int = 0
    soft_resets: int = 0
    cycles: int = 0
    seconds: float = 0.0
    found: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing at all was found."""
        return not (self.mismatches or self.violations or self.miscounted)


def soak(
    project: Project | str | Path,
    frames: int = 10_000,
    seed: int = 0,
    *,
    resets: bool = True,
    workers: Workers | None = None,
) -> Soak:
    """Run recorded stimuli in random order through the IP, in packets of random lengths, and
    compare each frame with the golden one of its number.

    Every piece of the run is a design of its own, with its own share of stalls; registers are read
    while frames pass. What came of a transfer that a reset ends is compared, and not counted.

    Args:
        project: its folder, opened or as a path.
        frames: to compare. Each takes about the design's initiation interval in cycles, of which a
            CPU simulates some hundred thousand a second.
        seed: of everything that is random.
        resets: whether resets come, by aresetn and by the register.
        workers: how many pieces at a time, and who hears of them.

    Raises:
        ProjectError: no project, or one without an IP, or frames below 1.
        ToolMissing, ToolFailed: Verilator or g++.
    """
    if frames < 1:
        raise ProjectError(f"frames must be 1 or more, not {frames}")
    project = Project.open(project)
    workers, library = workers or Workers(), load(project)
    pieces = [
        _Piece(project, library, piece.stop - piece.start, (seed, n), resets)
        for n, piece in enumerate(pieces_of(frames))
    ]

    def stop() -> None:
        for piece in pieces:
            piece.stopped = True

    workers.told(0)
    started = time.perf_counter()
    each(
        lambda n: pieces[n].run(), len(pieces), workers.count, stop,
        lambda: workers.told(sum(piece.frames for piece in pieces)),
    )  # fmt: skip
    totals = {name: sum(getattr(piece, name) for piece in pieces) for name in _COUNTED}
    return Soak(
        **totals,
        seconds=time.perf_counter() - started,
        found=tuple(piece.found for piece in pieces if piece.found),
    )


class _Piece:
    """A part of the frames, through a design of its own.

    Args:
        project: whose IP.
        library: of the IP, from `load`.
        frames: to compare.
        seed: of everything that is random; the second number chooses the share of stalls.
        resets: whether resets come.
    """

    def __init__(
        self, project: Project, library: Any, frames: int, seed: tuple[int, int], resets: bool
    ) -> None:
        self.project, self.library = project, library
        self.wanted, self.with_resets = frames, resets
        self.random = np.random.default_rng(seed)
        self.stall_percent = _STALLS[seed[1] % len(_STALLS)]
        self.stopped, self.found = False, ""
        self.frames = self.mismatches = self.violations = self.miscounted = 0
        self.resets = self.soft_resets = self.cycles = 0
        self.passed = 0  # frames since the last reset
        predicted = project.manifest.prediction
        self.interval, self.latency = predicted.initiation_interval, predicted.latency_cycles
        self.patience = patience_cycles(self.interval, self.latency)
        self.golden = project.batches("golden")
        inputs = [record.port() for record in project.manifest.inputs]
        self.stimuli = [
            np.ascontiguousarray(port.pack(integers)).view(np.uint8).reshape(len(integers), -1)
            for port, integers in zip(inputs, project.batches("stimuli"), strict=True)
        ]

    def run(self) -> None:
        """Until all frames have come, something is found, or `stopped` is set."""
        seed = int(self.random.integers(1, 2**31))
        with Device(self.project, self.stall_percent, seed, self.library) as device:
            self.device = device
            try:
                self._identify()
                while self.frames < self.wanted and not self.stopped and not self.found:
                    self._transfer()
            except SimulationError as error:
                self.violations += 1
                self._tell(str(error))
            self.cycles = device.cycle

    def _identify(self) -> None:
        self._expect("version", registers.MAP_VERSION)
        words = registers.hash_words(self.project.manifest.graph_sha256)
        for register, word in zip(registers.GRAPH_SHA256, words, strict=True):
            self._expect(register.name, word)

    def _transfer(self) -> None:
        """Some frames in some packets, which come out, or which a reset cuts short."""
        count = int(self.random.integers(1, min(_MOST_FRAMES, self.wanted - self.frames) + 1))
        per_packet = int(self.random.integers(1, count + 1))
        packets = count // per_packet
        order = self.random.integers(0, len(self.golden[0]), packets * per_packet)
        for strobes in self.random.permutation([0b0011, 0b1100]).tolist():  # other bytes stay
            kept = 0x0000FFFF if strobes == 0b0011 else 0xFFFF0000
            self.device.write(
                _AT["frames_per_packet"], per_packet & kept | 0x5A5A5A5A & ~kept, strobes
            )
        for port, frames in enumerate(self.stimuli):
            self.device.send(port, frames[order])
        if self.with_resets and self.random.random() < _RESET_SHARE:
            self._cut_short(order[:per_packet])
            return
        for packet in range(packets):
            self._packet(order[packet * per_packet : (packet + 1) * per_packet])
            if self.stopped:
                return
        self._finish(len(order))

    def _receive(self, per_packet: int) -> None:
        for port, output in enumerate(self.device.outputs):
            self.device.receive(port, per_packet * output.stream.beats * output.width_bits // 8)

    def _packet(self, order: Integers) -> None:
        """What the outputs give, against the golden frames of these numbers."""
        self._receive(len(order))
        self.device.settle(int(self.random.integers(1, self.latency + self.interval + 1)))
        self._expect("id", registers.ID)  # while frames pass
        if not self._settles(self._longest(len(order))):
            if self.stopped:
                return
            raise SimulationError(
                f"IP of {self.device.name}: a packet of {len(order)} frames did not end in"
                f" {self._longest(len(order)):,} cycles, after {self.frames} frames"
            )
        wrong = np.zeros(len(order), bool)
        for port, golden in enumerate(self.golden):
            found = self._integers(port, len(order)).reshape(len(order), -1)
            wrong |= (found != golden[order].reshape(len(order), -1)).any(axis=1)
        self.frames += len(order)
        self.passed += len(order)
        if wrong.any():
            self.mismatches += int(wrong.sum())
            self._tell(f"frame {self.frames - len(order) + int(wrong.argmax())} is not golden")

    def _settles(self, cycles: int) -> bool:
        """Device.settle that `stopped` ends soon."""
        while cycles > 0 and not self.stopped:
            if self.device.settle(min(cycles, _SLICE)):
                return True
            cycles -= _SLICE
        return False

    def _integers(self, port: int, frames: int) -> Integers:
        output, found = self.device.outputs[port], self.device.arrived(port)
        whole: Bytes = np.zeros(frames * output.stream.beats * output.width_bits // 8, np.uint8)
        whole[: len(found)] = found
        return output.unpack(whole.view("<u4").reshape(frames, output.stream.beats, -1))

    def _longest(self, frames: int) -> int:
        return self.patience + _SLOWEST * (frames * self.interval + self.latency)

    def _finish(self, frames: int) -> None:
        """Nothing is left inside, and the registers say what was counted."""
        ports = range(len(self.stimuli))
        for _ in range(self._longest(frames) // _STEP):
            if all(map(self.device.sent, ports)):
                break
            self.device.step(_STEP)
        self._expect("status", 0)
        self._expect("frames", self.passed)
        self._expect_counters()
        if self.random.random() < 0.5:
            self.device.write(_AT["control"], Control.CLEAR)
            self.passed = 0

    def _cut_short(self, order: Integers) -> None:
        self._receive(len(order))
        longest = self.latency + len(order) * self.interval
        self.device.settle(int(self.random.integers(1, longest + 1)))
        for port in range(len(self.golden)):
            self._compare_beginning(port, order)
        if self.random.random() < 0.5:
            self.device.reset(int(self.random.integers(0, _MOST_AMID)))
            self.resets += 1
            self._expect("frames_per_packet", 1)
        else:
            self.device.abandon()  # its DMAs are reset before the core is
            self.device.write(_AT["control"], Control.RESET)
            self._wait_for_reset()
            self.soft_resets += 1
            self._expect("frames_per_packet", len(order))
        self.passed = 0
        self._expect("status", 0)
        self._expect_counters()

    def _wait_for_reset(self) -> None:
        for _ in range(_LONGEST_RESET):
            if not self.device.read(_AT["control"]):
                return
        raise SimulationError(f"IP of {self.device.name}: the core's reset does not end")

    def _compare_beginning(self, port: int, order: Integers) -> None:
        """What has come of a packet so far: whole frames, and a part of the next one, which the
        bus carries in the stream's order.
        """
        output, arrived = self.device.outputs[port], len(self.device.arrived(port))
        elements = arrived // (output.element_bits // 8)
        whole, part = divmod(elements, output.stream.beats * output.stream.lanes)
        found, golden = (
            x.reshape(len(order), -1)[:, output.order]
            for x in (self._integers(port, len(order)), self.golden[port][order])
        )
        wrong = (found[:whole] != golden[:whole]).any()
        if wrong or (part and (found[whole, :part] != golden[whole, :part]).any()):
            self.mismatches += 1
            self._tell(f"frame {self.frames + whole} of those that a reset ends is not golden")

    def _expect_counters(self) -> None:
        """Each counter stands between what the testbench had counted before it was read, and
        after: a port may be starved meanwhile.
        """
        device = self.device
        for base, direction, ports in (
            (registers.INPUT_PORTS, "in", device.inputs),
            (registers.OUTPUT_PORTS, "out", device.outputs),
        ):
            for port, _ in enumerate(ports):
                for counter in registers.PORT_COUNTERS:
                    least = device.counted(direction, port)[counter.name]
                    found = device.read(base + registers.PORT_STRIDE * port + counter.offset)
                    most = device.counted(direction, port)[counter.name]
                    if (found - least) % 2**32 > most - least:
                        self._miscounted(f"{direction} {port} {counter.name}", found, most)

    def _expect(self, name: str, value: int) -> None:
        found = self.device.read(_AT[name])
        if found != value:
            self._miscounted(name, found, value)

    def _miscounted(self, name: str, found: int, expected: int) -> None:
        self.miscounted += 1
        self._tell(f"register {name} says {found:#x}, not {expected:#x}")

    def _tell(self, what: str) -> None:
        self.found = self.found or f"{what} (stalls of {self.stall_percent} %)"
