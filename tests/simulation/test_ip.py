"""The core's IP in a processor's and in DMAs' hands: registers, packets, counters, resets."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import qfx
from qfx.hardware import registers
from qfx.hardware.registers import Control, Feature
from qfx.project.folder import Project, ProjectError
from qfx.simulation import Device, SimulationError, soak
from qfx.simulation.board import soak as soaking
from qfx.simulation.parallel import Workers
from several_models import frozen

AT = {register.name: register.offset for register in registers.REGISTERS}


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], None]) -> Project:
    """Two streams through, of 2 and 5 beats a frame, each with a ragged last beat."""
    require_tool("verilator")
    model, shapes = frozen("apart")
    folder = tmp_path_factory.mktemp("ip") / "apart"
    return qfx.export(model, folder, name="apart", input_shape=shapes)


@pytest.fixture(params=[0, 40], ids=["unstalled", "stalled"])
def device(apart: Project, request: pytest.FixtureRequest) -> Iterator[Device]:
    with Device(apart, stall_percent=request.param, seed=5) as device:
        yield device


def put(
    device: Device, project: Project, frames: int, first: int = 0, port: int | None = None
) -> None:
    """Start sending some frames of the stimuli to all ports, or to one."""
    for n, (entry, integers) in enumerate(
        zip(device.inputs, project.batches("stimuli"), strict=True)
    ):
        if port in (None, n):
            device.send(n, entry.pack(integers[first : first + frames]).view(np.uint8))


def take(device: Device, project: Project, first: int, frames: int) -> list[int]:
    """Receive a packet from each port and compare it; the bytes of each."""
    expect(device, frames)
    return taken(device, project, first, frames)


def expect(device: Device, frames: int) -> None:
    for n, port in enumerate(device.outputs):
        device.receive(n, frames * port.stream.beats * port.width_bits // 8)


def taken(device: Device, project: Project, first: int, frames: int) -> list[int]:
    assert device.settle(20_000)
    counts = []
    for n, (port, golden) in enumerate(zip(device.outputs, project.batches("golden"), strict=True)):
        found = device.received(n)
        assert found is not None
        padded = np.zeros(frames * port.stream.beats * port.width_bits // 8, np.uint8)
        padded[: len(found)] = found
        words = padded.view("<u4").reshape(frames, port.stream.beats, -1)
        np.testing.assert_array_equal(port.unpack(words), golden[first : first + frames])
        counts.append(len(found))
    return counts


def test_the_core_says_who_it_is(device: Device, apart: Project) -> None:
    assert device.read(AT["id"]).to_bytes(4, "big") == b"QFX "
    assert device.read(AT["version"]) == registers.MAP_VERSION
    assert Feature(device.read(AT["features"])) == Feature(7)
    digits = "".join(f"{device.read(word.offset):08x}" for word in registers.GRAPH_SHA256)
    assert digits == apart.manifest.graph_sha256


def test_no_address_stops_the_processor(device: Device) -> None:
    known = {register.offset for register in (*registers.REGISTERS, *registers.GRAPH_SHA256)}
    known |= {
        base + registers.PORT_STRIDE * port + counter.offset
        for base in (registers.INPUT_PORTS, registers.OUTPUT_PORTS)
        for port in range(2)
        for counter in registers.PORT_COUNTERS
    }
    unknown = [place for place in range(0, 2**registers.ADDRESS_BITS, 4) if place not in known]
    assert len(unknown) + len(known) == 2**registers.ADDRESS_BITS // 4
    for place in unknown:
        assert device.read(place) == 0
    for place in (*unknown[::50], AT["id"], AT["frames"], AT["features"]):
        device.write(place, 0xFFFFFFFF)
    assert device.read(AT["id"]) == registers.ID
    assert device.read(AT["id"] + 3) == registers.ID  # a register is read whole
    assert device.read(AT["frames_per_packet"]) == 1
    assert device.read(AT["frames"]) == device.read(AT["control"]) == 0


def test_bytes_are_written_by_their_strobes(device: Device) -> None:
    place = AT["frames_per_packet"]
    device.write(place, 0xAABBCCDD)
    device.write(place, 0x11223344, strobes=0b0101)
    assert device.read(place) == 0xAA22CC44
    device.write(place, 0, strobes=0)
    assert device.read(place) == 0xAA22CC44
    device.write(AT["control"], Control.RESET << 8 | Control.RESET, strobes=0b1110)
    assert device.read(AT["control"]) == 0


def test_a_packet_ends_after_its_frames(device: Device, apart: Project) -> None:
    whole = [port.stream.beats * port.width_bits // 8 for port in device.outputs]
    ragged = [port.last_keep.bit_length() - port.width_bits // 8 for port in device.outputs]
    assert max(ragged) < 0  # a frame's last beat is not full
    first = 0
    for frames in (3, 1, 4):
        device.write(AT["frames_per_packet"], frames if frames > 1 else 0)  # 0 counts as 1
        put(device, apart, frames, first)
        counts = take(device, apart, first, frames)
        assert counts == [frames * n + less for n, less in zip(whole, ragged, strict=True)]
        first += frames


def test_a_packet_under_way_keeps_its_length(device: Device, apart: Project) -> None:
    device.write(AT["frames_per_packet"], 2)
    put(device, apart, 4)
    device.step(300)  # the first beats wait at the outputs
    device.write(AT["frames_per_packet"], 1)
    take(device, apart, 0, 2)
    take(device, apart, 2, 1)
    take(device, apart, 3, 1)


def test_frames_may_come_in_any_transfers(device: Device, apart: Project) -> None:
    device.write(AT["frames_per_packet"], 4)
    expect(device, 4)
    beat = device.inputs[0].width_bits // 8
    for n, (port, integers) in enumerate(zip(device.inputs, apart.batches("stimuli"), strict=True)):
        given = port.pack(integers[:4]).view(np.uint8).reshape(-1)
        for part in (given[: 3 * beat], given[3 * beat :]):  # TLAST in the middle of a frame
            device.send(n, part)
            while not device.sent(n):
                device.step()
    taken(device, apart, 0, 4)


def counters(device: Device, base: int, port: int) -> list[int]:
    return [
        device.read(base + registers.PORT_STRIDE * port + counter.offset)
        for counter in registers.PORT_COUNTERS
    ]


def test_counters_count_and_are_cleared(device: Device, apart: Project) -> None:
    device.write(AT["frames_per_packet"], 3)
    put(device, apart, 3)
    device.step(200)  # nobody takes what waits
    take(device, apart, 0, 3)
    for port in range(2):
        frames, stalled, starved = counters(device, registers.OUTPUT_PORTS, port)
        assert frames == 3
        assert stalled > 100
        assert starved == device.counted("out", port)["starved"]
        assert counters(device, registers.INPUT_PORTS, port)[0] == 3
    assert device.read(AT["frames"]) == 3
    device.write(AT["control"], Control.CLEAR)
    assert device.read(AT["frames"]) == 0
    assert counters(device, registers.OUTPUT_PORTS, 1) == [0, 0, 0]
    assert counters(device, registers.INPUT_PORTS, 0)[:2] == [0, 0]
    assert device.read(AT["frames_per_packet"]) == 3


def test_part_of_a_frame_is_seen(device: Device, apart: Project) -> None:
    assert device.read(AT["status"]) == 0
    device.send(0, np.zeros(16, np.uint8))  # one beat of two
    device.step(300)
    assert device.read(AT["status"]) == 1
    device.write(AT["control"], Control.CLEAR)
    assert device.read(AT["status"]) == 1
    device.write(AT["control"], Control.RESET)
    while device.read(AT["control"]):
        pass
    assert device.read(AT["status"]) == 0
    put(device, apart, 1, port=1)
    device.step(300)
    assert device.read(AT["status"]) == 1  # a whole frame, by one of the inputs


def test_a_reset_of_the_core_keeps_the_registers(device: Device, apart: Project) -> None:
    device.write(AT["frames_per_packet"], 2)
    put(device, apart, 7)
    device.step(40)
    device.abandon()
    device.write(AT["control"], Control.RESET)
    while device.read(AT["control"]) == Control.RESET:
        pass
    assert device.read(AT["frames_per_packet"]) == 2
    assert device.read(AT["frames"]) == 0
    put(device, apart, 4)
    take(device, apart, 0, 2)
    take(device, apart, 2, 2)
    device.reset()
    assert device.read(AT["frames_per_packet"]) == 1


def test_what_a_dma_would_not_do_is_refused(device: Device, apart: Project) -> None:
    put(device, apart, 2)
    with pytest.raises(SimulationError, match="s_axis_fast: a transfer is under way"):
        device.send(0, np.zeros(16, np.uint8))
    device.write(AT["frames_per_packet"], 2)
    device.receive(0, 16)
    with pytest.raises(SimulationError, match="m_axis_fast_act: a transfer is under way"):
        device.receive(0, 32)
    sentence = "IP of apart: m_axis_fast_act in cycle .*: more bytes came than were asked for"
    with pytest.raises(SimulationError, match=sentence):
        device.step(1000)
    assert device.violations == 1


def test_soaking_finds_nothing(apart: Project) -> None:
    told: list[int] = []
    result = soak(apart, 600, workers=Workers(2, told.append))
    assert result.clean, result
    assert result.frames == 600 == told[-1]
    assert min(result.resets, result.soft_resets) > 5
    again = soak(apart, 600)
    assert replace(again, seconds=0) == replace(result, seconds=0)
    assert soak(apart, 600, seed=1).cycles != result.cycles
    calm = soak(apart, 40, resets=False)
    assert calm.clean
    assert calm.resets == calm.soft_resets == 0


def test_what_came_before_a_reset_is_compared_too(
    apart: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(apart.path, tmp_path / "wrong")
    file = tmp_path / "wrong" / "vectors" / "golden_slow_act.npy"
    golden = np.load(file)
    golden[:, 7] += 1
    np.save(file, golden)
    monkeypatch.setattr(soaking, "_RESET_SHARE", 1.0)  # no packet ends but by a reset
    result = soak(str(tmp_path / "wrong"), 8)
    assert (result.frames, result.mismatches) == (0, 1)
    assert re.match(r"frame \d+ of those that a reset ends is not golden", result.found[0])


def test_a_soak_ends_when_it_is_interrupted(
    apart: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(frames: int) -> None:
        if frames:
            raise KeyboardInterrupt

    monkeypatch.setattr(soaking, "_SLICE", 5)
    started = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        soak(apart, 10_000_000, workers=Workers(2, interrupt))
    assert time.perf_counter() - started < 30


def test_soaking_knows_its_limits(apart: Project, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="frames must be 1 or more, not 0"):
        soak(apart, 0)
    older = qfx.export(frozen("added")[0], tmp_path / "older", input_shape=((7,), (5,)))
    (older.path / "verilog" / "src" / "model_ip.v").unlink()
    with pytest.raises(ProjectError, match=r"has no model_ip\.v: export again"):
        Device(older)
