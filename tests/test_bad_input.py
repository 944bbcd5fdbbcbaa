"""What bad input leaves behind, and how a process ends; the sentences are in tests/refusals."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import qfx
from models import small_mlp
from qfx.project.folder import ProjectError


def command(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qfx", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


@pytest.fixture(scope="module")
def graph_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return qfx.save(qfx.lower(small_mlp(), (16,), "net"), tmp_path_factory.mktemp("g") / "net.qfx")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, graph_file: Path) -> Path:
    folder = tmp_path_factory.mktemp("p") / "net"
    assert command("export", graph_file, "-o", folder, "--goal-ii", 64).returncode == 0
    return folder


def test_an_older_project_is_replaced_and_bytes_repeat(graph_file: Path, tmp_path: Path) -> None:
    def snapshot() -> dict[str, bytes]:
        files = (path for path in (tmp_path / "p").rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in files}

    assert command("export", graph_file, "-o", tmp_path / "p", "--goal-ii", 64).returncode == 0
    first = snapshot()
    notes = tmp_path / "p" / "pynq" / "notes.txt"
    notes.write_text("mine")
    assert command("export", graph_file, "-o", tmp_path / "p", "--goal-ii", 64).returncode == 0
    assert snapshot() == first | {str(notes): b"mine"}
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
    with pytest.raises(ProjectError, match="cannot be written: disk full; nothing was changed"):
        qfx.export(qfx.load(graph_file), folder, goal_ii=32)
    assert (folder / "qfx.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_floats_beyond_the_input_dtype_saturate_as_trained(graph_file: Path) -> None:
    graph = qfx.load(graph_file)
    huge = np.full((1, 16), 1e9)
    np.testing.assert_array_equal(
        graph.run(huge).integers, graph.run(np.full((1, 16), 3.875)).integers
    )


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
    narrow = command("doctor", PATH=str(tmp_path), COLUMNS="80").stdout.splitlines()
    assert {"verilator", "lightning-fabric"} <= {line.strip().split(" ")[0] for line in narrow}
    assert any(line.endswith("apt-get install verilator") for line in map(str.rstrip, narrow))
    assert max(map(len, narrow[:-1])) <= 80


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    result = command("--debug", "info", tmp_path / "nothing.qfx")
    assert result.returncode == 1
    assert "Traceback" in result.stderr
    assert "ProjectError" in result.stderr


def test_an_error_is_one_line_on_stderr(tmp_path: Path) -> None:
    result = command("info", tmp_path / "nothing.qfx")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("qfx: ")
    assert result.stderr.count("\n") == 1
