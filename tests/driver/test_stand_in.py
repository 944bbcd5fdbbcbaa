"""The stand-in for pynq refuses what pynq and its DMAs refuse, and hides what caches hide."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from golden_device import GoldenDevice

from qfx.project.folder import Project
from qfx.simulation import SimulationError
from qfx.simulation.board.memory import Memory
from qfx.simulation.board.pynq import Board, Overlay, installed

ProjectOf = Callable[[str], Project]
FRAME = 16  # bytes of a frame of "vector", in and out


@pytest.fixture
def board(project_of: ProjectOf) -> Board:
    project = project_of("vector")
    board = Board(project.manifest, GoldenDevice(project), patience=50_000)
    Overlay(board, "vector.bit")
    return board


def frame(board: Board, frames: int = 1) -> Any:
    buffer = board.memory.allocate((frames, FRAME), "i1")
    buffer[:] = 1
    buffer.flush()
    return buffer


def test_memory_is_as_it_was_left_and_flush_and_invalidate_move_it() -> None:
    memory = Memory()
    buffer = memory.allocate((3, 4), "<i2")
    assert buffer.shape == (3, 4)
    assert set(buffer.tobytes()) == {0xA5}
    at = memory.at(buffer.physical_address, 24)
    assert at is not None
    buffer[:] = 7
    assert set(at) == {0xA5}
    buffer[1:].flush()
    assert set(at[:8]) == {0xA5}
    assert at[8:].view("<i2").tolist() == [7] * 8
    buffer.invalidate()
    assert buffer[0].tobytes() == b"\xa5" * 8
    assert buffer[1].physical_address == buffer.physical_address + 8
    other = memory.allocate((1,), "u1")
    assert other.physical_address % 4096 == 0
    assert memory.at(buffer.physical_address, 25) is None
    buffer.freebuffer()
    assert memory.at(buffer.physical_address, 1) is None


def test_only_what_the_processor_wrote_is_written_back() -> None:
    memory = Memory()
    buffer = memory.allocate((8,), "u1")
    at = memory.at(buffer.physical_address, 8)
    assert at is not None
    at[:4] = 1  # as a DMA does whose transfer nobody waited for
    assert memory.clean(buffer.physical_address)
    buffer[6] = 2
    assert not memory.clean(buffer.physical_address)
    buffer.flush()
    assert memory.clean(buffer.physical_address)
    assert at.tolist() == [1] * 4 + [0xA5] * 2 + [2, 0xA5]


def test_a_transfer_is_as_of_a_dma(board: Board) -> None:
    dma, given, taken = board.dmas[0], frame(board), frame(board)
    assert not dma.recvchannel.idle
    dma.recvchannel.transfer(taken)
    with pytest.raises(RuntimeError, match="DMA channel not idle"):
        dma.recvchannel.transfer(taken)
    dma.sendchannel.transfer(given, 0, FRAME)
    while not (dma.sendchannel.idle and dma.recvchannel.idle):
        assert (taken == 1).all()
    assert (taken == 1).all()  # it is in memory, not yet in the cache
    dma.recvchannel.wait()
    dma.sendchannel.wait()
    assert not (taken == 1).all()
    assert dma.read(0x58) == 4  # bytes that came
    dma.recvchannel.transfer(taken)  # again, now that it is idle
    dma.recvchannel.stop()
    with pytest.raises(RuntimeError, match="DMA channel not started"):
        dma.recvchannel.wait()
    dma.recvchannel.start()
    assert dma.recvchannel.running


@pytest.mark.parametrize(("count", "error"), [(FRAME - 1, "internal"), (3 * FRAME, "decode")])
def test_a_dma_stops_with_an_error(count: int, error: str, board: Board) -> None:
    dma = board.dmas[0]
    dma.sendchannel.transfer(frame(board, 2), 0, count)
    assert dma.sendchannel.error
    assert not dma.sendchannel.running
    with pytest.raises(RuntimeError, match="DMA channel not started"):
        dma.sendchannel.transfer(frame(board), 0, FRAME)
    dma.write(0x30, 4)  # the reset of one channel is that of both
    assert not dma.sendchannel.error
    dma.sendchannel.start()
    dma.sendchannel.transfer(frame(board), 0, FRAME)
    assert not dma.sendchannel.error


def test_memory_that_was_freed_is_no_ones(board: Board) -> None:
    buffer = frame(board)
    buffer.freebuffer()
    board.dmas[0].sendchannel.transfer(buffer)
    assert board.dmas[0].read(0x04) & 0x40


def test_what_caches_may_write_over_what_comes_is_refused(board: Board) -> None:
    buffer = frame(board)
    buffer[0, 3] = 2
    with pytest.raises(SimulationError, match="m_axis: what was written into its buffer"):
        board.dmas[0].recvchannel.transfer(buffer)
    buffer.flush()
    board.dmas[0].write(0x30, 4)
    board.dmas[0].recvchannel.start()
    board.dmas[0].recvchannel.transfer(buffer)


def test_26_bits_of_length_and_no_more(board: Board) -> None:
    with pytest.raises(ValueError, match="67108864 bytes, which exceeds"):
        board.dmas[0].sendchannel.transfer(frame(board), 0, 1 << 26)


def test_registers_take_plain_ints_at_whole_words(board: Board) -> None:
    with pytest.raises(ValueError, match="must be int or bytes"):
        board.core.write(0x80, np.int64(1))
    for call in (lambda: board.core.read(0x81), lambda: board.core.write(0x81, 1)):
        with pytest.raises(MemoryError, match="Unaligned"):
            call()


def test_what_never_ends_is_said(board: Board) -> None:
    board.dmas[0].recvchannel.transfer(frame(board))
    with pytest.raises(SimulationError, match=r"in 52,000 cycles; under way: m_axis$"):
        board.dmas[0].recvchannel.wait()


def test_pynq_is_there_only_while_installed(board: Board) -> None:
    with installed(board):
        import pynq.lib.dma

        overlay = pynq.Overlay("a.bit", download=False)
        assert set(overlay.ip_dict) == {"vector_0", "axi_dma_0"}
        assert isinstance(overlay.axi_dma_0, pynq.lib.dma.DMA)
    assert not {"pynq", "pynq.lib", "pynq.lib.dma"} & set(sys.modules)
