"""The commands write the page: what was found since is on it, and a history that lies beside."""

import filecmp
import shlex
from pathlib import Path

import numpy as np
import pytest
from training_history import HISTORY

import qfx
from models import small_mlp
from qfx.cli import main
from qfx.project.folder import Project
from qfx.report.recorded import ReportRecord


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def test_cosim_writes_the_page_anew(small: Project) -> None:
    page = small.path / "report.html"
    assert "Not simulated" in page.read_text()
    assert run("cosim", small.path, "--simulators", "golden,torch", "--samples", 9) == 0
    assert "EQUAL: torch, golden on 9 samples, 0 mismatches" in page.read_text()
    assert not list(small.path.glob(".*"))


def test_the_page_is_written_on_demand(small: Project, capsys: pytest.CaptureFixture[str]) -> None:
    page = small.path / "report.html"
    exported = page.read_bytes()
    page.unlink()
    assert run("report", small.path, "--html") == 0
    assert capsys.readouterr().out.split() == [str(page)]
    assert page.read_bytes() == exported


def test_the_command_that_the_page_shows_makes_the_design_anew(
    small: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small.path)
    Path("net.yaml").write_text("'2': {multiplier: dsp}\n")
    np.save("SAMPLES.npy", np.random.default_rng(0).normal(size=(7, 16)))
    wanted = (
        "--board", "zcu104", "--clock-mhz", 123.5, "--goal-fps", 2e6, "--multipliers", "auto",
        "--overrides", "net.yaml", "--samples", "SAMPLES.npy", "--seed", 5,
    )  # fmt: skip
    assert run("export", "model.qfx", "-o", "first", *wanted) == 0
    first = Project.open("first")
    command = ReportRecord.read(first).command.replace("FOLDER", "again")
    assert run(*shlex.split(command)[1:]) == 0
    names = [str(p.relative_to("first")) for p in Path("first").rglob("*") if p.is_file()]
    assert filecmp.cmpfiles("first", "again", names, shallow=False)[0] == names


def test_a_page_that_cannot_be_written_is_a_sentence(
    small: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    page = small.path / "report.html"
    page.unlink()
    page.mkdir()
    assert run("report", small.path, "--html") == 1
    assert capsys.readouterr().err == f"qfx: {page} cannot be written: Is a directory\n"
    assert run("cosim", small.path, "--simulators", "golden") == 0  # and says its verdict


def test_export_finds_the_history_of_a_model(tmp_path: Path) -> None:
    model = qfx.save(small_mlp(), tmp_path / "net.safetensors", history=HISTORY)
    export = ("export", model, "--goal-ii", 32, "--input-shape", 16, "-o")
    assert run(*export, tmp_path / "with") == 0
    assert "epoch 2, whose weights were kept" in (tmp_path / "with" / "report.html").read_text()
    beside = tmp_path / "net.history.json"
    elsewhere = beside.rename(tmp_path / "other.json")
    assert run(*export, tmp_path / "without") == 0
    assert "not told: pass" in (tmp_path / "without" / "report.html").read_text()
    assert run(*export, tmp_path / "named", "--history", elsewhere) == 0
    named, found = (tmp_path / name / "report.html" for name in ("named", "with"))
    assert named.read_bytes() == found.read_bytes()
