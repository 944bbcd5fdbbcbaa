"""What an export leaves of the folder it replaces, and what is there when it is cut short."""

import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import qfx
from models import tiny_graphs
from qfx.disk import whole
from qfx.project.findings import Verdict, state_of
from qfx.project.folder import Project, ProjectError

GRAPH = tiny_graphs()["layer"]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return qfx.export(GRAPH, tmp_path_factory.mktemp("e") / "p").path


@pytest.fixture
def folder(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "p"))


def snapshot(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_what_others_put_there_stays(folder: Path) -> None:
    before = snapshot(folder)
    theirs = {
        "pynq/layer.bit": b"bits", "pynq/layer.hwh": b"<xml/>", "notes.md": b"mine",
        "verilog/vivado_project/runs/impl.rpt": b"report", "results/2026/a.csv": b"1",
    }  # fmt: skip
    for name, content in theirs.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "empty").mkdir()
    (folder / "latest").symlink_to("results/2026")
    (folder / "verilog" / "src" / "qfx_fifo.sv").write_text("edited")  # of the export: anew
    qfx.export(GRAPH, folder)
    assert snapshot(folder) == before | theirs
    assert (folder / "empty").is_dir()
    assert os.readlink(folder / "latest") == "results/2026"
    assert [path.name for path in folder.parent.iterdir()] == ["p"]


def test_what_the_last_export_wrote_and_this_one_does_not_goes(folder: Path) -> None:
    assert (folder / "vitis" / "src" / "layer.cpp").is_file()
    (folder / "vitis" / "src" / "mine.cpp").write_text("mine")
    qfx.export(tiny_graphs()["only_cast"], folder)
    assert sorted(p.name for p in (folder / "vitis" / "src").glob("*.cpp")) == [
        "mine.cpp",
        "only_cast.cpp",
    ]


def test_a_file_in_the_way_is_named(folder: Path) -> None:
    (folder / "vitis" / "src" / "only_cast.cpp").write_text("mine")
    before = snapshot(folder)
    with pytest.raises(ProjectError, match=r"only_cast\.cpp is not of the last export"):
        qfx.export(tiny_graphs()["only_cast"], folder)
    assert snapshot(folder) == before


def test_findings_stay_where_the_design_is_the_same(folder: Path) -> None:
    project = Project.open(folder)
    verdict = Verdict(
        state=state_of(project), equal=True, sentence="EQUAL", rows=(), cycles_measured=None
    )
    assert verdict.keep(project)
    again = qfx.export(GRAPH, folder)
    assert Verdict.read(again, state_of(again)) == verdict
    other = qfx.export(GRAPH, folder, seed=1)
    assert not (other.path / "verdict.json").exists()


