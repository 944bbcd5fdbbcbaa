"""Bad input at the door and on the command line: one sentence, a nonzero exit, nothing lost."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import qfx
from models import small_mlp, tiny_graphs
from qfx.backends.project import ProjectError
from qfx.boards import BoardError
from qfx.hardware import ScheduleError
from qfx.ir import GraphError
from qfx.nn import LoweringError


def command(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qfx", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


def sentence(*arguments: object, **environment: str) -> str:
    """The single line on stderr of a command that must fail."""
    result = command(*arguments, **environment)
    assert result.returncode == 1, result.stdout + result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("qfx: ")
    return lines[0]


@pytest.fixture(scope="module")
def graph_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return qfx.save(qfx.lower(small_mlp(), (16,), "net"), tmp_path_factory.mktemp("g") / "net.qfx")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, graph_file: Path) -> Path:
    folder = tmp_path_factory.mktemp("p") / "net"
    assert command("export", graph_file, "-o", folder, "--goal-ii", 64).returncode == 0
    return folder


def test_unknown_board(graph_file: Path, tmp_path: Path) -> None:
    said = sentence("export", graph_file, "-o", tmp_path / "out", "--board", "ultra97")
    assert "board 'ultra97' is unknown: use one of" in said
    assert not (tmp_path / "out").exists()
    with pytest.raises(BoardError):
        qfx.export(small_mlp(), tmp_path / "out", input_shape=(16,), board="ultra97")


def test_a_place_that_cannot_be_written(graph_file: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    said = sentence("export", graph_file, "-o", tmp_path / "file" / "out")
    assert "out cannot be written: " in said
    with pytest.raises(ProjectError, match="cannot be written"):
        qfx.save(small_mlp(), tmp_path / "file" / "m.safetensors")


def test_a_folder_of_someone_elses_is_left_alone(graph_file: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    said = sentence("export", graph_file, "-o", tmp_path)
    assert "exists and is no project folder" in said
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_older_project_is_replaced_and_bytes_repeat(graph_file: Path, tmp_path: Path) -> None:
    def snapshot() -> dict[str, bytes]:
        files = (path for path in (tmp_path / "p").rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in files}

    assert command("export", graph_file, "-o", tmp_path / "p", "--goal-ii", 64).returncode == 0
    first = snapshot()
    (tmp_path / "p" / "stray.txt").write_text("from before")
    assert command("export", graph_file, "-o", tmp_path / "p", "--goal-ii", 64).returncode == 0
    assert snapshot() == first
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_a_failure_half_way_leaves_what_was_there(
    graph_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "p"
    qfx.export(qfx.load(graph_file), folder, goal_ii=64)
    before = (folder / "qfx.json").read_bytes()

    def fail(*arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("qfx.backends.verilog.write", fail)
    with pytest.raises(OSError, match="disk full"):
        qfx.export(qfx.load(graph_file), folder, goal_ii=32)
    assert (folder / "qfx.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_wrong_input_shape(tmp_path: Path) -> None:
    with pytest.raises(LoweringError, match=r"does not fit \(15,\)"):
        qfx.export(small_mlp(), tmp_path / "out", input_shape=(15,))
    with pytest.raises(GraphError, match=r"takes an array of shape \(samples, 16\), not \(2, 15\)"):
        qfx.export(small_mlp(), tmp_path / "out", input_shape=(16,), samples=np.zeros((2, 15)))
    with pytest.raises(LoweringError, match="input shape is not known"):
        qfx.export(small_mlp(), tmp_path / "out")


def test_nan_in_the_samples(tmp_path: Path, graph_file: Path) -> None:
    samples = np.zeros((3, 16))
    samples[2, 1] = np.nan
    np.save(tmp_path / "x.npy", samples)
    said = sentence("export", graph_file, "-o", tmp_path / "out", "--samples", tmp_path / "x.npy")
    assert "nan at index (2, 1) has no fixed-point value" in said


def test_floats_beyond_the_input_dtype_saturate_as_trained(graph_file: Path) -> None:
    graph = qfx.load(graph_file)
    huge = np.full((1, 16), 1e9)
    np.testing.assert_array_equal(
        graph.run(huge).integers, graph.run(np.full((1, 16), 3.875)).integers
    )


def test_truncated_graph(graph_file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.qfx"
    cut.write_bytes(graph_file.read_bytes()[:500])
    assert "cut.qfx is not a whole .qfx file" in sentence("info", cut)
    assert "cut.qfx is not a whole .qfx file" in sentence("export", cut, "-o", tmp_path / "out")


def test_truncated_model(tmp_path: Path) -> None:
    path = qfx.save(small_mlp(), tmp_path / "m.safetensors")
    path.write_bytes(path.read_bytes()[:200])
    assert "m.safetensors is not a whole safetensors file" in sentence("info", path)


def test_files_that_are_not_ours(tmp_path: Path) -> None:
    assert "does not exist" in sentence("info", tmp_path / "nothing.qfx")
    (tmp_path / "a.txt").write_text("hello")
    assert "is neither a .qfx graph nor a .safetensors model" in sentence(
        "info", tmp_path / "a.txt"
    )
    assert "is not a project folder" in sentence("cosim", tmp_path)
    with pytest.raises(ProjectError, match=r"saved as .qfx, not as 'g.safetensors'"):
        qfx.save(tiny_graphs()["layer"], tmp_path / "g.safetensors")


def test_a_missing_simulator(project: Path, tmp_path: Path) -> None:
    result = command(
        "cosim", project, "--simulators", "golden,rtl", PATH=str(tmp_path), COLUMNS="200"
    )
    assert result.returncode == 1
    assert "verilator is not on PATH: install it with 'apt-get install verilator'" in result.stdout
    assert result.stdout.strip().splitlines()[-1].startswith("NOT PROVEN: rtl: verilator is not on")
    doctor = command("doctor", PATH=str(tmp_path), COLUMNS="200")
    assert doctor.returncode == 1
    assert "MISSING: g++, make, verilator" in doctor.stdout


def test_an_unknown_simulator(project: Path) -> None:
    assert "simulator 'spice' is unknown" in sentence("cosim", project, "--simulators", "spice")


def test_a_damaged_project(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    shutil.copytree(project, folder)
    (folder / "vectors" / "golden.npy").write_bytes(b"\x93NUMPY")
    assert "golden.npy cannot be read" in sentence("cosim", folder)
    (folder / "qfx.json").write_text("{")
    assert "qfx.json is damaged" in sentence("cosim", folder)
    (folder / "qfx.json").write_text('{"format": 99}')
    assert "has format 99, this qfx reads 3" in sentence("cosim", folder)


def test_goals_out_of_reach(graph_file: Path, tmp_path: Path) -> None:
    said = sentence("export", graph_file, "-o", tmp_path / "out", "--goal-fps", 1e9)
    assert "cannot be reached at 100 MHz" in said
    said = sentence("export", graph_file, "-o", tmp_path / "out", "--goal-ii", 5, "--goal-fps", 5)
    assert "not both" in said
    said = sentence("export", graph_file, "-o", tmp_path / "out", "--clock-mhz", 900)
    assert "900 MHz is not between 0 and the 250 MHz of ultra96" in said
    with pytest.raises(ScheduleError):
        qfx.export(small_mlp(), tmp_path / "out", input_shape=(16,), goal_ii=0)


def test_a_name_that_verilog_uses_itself(tmp_path: Path) -> None:
    for name in ("small", "9lives", "qfx_fifo", "main", "a-b"):
        with pytest.raises(ValueError, match="cannot name hardware"):
            qfx.export(small_mlp(), tmp_path / "out", input_shape=(16,), name=name)


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    result = command("--debug", "info", tmp_path / "nothing.qfx")
    assert result.returncode == 1
    assert "Traceback" in result.stderr
    assert "ProjectError" in result.stderr


def test_options_for_a_model_are_not_ignored_for_a_graph(graph_file: Path, tmp_path: Path) -> None:
    said = sentence("export", graph_file, "-o", tmp_path / "out", "--name", "other")
    assert "a .qfx graph has its own name and input shape" in said
