"""The memory of the stand-in for pynq: physically contiguous buffers, caches included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
_PAGE = 4096


class Block:
    """Physically contiguous memory, and what caches hold back from it.

    Args:
        address: of its first byte.
        size: bytes.
    """

    def __init__(self, address: int, size: int) -> None:
        self.address = address
        self.dram = np.full(size, 0xA5, np.uint8)  # what was there before
        self.cached = self.dram.copy()
        self.read = self.dram.copy()  # what is cached, but for what was written since


class Buffer(np.ndarray):
    """As PynqBuffer: a processor's view of a block."""

    block: Block
    free: Callable[[], None]

    def __array_finalize__(self, other: Any) -> None:
        if isinstance(other, Buffer):  # a part of one; the whole is told by who allocates it
            self.block, self.free = other.block, other.free

    @property
    def _start(self) -> int:
        return int(self.ctypes.data - self.block.cached.ctypes.data)

    @property
    def physical_address(self) -> int:
        return self.block.address + self._start

    def flush(self) -> None:
        """What the processor wrote reaches memory; what it only read does not, though a DMA may
        have brought other bytes since.
        """
        block, part = self.block, slice(self._start, self._start + self.nbytes)
        written = block.cached[part] != block.read[part]
        block.dram[part][written] = block.cached[part][written]
        block.read[part] = block.cached[part]

    def invalidate(self) -> None:
        """What the processor knew is read anew."""
        part = slice(self._start, self._start + self.nbytes)
        self.block.cached[part] = self.block.read[part] = self.block.dram[part]

    def freebuffer(self) -> None:
        self.free()


class Memory:
    """What `pynq.allocate` takes its buffers from.

    Args:
        size: bytes there are in all.
    """

    def __init__(self, size: int = 1 << 28) -> None:
        self.blocks: dict[int, Block] = {}
        self.size, self.next = size, 0x1000_0000

    def allocate(self, shape: Any, dtype: Any = "u4") -> Buffer:
        """As pynq.allocate.

        Raises:
            RuntimeError: there is no more.
        """
        count = int(np.prod(shape)) * np.dtype(dtype).itemsize
        if sum(len(block.dram) for block in self.blocks.values()) + count > self.size:
            raise RuntimeError("Failed to allocate Memory!")
        block = Block(self.next, count)
        self.blocks[block.address] = block
        self.next += -(-count // _PAGE) * _PAGE + _PAGE
        buffer: Buffer = block.cached.view(dtype).reshape(shape).view(Buffer)
        buffer.block = block
        buffer.free = lambda: self._free(block)
        return buffer

    def _free(self, block: Block) -> None:
        self.blocks.pop(block.address, None)

    def clean(self, address: int) -> bool:
        """Whether caches hold nothing of a block that they might yet write over it."""
        blocks = (b for b in self.blocks.values() if 0 <= address - b.address < len(b.dram))
        return all(np.array_equal(block.cached, block.read) for block in blocks)

    def at(self, address: int, count: int) -> Bytes | None:
        """So many bytes of memory; None where not all of them are allocated."""
        for block in self.blocks.values():
            start = address - block.address
            if start >= 0 and start + count <= len(block.dram):
                return block.dram[start : start + count]
        return None
