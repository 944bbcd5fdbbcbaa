"""The Verilated IP of a project with a processor and DMAs at its ports, in your hands."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from typing_extensions import Self

from qfx import assets
from qfx.disk import nearby
from qfx.hardware import Port, registers
from qfx.hardware.registers import Control, ip_module
from qfx.project import Project, ProjectError
from qfx.simulation.outcome import SimulationError
from qfx.simulation.rtl.build import TEMPLATES, compiled, ports_of, sources

Bytes = npt.NDArray[np.uint8]
_PATIENCE = 10_000  # cycles for a register to answer, stalls included
_FLAGS = ("--x-assign", "unique", "--x-initial", "unique")  # what no reset sets begins at random
_AT = {register.name: register.offset for register in registers.REGISTERS}
COUNTED = tuple(register.name for register in registers.PORT_COUNTERS)


class PortShape(ctypes.Structure):
    """qfx::PortShape of device.hpp."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("bytes", ctypes.c_uint64),
        ("beats", ctypes.c_uint64),
        ("last_bytes", ctypes.c_uint64),
    )

    @classmethod
    def of(cls, port: Port) -> PortShape:
        stream, last_bytes = port.stream, port.last_keep.bit_length()
        return cls(stream.name.encode(), port.width_bits // 8, stream.beats, last_bytes)


class Counts(ctypes.Structure):
    """qfx::Counts of device.hpp: what the testbench counted at a port."""

    _fields_ = tuple((name, ctypes.c_uint64) for name in COUNTED)


class _Follow(ctypes.Structure):
    """qfx::Follow of device.hpp."""

    _fields_ = tuple(
        (name, ctypes.c_uint32) for name in ("control", "reset", "clear", "packets", "reset_cycles")
    )


def _follow() -> _Follow:
    """The registers that the checks follow."""
    return _Follow(
        _AT["control"],
        int(Control.RESET),
        int(Control.CLEAR),
        _AT["frames_per_packet"],
        registers.RESET_CYCLES,
    )


class Device:
    """The IP, its clock, an AXI4-Lite master and a DMA at each port; each channel is checked in
    every cycle.

        with Device(project, stall_percent=30) as device:
            device.receive(0, most=64)
            device.send(0, frame)
            while (found := device.received(0)) is None:
                device.step(100)

    What no reset sets begins at random, as on a chip. A broken rule of a channel is counted in
    `violations` and raised by the call that met it, and by every one after.

    Args:
        project: its folder, opened or as a path.
        stall_percent: of cycles on which each channel pauses, whatever the others do.
        seed: of the stalls, and of what registers hold before they are reset.
        library: of the IP, from `load`, where several devices share it.

    Raises:
        ProjectError: not a project folder, or one without an IP.
        ToolMissing, ToolFailed: Verilator or g++.
    """

    def __init__(
        self,
        project: Project | str | Path,
        stall_percent: int = 0,
        seed: int = 1,
        library: Any = None,
    ) -> None:
        project = Project.open(project)
        self.name = project.manifest.name
        self.inputs = [record.port() for record in project.manifest.inputs]
        self.outputs = [record.port() for record in project.manifest.outputs]
        self._library = library or load(project)
        self.violations = 0
        options = (b"qfx", b"+verilator+rand+reset+2", f"+verilator+seed+{seed}".encode())
        shapes = [
            (PortShape * len(ports))(*map(PortShape.of, ports))
            for ports in (self.inputs, self.outputs)
        ]
        self._device: Any = self._library.device_new(
            len(options), (ctypes.c_char_p * len(options))(*options),
            shapes[0], len(self.inputs), shapes[1], len(self.outputs),
            ctypes.byref(_follow()), stall_percent, seed,
        )  # fmt: skip
        self._shapes = shapes  # their names must live as long

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the design; the device is of no more use."""
        if self._device is not None:
            self._library.device_delete(self._device)
            self._device = None

    @property
    def cycle(self) -> int:
        """Cycles of the clock so far."""
        return int(self._library.device_cycle(self._device))

    def read(self, offset: int) -> int:
        """A register by AXI4-Lite.

        Raises:
            SimulationError: no answer, another than OKAY, or a broken rule.
        """
        data = ctypes.c_uint32()
        response = self._library.device_read(self._device, offset, ctypes.byref(data), _PATIENCE)
        self._answered("R", offset, response)
        return data.value

    def write(self, offset: int, value: int, strobes: int = 0b1111) -> None:
        """Write a register by AXI4-Lite; bit n of `strobes` takes byte n along.

        Raises:
            SimulationError: no answer, another than OKAY, or a broken rule.
        """
        response = self._library.device_write(self._device, offset, value, strobes, _PATIENCE)
        self._answered("B", offset, response)

    def send(self, port: int, data: Bytes) -> None:
        """Start a transfer to an input port: whole beats, TLAST on the last one, TKEEP as the
        length says.

        Raises:
            SimulationError: the one before has not ended.
        """
        if not self.sent(port):
            raise SimulationError(
                f"{self.inputs[port].stream.name}: a transfer is under way: wait until it is sent"
            )
        given = np.ascontiguousarray(data, np.uint8).reshape(-1)
        self._library.device_send(self._device, port, given.ctypes.data, given.size)

    def sent(self, port: int) -> bool:
        """Whether the last transfer to an input port has ended."""
        return bool(self._library.device_sent(self._device, port))

    def receive(self, port: int, most: int) -> None:
        """Start a transfer from an output port: it ends at TLAST; a byte beyond `most` is an
        error.

        Raises:
            SimulationError: the one before has not ended.
        """
        if self._library.device_receiving(self._device, port):
            raise SimulationError(
                f"{self.outputs[port].stream.name}: a transfer is under way: wait until it has come"
            )
        self._library.device_receive(self._device, port, most)

    def received(self, port: int) -> Bytes | None:
        """What the last transfer from an output port brought; None while it goes on, or before
        there was one.
        """
        return self.arrived(port) if self._library.device_received(self._device, port) else None

    def arrived(self, port: int) -> Bytes:
        """What the last transfer from an output port has brought so far."""
        found = np.zeros(self._library.device_arrived(self._device, port), np.uint8)
        self._library.device_take(self._device, port, found.ctypes.data)
        return found

    def step(self, cycles: int = 1) -> None:
        """Run the clock.

        Raises:
            SimulationError: a broken rule, by channel and cycle.
        """
        self._library.device_step(self._device, cycles)
        self._checked()

    def settle(self, cycles: int) -> bool:
        """Run the clock until no output has a transfer under way, so many cycles at most; whether
        it came to that.

        Raises:
            SimulationError: a broken rule, by channel and cycle.
        """
        ended = bool(self._library.device_settle(self._device, cycles))
        self._checked()
        return ended

    def reset(self, amid: int = 0) -> None:
        """Hold aresetn; the DMAs and the processor are reset with it.

        Args:
            amid: cycles before, with which a read and a write begin that the reset may cut short.

        Raises:
            SimulationError: a broken rule, by channel and cycle.
        """
        if amid:
            self._library.device_amid(self._device, amid)
        self._library.device_reset(self._device)
        self._checked()

    def abandon(self) -> None:
        """Drop every transfer, as a reset of the DMAs does."""
        self._library.device_abandon(self._device)

    def counted(self, direction: str, port: int) -> dict[str, int]:
        """What the testbench itself counted at a port since the core's reset: as its registers.

        Args:
            direction: "in" or "out".
            port: of that direction.
        """
        counts = Counts()
        index = port if direction == "in" else len(self.inputs) + port
        self._library.device_counts(self._device, index, ctypes.byref(counts))
        return {name: int(getattr(counts, name)) for name in COUNTED}

    def _answered(self, channel: str, offset: int, response: int) -> None:
        self._checked()
        if response:
            what = (
                f"answered {response}, not OKAY"
                if response > 0
                else (f"no answer in {_PATIENCE:,} cycles")
            )
            self.violations += 1
            raise SimulationError(
                f"IP of {self.name}: s_axi_control {channel} in cycle {self.cycle}:"
                f" register {offset:#x}: {what}"
            )

    def _checked(self) -> None:
        fault = self._library.device_fault(self._device).decode()
        if fault:
            self.violations += 1
            raise SimulationError(f"IP of {self.name}: {fault}")


def load(project: Project) -> Any:
    """The library of a project's IP, built once for the same sources, through ctypes.

    Raises:
        ProjectError: a project of a qfx that wrote no IP; ToolMissing, ToolFailed: Verilator, g++.
    """
    top = ip_module(project.manifest.name)
    ip = project.path / "verilog" / "src" / f"{top}.v"
    if not ip.is_file():
        raise ProjectError(f"{nearby(project.path)} has no {ip.name}: export again")
    harness = assets.folder("hls_templates") / "verilog" / "sim"
    inputs, outputs = ports_of(project)
    unit = TEMPLATES.render(
        "device.cc.j2",
        top=top,
        inputs=inputs,
        outputs=outputs,
        features=_AT["features"],
    )
    library = compiled(top, [*sources(project), ip], harness, unit, _FLAGS)
    return _declared(ctypes.CDLL(str(library)))


def _declared(library: Any) -> Any:
    device, number, word = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32
    shapes, count = ctypes.POINTER(PortShape), ctypes.c_int
    options = ctypes.POINTER(ctypes.c_char_p)
    for name, result, *arguments in (
        ("new", device, count, options, shapes, number, shapes, number,
         ctypes.POINTER(_Follow), word, word),
        ("delete", None, device),
        ("reset", None, device),
        ("abandon", None, device),
        ("step", None, device, number),
        ("settle", count, device, number),
        ("send", None, device, number, ctypes.c_void_p, number),
        ("sent", count, device, number),
        ("receive", None, device, number, number),
        ("receiving", count, device, number),
        ("received", count, device, number),
        ("arrived", number, device, number),
        ("take", None, device, number, ctypes.c_void_p),
        ("write", count, device, word, word, word, number),
        ("read", count, device, word, ctypes.POINTER(word), number),
        ("amid", None, device, number),
        ("counts", None, device, number, ctypes.POINTER(Counts)),
        ("cycle", number, device),
        ("fault", ctypes.c_char_p, device),
    ):  # fmt: skip
        function = getattr(library, f"device_{name}")
        function.argtypes, function.restype = arguments, result
    return library
