"""predict() through DMAs and AXI into the Verilated IP: golden under stalls and interruptions."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch
from driven_models import BUILDERS
from driving import floats, same

import qfx
from models import as_built
from qfx import assets, nn
from qfx.ir.several import alone
from qfx.project.folder import Project
from qfx.simulation import SimulationError, soak
from qfx.simulation.board import driver
from qfx.simulation.board.device import Device

ProjectOf = Callable[[str], Project]
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def _verilator(require_tool: Callable[[str], None]) -> None:
    require_tool("verilator")
    require_tool("g++")


@pytest.mark.parametrize(
    "name", ["vector", "digits", "pixels", "fractions", "transposed", "joined"]
)
def test_predict_is_the_golden_model(name: str, project_of: ProjectOf) -> None:
    project = project_of(name)
    with driver.accelerator(project, stall_percent=30, seed=4) as opened:
        for count in (1, 0, 27):
            data = floats(project, count)
            wanted = alone([y.to_float() for y in project.graph().run_all(*data)])
            assert same(opened.predict(*data), wanted)
        assert opened.counters()["frames"] == 28
        assert sorted(opened.frames_per_second) == ["end-to-end", "kernel"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("example", "goal_fps"), [("02_fashion_mnist", 10_000), ("04_resnet8_cifar10", 400)]
)
def test_the_examples(example: str, goal_fps: float, tmp_path: Path) -> None:
    graph, place = qfx.load(EXAMPLES / f"{example}.qfx"), tmp_path / "p"
    project = qfx.export(  # the images are this test's own
        graph, place, board="ultra96", goal_fps=goal_fps, drive_casts=0
    )
    images = np.random.default_rng(2).integers(0, 256, (3, *graph.inputs[0].shape), np.uint8)
    assert driver.predict_mismatches(project, images) == 0


def test_it_is_one_of_the_simulators(project_of: ProjectOf) -> None:
    result = qfx.cosim(project_of("joined"), ("golden", "driver"), progress=False)
    assert [(row.mismatches, row.error) for row in result.rows] == [(0, ""), (0, "")]
    assert result.rows[1].samples == len(project_of("joined").batches("golden")[0])


def test_a_bus_of_1024_bits(tmp_path: Path) -> None:
    """Whose TKEEP has 128 bits, of which a frame's last beat marks 72."""
    own, text = tmp_path / "wide.yaml", (assets.folder("boards") / "ultra96.yaml").read_text()
    own.write_text(text.replace("dma_width_bits: 128", "dma_width_bits: 1024"))
    model = nn.Sequential(nn.Quantizer(6, 3), nn.ReLU(nn.Quantizer(5, 2, signed=False))).eval()
    as_built(model)
    project = qfx.export(model, tmp_path / "p", board=str(own), input_shape=(200,), name="Wide")
    row = qfx.cosim(project, ("driver",), samples=20, progress=False).rows[0]
    assert (row.mismatches, row.error) == (0, "")
    assert soak(project, 20).clean


def test_what_the_driver_refuses_is_told_in_its_row(project_of: ProjectOf, tmp_path: Path) -> None:
    shutil.copytree(project_of("vector").path, tmp_path / "p")
    file = tmp_path / "p" / "pynq" / "driver.py"
    of_another = re.sub(r'(?m)^(GRAPH_SHA256 = ")\w{8}', r"\g<1>00000000", file.read_text())
    file.write_text(of_another)
    row = qfx.cosim(tmp_path / "p", ("driver",), progress=False).rows[0]
    assert row.error.startswith("pynq/driver.py: the chip holds graph ")


