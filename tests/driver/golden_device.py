"""A device that computes with the golden model: as the simulated IP, but in no time.

It takes and gives bytes by `Port.pack` and `Port.unpack`, of which the driver shares nothing.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qfx.fixedpoint import FixedPointArray
from qfx.hardware import registers
from qfx.hardware.registers import Control, Feature
from qfx.ir.several import each_of
from qfx.project.folder import Project

EVERY = Feature.RESET | Feature.COUNTERS | Feature.PACKETS
_AT = {register.name: register.offset for register in registers.REGISTERS}


@dataclass
class GoldenDevice:
    """See the module.

    Args:
        project: whose graph it computes.
        features: that it says it has.
        stuck: whether nothing ever leaves it.
    """

    project: Project
    features: Feature = EVERY
    stuck: bool = False
    said: dict[int, int] = field(default_factory=dict)  # what registers say instead
    resets: int = 0
    packets: list[int] = field(default_factory=list)  # frames of each

    def __post_init__(self) -> None:
        manifest = self.project.manifest
        self.graph = self.project.graph()
        self.inputs = [record.port() for record in manifest.inputs]
        self.outputs = [record.port() for record in manifest.outputs]
        self.frames, self.per_packet = 0, 1
        self.abandon()

    def read(self, offset: int) -> int:
        words = registers.hash_words(self.project.manifest.graph_sha256)
        values = {_AT["id"]: registers.ID, _AT["version"]: registers.MAP_VERSION}
        values |= {_AT["features"]: int(self.features), _AT["frames"]: self.frames}
        values |= {r.offset: word for r, word in zip(registers.GRAPH_SHA256, words, strict=True)}
        ports = len(self.inputs), len(self.outputs)
        for base, count in zip((registers.INPUT_PORTS, registers.OUTPUT_PORTS), ports, strict=True):
            values |= {base + n * registers.PORT_STRIDE: self.frames for n in range(count)}
        return (values | self.said).get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        if offset == _AT["frames_per_packet"] and self.features & Feature.PACKETS:
            self.per_packet = value
        elif offset == _AT["control"] and value & Control.RESET:
            assert self.features & Feature.RESET
            self._forget()
        elif offset == _AT["control"] and value & Control.CLEAR:
            self.frames = 0
        else:
            raise AssertionError(f"a write of {value} to {offset:#x}")

    def _forget(self) -> None:
        self.resets += 1
        self.inside: list[Any] = [np.zeros(0, np.uint8) for _ in self.inputs]

    def reset(self) -> None:
        self._forget()
        self.frames, self.per_packet = 0, 1
        self.abandon()

    def abandon(self) -> None:
        self.asked: dict[int, int] = {}
        self.given: dict[int, np.ndarray] = {}
        if not hasattr(self, "inside"):
            self._forget()

    def send(self, port: int, data: np.ndarray) -> None:
        self.inside[port] = np.concatenate([self.inside[port], data])

    def receive(self, port: int, most: int) -> None:
        assert port not in self.asked, "two transfers at a time"
        self.asked[port] = most
        self.given.pop(port, None)

    def sent(self, port: int) -> bool:
        return not self.stuck

    def received(self, port: int) -> np.ndarray | None:
        return self.given.get(port)

    def settle(self, cycles: int) -> bool:
        frame_bytes = [port.stream.beats * port.width_bits // 8 for port in self.inputs]
        waiting = [len(x) // n for x, n in zip(self.inside, frame_bytes, strict=True)]
        if self.stuck or min(waiting) < self.per_packet or len(self.asked) < len(self.outputs):
            return False
        data, count = [], self.per_packet
        for number, (port, size) in enumerate(zip(self.inputs, frame_bytes, strict=True)):
            taken, self.inside[number] = np.split(self.inside[number], [count * size])
            words = taken.view("<u4").reshape(count, port.stream.beats, -1)
            data.append(FixedPointArray(port.unpack(words), port.stream.dtype))
        for number, output in enumerate(each_of(self.graph.run_all(*data))):
            port = self.outputs[number]
            stream = port.pack(output.integers).reshape(-1).view(np.uint8).copy()
            elements = port.stream.beats * port.stream.lanes - port.stream.elements
            stream = stream[: len(stream) - elements * port.element_bits // 8]  # as TKEEP says
            assert len(stream) <= self.asked.pop(number), "more bytes came than were asked for"
            self.given[number] = stream
        self.frames += count
        self.packets.append(count)
        return True