def test_a_link_is_followed_and_stays(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("p")
    (folder / "notes.md").write_text("mine")
    qfx.export(tiny_graphs()["only_cast"], link)
    assert link.is_symlink()
    assert Project.open(folder).manifest.name == "only_cast"
    assert (folder / "notes.md").read_text() == "mine"
    saved = tmp_path / "real.qfx"
    (tmp_path / "link.qfx").symlink_to(saved)
    qfx.save(GRAPH, tmp_path / "link.qfx")
    assert (tmp_path / "link.qfx").is_symlink()
    assert qfx.load(saved) == GRAPH


def test_a_relative_path_is_of_where_one_was(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    written = whole.replacing

    def wandering(target: Path, keep: Callable[[Path, Path], None]):
        os.chdir("elsewhere")
        return written(target, keep)

    monkeypatch.setattr(whole, "replacing", wandering)
    project = qfx.export(GRAPH, "p")
    assert project.path == tmp_path / "p"
    assert project.graph() == GRAPH
    assert qfx.cosim(project, ("golden",)).equal


def test_a_folder_that_is_not_ours_is_refused_before_the_work(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    monkeypatch.setattr("qfx.flow.arrays_of", lambda *_, **__: pytest.fail("it has begun"))
    with pytest.raises(ProjectError, match="exists and is no project folder"):
        qfx.export(GRAPH, tmp_path)


def test_what_is_ours_of_a_damaged_folder_is_unknown(folder: Path) -> None:
    (folder / "qfx.json").write_bytes(b"")
    before = snapshot(folder)
    with pytest.raises(ProjectError, match="what qfx wrote cannot be told from what is yours"):
        qfx.export(GRAPH, folder)
    assert snapshot(folder) == before


def test_two_at_once_are_refused(folder: Path) -> None:
    with whole.replacing(folder, lambda old, new: None) as new:
        (new / "x").write_text("x")
        with pytest.raises(ProjectError, match="another process writes it now"):
            qfx.export(GRAPH, folder)


def test_a_file_systems_way_without_exchange(folder: Path, monkeypatch) -> None:
    class Library:
        def __init__(self, *_: object, **__: object) -> None:
            raise AttributeError

    monkeypatch.setattr("ctypes.CDLL", Library)
    qfx.export(tiny_graphs()["only_cast"], folder)
    assert Project.open(folder).manifest.name == "only_cast"
    # and cut between its two steps
    aside = folder.parent / ".p.qfx-export"
    aside.mkdir()
    folder.rename(aside / "old")
    qfx.export(GRAPH, folder)
    assert Project.open(folder).manifest.name == "layer"
    assert [path.name for path in folder.parent.iterdir()] == ["p"]


def test_no_room_leaves_the_old_folder(folder: Path, monkeypatch) -> None:
    """The limit of a file's size, then a disk that is full when data are sent to it."""
    before = snapshot(folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for most in (0, 700, 20_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
        try:
            with pytest.raises(ProjectError, match="File too large; nothing was changed"):
                qfx.export(GRAPH, folder, seed=1)
            if most < 700:
                with pytest.raises(ProjectError, match="cannot be written: File too large"):
                    qfx.save(GRAPH, folder.parent / "graph.qfx")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert snapshot(folder) == before
        assert [path.name for path in folder.parent.iterdir()] == ["p"]

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ProjectError, match="No space left on device; nothing was changed"):
        qfx.export(GRAPH, folder, seed=1)
    assert snapshot(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["p"]


_REPEAT = """
import sys
from pathlib import Path
from qfx.disk import whole
target, n = Path(sys.argv[1]), 0
def keep(old, new):
    whole.take_over(old, new, {"qfx.json", "a", "b"}.__contains__)
while True:
    n += 1
    with whole.replacing(target, keep) as new:
        (new / "qfx.json").write_text('{"files": ["a", "b"]}')
        (new / "a").write_text(str(n))
        (new / "b").write_text(str(n))
    whole.write(target.with_name("one.txt"), f"{n}\\n" * 1000)
    if n == 1:
        (target / "theirs").write_text("mine")
        print("begun", flush=True)
"""


def test_kills_leave_one_of_both_and_nothing_beside_it(tmp_path: Path) -> None:
    """At many moments; a folder of a few files, so that most hit the steps that matter."""
    target = tmp_path / "p"
    for n in range(15):
        process = subprocess.Popen(
            [sys.executable, "-c", _REPEAT, str(target)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        time.sleep(0.003 + n * 0.0027)
        process.send_signal((signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[n % 3])
        process.communicate()
        assert (target / "a").read_text() == (target / "b").read_text()
        assert json.loads((target / "qfx.json").read_text()) == {"files": ["a", "b"]}
        assert (target / "theirs").read_text() == "mine"
        assert len({*(tmp_path / "one.txt").read_text().splitlines()}) == 1
        with whole.replacing(
            target, lambda old, new: whole.take_over(old, new, {"a"}.__contains__)
        ) as new:
            (new / "a").write_text("0")
        whole.write(tmp_path / "one.txt", "0")
        assert sorted(p.name for p in tmp_path.iterdir()) == ["one.txt", "p"]
