"""predict() of the folder's driver equals the golden model: every kind of port, any batch."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driven_models import BUILDERS
from driving import floats, opened, same
from golden_device import EVERY, GoldenDevice

from qfx.hardware.registers import Feature
from qfx.ir.several import alone, each_of
from qfx.project.folder import Project

STANDARD = ("dataclasses", "functools", "pathlib")
ProjectOf = Callable[[str], Project]


def golden(project: Project, *data: np.ndarray) -> list[np.ndarray]:
    return [output.to_float() for output in project.graph().run_all(*data)]


@pytest.mark.parametrize("name", BUILDERS)
def test_predict_is_the_golden_model(name: str, project_of: ProjectOf) -> None:
    project = project_of(name)
    with opened(project) as at:
        for count in (1, 0, 37, 2):
            data = floats(project, count)
            assert same(at.accelerator.predict(*data), alone(golden(project, *data)))
            single = tuple(x.astype(np.float32) for x in data)
            assert same(at.accelerator.predict(*single), alone(golden(project, *single)))


@pytest.mark.parametrize("name", BUILDERS)
def test_recorded_integers_give_the_recorded_golden_ones(name: str, project_of: ProjectOf) -> None:
    project = project_of(name)
    stimuli, wanted = project.batches("stimuli"), project.vectors("golden")
    with opened(project) as at:
        found = at.accelerator.predict_integers(*stimuli)
        assert same(found, wanted)
        assert {y.dtype for y in each_of(found)} == {np.dtype(np.int64)}
        narrow = [
            x.astype(np.min_scalar_type(x.min() if x.min() < 0 else x.max())) for x in stimuli
        ]
        assert same(at.accelerator.predict_integers(*narrow), wanted)


def test_the_ports_are_of_every_kind(project_of: ProjectOf) -> None:
    records = [
        record
        for name in BUILDERS
        for record in (*project_of(name).manifest.inputs, *project_of(name).manifest.outputs)
    ]
    kinds = {(record.port().element_bits, record.signed) for record in records}
    assert kinds >= {(bits, signed) for bits in (8, 16, 32) for signed in (False, True)}
    assert any(record.port().last_keep + 1 < 1 << record.width_bits // 8 for record in records)
    transposed = (project_of("transposed").path / "pynq" / "driver.py").read_text()
    assert re.search(r'order=\(?\s*"0 ', transposed)
    assert "order=((20, 1), (3, 20))" in (project_of("image").path / "pynq/driver.py").read_text()


def test_pixels_are_bytes_and_classes_are_numbers(project_of: ProjectOf) -> None:
    project = project_of("pixels")
    images = np.random.default_rng(1).integers(0, 256, (9, 1, 5, 6), np.uint8)
    wanted = project.graph().run(images).integers
    with opened(project) as at:
        found = at.accelerator.predict(images)
        assert found.dtype == np.int64
        assert same(found, wanted)
        assert same(at.accelerator.predict(images.astype(np.float32) + 0.25), wanted)
        assert len(np.unique(wanted)) > 1


def test_arrays_that_lie_otherwise_in_memory_are_the_same_arrays(project_of: ProjectOf) -> None:
    project = project_of("image")
    (x,) = floats(project, 8)
    (wanted,) = golden(project, x[::-2])
    with opened(project) as at:
        assert same(at.accelerator.predict(x[::-2]), wanted)
        assert same(at.accelerator.predict(np.asfortranarray(x[::-2])), wanted)
        assert same(at.accelerator.predict(x[::-2].astype(">f8")), wanted)
        assert same(at.accelerator.predict(x[::-2].tolist()), wanted)


def test_a_batch_is_sent_in_as_many_packets_as_memory_asks_for(project_of: ProjectOf) -> None:
    project = project_of("image")
    (x,) = floats(project, 23)
    frame = 128 + 48  # bytes of an input's beats and of an output's
    with opened(project, memory_bytes=7 * frame + 5) as at:
        assert same(at.accelerator.predict(x), golden(project, x)[0])
        assert at.device.packets == [7, 7, 7, 2]
        at.accelerator.predict(x[:3])
        assert len(at.board.memory.blocks) == 2  # the buffers are there still
    assert at.board.memory.blocks == {}
    with opened(project, memory_bytes=1) as at:
        assert same(at.accelerator.predict(x[:2]), golden(project, x[:2])[0])
        assert at.device.packets == [1, 1]


def test_no_transfer_is_longer_than_a_dma_counts(project_of: ProjectOf) -> None:
    with opened(project_of("image"), memory_bytes=1 << 40) as at:
        assert at.accelerator._most_frames * 128 < 1 << 26
        assert (at.accelerator._most_frames + 1) * 128 >= 1 << 26


def test_buffers_grow_when_more_is_asked_for(project_of: ProjectOf) -> None:
    project = project_of("vector")
    (x,) = floats(project, 50)
    with opened(project) as at:
        for count in (1, 50, 3):
            assert same(at.accelerator.predict(x[:count]), golden(project, x[:count])[0])
        assert {len(block.dram) for block in at.board.memory.blocks.values()} == {50 * 16}


@pytest.mark.parametrize("name", ["vector", "apart"])
def test_a_core_without_packets_is_served_frame_by_frame(name: str, project_of: ProjectOf) -> None:
    project = project_of(name)
    data = floats(project, 5)
    with opened(project, GoldenDevice(project, EVERY & ~Feature.PACKETS)) as at:
        assert same(at.accelerator.predict(*data), alone(golden(project, *data)))
        assert at.device.packets == [1] * 5


def test_speeds_are_told_apart(project_of: ProjectOf) -> None:
    project = project_of("vector")
    (x,) = floats(project, 50)
    with opened(project) as at:
        assert at.accelerator.frames_per_second == {}
        at.accelerator.predict(x)
        speeds = at.accelerator.frames_per_second
        assert list(speeds) == ["kernel", "end-to-end"]
        assert speeds["kernel"] > speeds["end-to-end"] > 0
        at.accelerator.predict(x[:0])
        assert at.accelerator.frames_per_second == {"kernel": 0, "end-to-end": 0}


def test_counters_are_of_each_port_and_can_be_cleared(project_of: ProjectOf) -> None:
    project = project_of("apart")
    with opened(project) as at:
        at.accelerator.predict(*floats(project, 6))
        counts = at.accelerator.counters()
        each = {"frames": 6, "stalled": 0, "starved": 0}
        assert counts == {
            "frames": 6,
            "busy": False,
            "inputs": {"fast": each, "slow": each},
            "outputs": {"fast_act": each, "slow_act": each},
        }
        at.accelerator.clear_counters()
        assert at.accelerator.counters()["frames"] == 0


def test_the_driver_needs_numpy_and_pynq_alone(project_of: ProjectOf, tmp_path: Path) -> None:
    for name in BUILDERS:
        file = project_of(name).path / "pynq" / "driver.py"
        tree = ast.parse(file.read_text(), feature_version=(3, 8))  # as PYNQ 2.7 has it
        modules = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        modules |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert modules == {"time", *STANDARD, "numpy", "pynq.lib.dma"}
        ruff = [str(Path(sys.executable).with_name("ruff"))]
        for command in (["check", "--select", "E,F,I,W"], ["format", "--check"]):
            made = [*ruff, *command, "--line-length", "100", "--isolated", str(file)]
            checked = subprocess.run(made, capture_output=True, text=True, check=False)
            assert checked.returncode == 0, checked.stdout


def test_download_false_takes_what_is_there_and_resets_it(project_of: ProjectOf) -> None:
    project = project_of("vector")
    (x,) = floats(project, 3)
    device = GoldenDevice(project)
    device.send(0, np.zeros(5 * 16, np.uint8))  # somebody left them
    with opened(project, device, download=False) as at:
        assert at.device.resets == 2  # its own making, and this
        assert same(at.accelerator.predict(x), golden(project, x)[0])


@pytest.mark.parametrize("name", ["vector", "added", "heads", "joined"])
def test_the_block_design_has_what_the_driver_asks_for(name: str, project_of: ProjectOf) -> None:
    project = project_of(name)
    text = (project.path / "pynq" / "block_design.tcl").read_text()
    cells = re.findall(r"^cell (?:qfx:user:\w+|xilinx\.com:ip:axi_dma) (\w+)$", text, re.MULTILINE)
    with opened(project) as at:
        assert cells == list(at.board.ip())
        for number, dma in enumerate(at.board.dmas):
            (settings,) = re.findall(rf"(CONFIG.*) \[get_bd_cells axi_dma_{number}\]", text)
            has = [hasattr(dma, channel) for channel in ("sendchannel", "recvchannel")]
            for channel, there in zip(("mm2s", "s2mm"), has, strict=True):
                assert f"CONFIG.c_include_{channel} {int(there)}" in settings
            assert f"CONFIG.c_sg_length_width {at.driver.MOST_BYTES.bit_length()} " in settings
            assert "CONFIG.c_include_sg 0" in settings