def test_a_wrong_driver_differs(project_of: ProjectOf, tmp_path: Path) -> None:
    shutil.copytree(project_of("vector").path, tmp_path / "p")
    project = Project.open(tmp_path / "p")
    file = project.path / "pynq" / "driver.py"
    right = file.read_text()
    file.write_text(right.replace('rounding="RND"', 'rounding="TRN"'))
    assert driver.predict_mismatches(project, floats(project, 20)) > 5
    assert driver.predict_mismatches(str(project.path), np.zeros((20, 13))) == 0
    assert driver.predict_mismatches(project, np.zeros((0, 13))) == 0
    row = qfx.cosim(project, ("driver",), progress=False).rows[0]
    assert row.error.startswith("pynq/driver.py: input x quantizes ")
    text = right.replace("buffer[:count, : flat.shape[1]]", "buffer[:count, 1:5]")
    assert text != right
    file.write_text(text)
    row = qfx.cosim(project, ("driver",), progress=False).rows[0]
    assert row.mismatches or row.error.startswith("pynq/driver.py: ")
    file.unlink()
    row = qfx.cosim(project, ("driver",), progress=False).rows[0]
    assert row.error == f"{file} is missing: export again, for a board with a processor"


def test_a_board_without_processors_has_no_driver(tmp_path: Path) -> None:
    torch.manual_seed(3)
    model, shapes = BUILDERS["vector"]()
    project = qfx.export(model, tmp_path / "p", board="generic", input_shape=shapes)
    assert not (project.path / "pynq").exists()
    result = qfx.cosim(project, ("golden", "driver"), progress=False)
    assert result.rows[1].refused == ("none is written: generic has no processor that could run it")
    assert result.equal


def in_steps(moments: list[int], taken: list[int]) -> Callable[[Device, int], bool]:
    """Device.settle in steps that are put down; it raises KeyboardInterrupt after so many cycles,
    and again, as often as there are moments.
    """
    settle = Device.settle

    def stepped(device: Device, cycles: int) -> bool:
        step = min([*moments[:1], cycles, 60])
        ended = settle(device, step)
        taken.append(step)
        if not moments:
            return ended
        moments[0] -= step
        if moments[0] <= 0:
            moments.pop(0)
            raise KeyboardInterrupt
        return False

    return stepped


def recovers(project: Project, seed: int) -> bool:
    """Whether predict is right after it was interrupted four times, at random moments of a run."""
    moments: list[int] = []
    taken: list[int] = []
    data = floats(project, 9)
    wanted = alone([y.to_float() for y in project.graph().run_all(*data)])
    with (
        patch.object(Device, "settle", in_steps(moments, taken)),
        driver.accelerator(project, 30, seed + 1) as opened,
    ):
        assert same(opened.predict(*data), wanted)
        generator = np.random.default_rng(seed)
        moments += generator.integers(20, max(21, sum(taken) * 4 // 5), 4).tolist()
        for _ in range(4):
            with pytest.raises(KeyboardInterrupt):
                opened.predict(*data)
        return same(opened.predict(*data), wanted)


@pytest.mark.parametrize("seed", range(12))
def test_ctrl_c_at_any_moment_leaves_nothing_behind(seed: int, project_of: ProjectOf) -> None:
    assert recovers(project_of("joined"), seed)


@pytest.mark.parametrize(
    "pattern",
    [
        r'self\._core\.write\(REGISTERS\["control"\], RESET\)',
        r"self\._reset_dmas\(\)  # which",
        r"self\.reset\(\)\n            raise",
    ],
)
def test_a_reset_that_forgets_something_is_caught(
    pattern: str, project_of: ProjectOf, tmp_path: Path
) -> None:
    shutil.copytree(project_of("joined").path, tmp_path / "p")
    project = Project.open(tmp_path / "p")
    file = project.path / "pynq" / "driver.py"
    text = file.read_text()
    replacement = "self._settled = True; raise" if "raise" in pattern else "pass  #"
    changed = re.sub(pattern, replacement, text, count=1)
    assert changed != text
    file.write_text(changed)

    def is_caught(seed: int) -> bool:
        try:
            return not recovers(project, seed)
        except (RuntimeError, SimulationError):
            return True

    assert any(is_caught(seed) for seed in range(12))
