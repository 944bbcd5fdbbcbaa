"""Printed, in a notebook, on the command line: one look; and what programs are told instead."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from training_history import HISTORY

import qfx
import qfx.boards
from models import small_mlp
from qfx.project.folder import Project
from qfx.report.history import show_history
from qfx.report.terminal import show_cosim, show_graph, show_project
from qfx.training import Epoch, History


def command(*arguments: object, code: int = 0) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "qfx", *map(str, arguments)], capture_output=True, text=True
    )
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout


def printed(show: Any, thing: Any) -> str:
    console = Console(file=StringIO(), width=100)
    show(thing, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return qfx.export(small_mlp(), tmp_path_factory.mktemp("p") / "net", input_shape=(16,))


def test_what_is_printed_is_what_the_command_line_prints(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    found = qfx.cosim(project, ("golden", "torch"), progress=False)
    looks = (
        (project, show_project),
        (project.graph(), show_graph),
        (found, show_cosim),
        (HISTORY, show_history),
    )
    for thing, show in looks:
        text = printed(show, thing)
        assert str(thing) == text.rstrip("\n")
        html = thing._repr_html_()
        assert html.startswith("<pre")
        words = [word for line in text.splitlines() for word in line.split() if word.isalnum()]
        assert len(words) > 10
        assert all(word in html for word in words)
    assert str(found).endswith(found.verdict())


def test_a_history_is_a_table_and_a_file(tmp_path: Path) -> None:
    rows = HISTORY.rows()
    assert [row["epoch"] for row in rows] == [epoch.number for epoch in HISTORY.epochs]
    assert all(set(row) == set(rows[0]) for row in rows)
    model = small_mlp()
    qfx.save(model, tmp_path / "m.safetensors", history=HISTORY)
    assert History.load(tmp_path / "m.history.json") == HISTORY
    (tmp_path / "other.json").write_text('{"epochs": [{"number": "one"}]}')
    with pytest.raises(ValueError, match=r"other\.json holds no training \(epochs\.0\.number"):
        History.load(tmp_path / "other.json")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(ValueError, match="holds no training"):
        History.load(tmp_path / "list.json")


def test_a_regression_has_no_accuracies_and_an_interrupted_training_says_so() -> None:
    epoch = Epoch(1, "float", 0.5, None, 0.25, None, {})
    text = str(History([epoch], None, True))
    assert "0.2500" in text
    assert text.endswith("best: none, no quantized epoch has ended; Ctrl-C ended the training")


def test_a_plot_is_a_picture_in_a_notebook() -> None:
    assert HISTORY.plot()._repr_png_().startswith(b"\x89PNG")


def test_a_model_is_saved_lowered(tmp_path: Path) -> None:
    model = small_mlp()
    saved = qfx.save(model, tmp_path / "net.qfx", input_shape=(16,), name="net")
    assert qfx.load(saved) == qfx.lower(model, (16,), "net")


def test_quiet_is_one_sentence(project: Project) -> None:
    said = command("cosim", project.path, "--simulators", "golden", "--quiet")
    assert said.startswith("EQUAL: golden on ")
    assert said.count("\n") == 1
    assert command("--quiet", "boards").strip() == ", ".join(qfx.boards.names())
    assert command("info", project.path, "--quiet").strip() == str(project.path)
    assert command("--version") == f"qfx {qfx.__version__}\n"


def test_json_is_one_document(project: Project) -> None:
    def told(*arguments: object, code: int = 0) -> Any:
        return json.loads(command(*arguments, "--json", code=code))

    cosim = told("cosim", project.path, "--simulators", "golden")
    assert cosim["equal"] is True
    assert cosim["rows"][0]["mismatches"] == 0
    assert told("info", project.path)["name"] == "model"
    graph = told("info", project.path / "model.qfx")
    assert [node["op"] for node in graph["nodes"]] == [
        node.op.name for node in project.graph().nodes
    ]
    assert {board["name"] for board in told("boards")} == set(qfx.boards.names())
    layers = told("report", project.path)["layers"]
    assert [layer["layer"] for layer in layers] == [r.layer for r in project.manifest.layers]
    assert "g++" in {entry["name"] for entry in told("doctor", code=told_code())["entries"]}
    error = told("info", project.path / "nothing.qfx", code=1)["error"]
    assert error.endswith("does not exist: give a file that qfx.save wrote")


def told_code() -> int:
    """What `qfx doctor` ends with here."""
    from qfx.report.doctor import examine

    return 1 if examine().missing else 0


def test_export_tells_the_folder(project: Project, tmp_path: Path) -> None:
    graph, folder = project.path / "model.qfx", tmp_path / "again"
    assert command("export", graph, "-o", folder, "--quiet").strip() == str(folder)
    told = json.loads(command("export", graph, "-o", folder, "--json"))
    assert told["path"] == str(folder)
    assert told["graph_sha256"] == project.manifest.graph_sha256
