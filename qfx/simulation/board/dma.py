"""The DMAs of the stand-in for pynq: as AMD's AXI DMA in simple mode (PG021) and pynq 3 above it.

Simulated time passes whenever a DMA's status is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from qfx.project.manifest import PortRecord
from qfx.simulation.board.memory import Buffer, Bytes, Memory
from qfx.simulation.outcome import SimulationError

_LENGTH_BITS = 26
_DMA_ERROR = {0x10: "internal", 0x20: "slave", 0x40: "decode"}
_HALTED, _IDLE, _INTERNAL, _DECODE = 0x1, 0x2, 0x10, 0x40
_RUN, _RESET = 0x1, 0x4


class Simulated(Protocol):
    """What `qfx.simulation.board.device.Device` is to this page."""

    def read(self, offset: int) -> int: ...
    def write(self, offset: int, value: int) -> None: ...
    def send(self, port: int, data: Bytes) -> None: ...
    def receive(self, port: int, most: int) -> None: ...
    def sent(self, port: int) -> bool: ...
    def received(self, port: int) -> Bytes | None: ...
    def settle(self, cycles: int) -> bool: ...
    def abandon(self) -> None: ...
    def reset(self) -> None: ...


class Surroundings(Protocol):
    """What `qfx.simulation.board.pynq.Board` is to this page.

    Args:
        waited: cycles since a transfer last began or ended.
    """

    memory: Memory
    device: Simulated
    waited: int

    def pass_time(self) -> None: ...


class Registers:
    """As MMIO: 32-bit words at offsets that are multiples of 4; plain ints are written.

    Args:
        read, write: what stands behind it.
    """

    def __init__(self, read: Callable[[int], int], write: Callable[[int, int], None]) -> None:
        self._read, self._write = read, write

    def read(self, offset: int = 0) -> int:
        if offset % 4:
            raise MemoryError("Unaligned read: offset must be multiple of 4.")
        return self._read(offset)

    def write(self, offset: int, data: int) -> None:
        if offset % 4:
            raise MemoryError("Unaligned write: offset must be multiple of 4.")
        if type(data) is not int:
            raise ValueError("Data type must be int or bytes.")
        self._write(offset, data % (1 << 32))


class Engine:
    """One direction of an AXI DMA: its registers, and the transfer it is at.

    Args:
        board: whose memory and device it joins.
        port: number of the device's.
        sends: whether it goes to the device.
        record: of the port; a transfer takes whole beats and starts at one.
    """

    def __init__(self, board: Surroundings, port: int, sends: bool, record: PortRecord) -> None:
        self.board, self.port, self.sends = board, port, sends
        self.name, self.beat_bytes = record.name, record.width_bits // 8
        self.reset()

    def reset(self) -> None:
        """As PG021 says of DMACR.Reset."""
        self.status, self.address, self.length, self.busy = _HALTED, 0, 0, False

    def write(self, offset: int, value: int) -> None:
        if offset == 0x00:
            self.status = self.status & ~_HALTED if value & _RUN else self.status | _HALTED
        elif offset == 0x18:
            self.address = self.address >> 32 << 32 | value
        elif offset == 0x1C:
            self.address = value << 32 | self.address % (1 << 32)
        elif offset == 0x28 and not self.status & _HALTED:
            self._start(value % (1 << _LENGTH_BITS))

    def read(self, offset: int) -> int:
        if offset == 0x04:
            self.board.pass_time()
            return self.status
        return {0x00: int(not self.status & _HALTED), 0x28: self.length}.get(offset, 0)

    def _start(self, length: int) -> None:
        memory = self.board.memory.at(self.address, length)
        if length == 0 or length % self.beat_bytes or self.address % self.beat_bytes:
            self.stop(_INTERNAL)
        elif memory is None:
            self.stop(_DECODE)
        else:
            self.status, self.length, self.busy = self.status & ~_IDLE, length, True
            if self.sends:
                self.board.device.send(self.port, memory.copy())
            elif not self.board.memory.clean(self.address):
                raise SimulationError(
                    f"{self.name}: what was written into its buffer is in the cache still, which"
                    " may write it over what comes: flush it first"
                )
            else:
                self.board.device.receive(self.port, length)
            self.board.waited = 0

    def stop(self, error: int) -> None:
        """End with an error, which halts the channel."""
        self.status, self.busy = self.status | error | _HALTED, False

    def settle(self) -> None:
        """See whether the transfer has ended."""
        device, ended = self.board.device, False
        if self.busy and self.sends:
            ended = device.sent(self.port)
        elif self.busy:
            data = device.received(self.port)
            if data is not None:
                memory = self.board.memory.at(self.address, len(data))
                if memory is None:
                    return self.stop(_DECODE)
                memory[:], self.length, ended = data, len(data), True
        if ended:
            self.status, self.busy = self.status | _IDLE, False
            self.board.waited = 0
        return None


class Channel:
    """As pynq.lib.dma has it: one direction of a DMA."""

    def __init__(self, mmio: Registers, offset: int, sends: bool) -> None:
        self._mmio, self._offset, self._sends = mmio, offset, sends
        self._active: Buffer | None = None
        self.start()

    @property
    def running(self) -> bool:
        return not self._mmio.read(self._offset + 4) & _HALTED

    @property
    def idle(self) -> bool:
        return bool(self._mmio.read(self._offset + 4) & _IDLE)

    @property
    def error(self) -> bool:
        return bool(self._mmio.read(self._offset + 4) & 0x70)

    def start(self) -> None:
        self._mmio.write(self._offset, _RUN)
        self._first = True

    def stop(self) -> None:
        self._mmio.write(self._offset, 0)

    def transfer(self, array: Buffer, start: int = 0, nbytes: int = 0) -> None:
        nbytes = nbytes or array.nbytes - start
        if nbytes >= 1 << _LENGTH_BITS:
            raise ValueError(f"Transfer size is {nbytes} bytes, which exceeds the maximum")
        if not self.running:
            raise RuntimeError("DMA channel not started")
        if not self.idle and not self._first:
            raise RuntimeError("DMA channel not idle")
        if self._sends:
            array.flush()
        address = array.physical_address + start
        self._mmio.write(self._offset + 0x18, address & 0xFFFFFFFF)
        self._mmio.write(self._offset + 0x1C, address >> 32)
        self._mmio.write(self._offset + 0x28, nbytes)
        self._active, self._first = array, False

    def wait(self) -> None:
        if not self.running:
            raise RuntimeError("DMA channel not started")
        while not self.idle:
            status = self._mmio.read(self._offset + 4)
            for bit, name in _DMA_ERROR.items():
                if status & bit:
                    raise RuntimeError(f"DMA {name} error")
        if not self._sends and self._active is not None:
            self._active.invalidate()


class Dma:
    """As pynq.lib.dma.DMA: `sendchannel` and `recvchannel`, as far as it has them."""

    def __init__(
        self, board: Surroundings, sends: PortRecord | None, receives: PortRecord | None, k: int
    ):
        self._board, self._engines = board, dict[int, Engine]()
        for offset, record in ((0x00, sends), (0x30, receives)):
            if record is not None:
                self._engines[offset] = Engine(board, k, offset == 0, record)
        self.mmio = Registers(self._read, self._write)
        self.read, self.write = self.mmio.read, self.mmio.write

    def bind(self) -> None:
        """Make and start the channels, as an overlay does when it is loaded."""
        if 0x00 in self._engines:
            self.sendchannel = Channel(self.mmio, 0x00, True)
        if 0x30 in self._engines:
            self.recvchannel = Channel(self.mmio, 0x30, False)

    def reset(self) -> None:
        """Both directions', whichever is asked; what they were at is dropped."""
        for engine in self.engines():
            engine.reset()
        self._board.device.abandon()

    def engines(self) -> list[Engine]:
        return list(self._engines.values())

    def _read(self, offset: int) -> int:
        base = 0x30 if offset >= 0x30 else 0x00
        return self._engines[base].read(offset - base)

    def _write(self, offset: int, value: int) -> None:
        base = 0x30 if offset >= 0x30 else 0x00
        if offset == base and value & _RESET:
            self.reset()
        else:
            self._engines[base].write(offset - base, value)
