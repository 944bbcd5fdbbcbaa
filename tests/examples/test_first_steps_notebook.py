"""The notebook runs in a kernel of Jupyter's from top to bottom, and shows what it is there for."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "examples" / "05_first_steps.ipynb"


def test_it_runs_and_shows_its_things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(NOTEBOOK.parents[1]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    notebook = nbformat.read(NOTEBOOK, 4)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # made anew by who runs it
    folder = tmp_path / "here"
    folder.mkdir()
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    kinds = [set(output.get("data", ())) for output in shown]
    assert any("image/png" in kind for kind in kinds)  # the plot
    pages = "".join(
        output.data["text/html"] for output in shown if "text/html" in output.get("data", ())
    )
    for words in (
        "best: epoch",
        "graph trigger",
        "trigger for ultra96",
        "EQUAL: torch, golden, csim, rtl",
    ):
        assert words in pages, words
    assert (folder / "build" / "trigger" / "report.html").is_file()
