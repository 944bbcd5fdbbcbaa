"""The notebook of a folder: well formed, and its cells prove the board or say that it differs."""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from golden_device import GoldenDevice

from qfx.project.folder import Project
from qfx.simulation.board.pynq import Board, installed

ProjectOf = Callable[[str], Project]


def cells(project: Project) -> list[dict[str, Any]]:
    name = project.manifest.name
    content: dict[str, Any] = json.loads((project.path / "pynq" / f"{name}.ipynb").read_text())
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert set(content) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert content["metadata"]["kernelspec"]["name"] == "python3"
    found: list[dict[str, Any]] = content["cells"]
    return found


def run(project: Project, device: GoldenDevice) -> dict[str, Any]:
    """The names that the code cells make, run in pynq/ as Jupyter does."""
    names: dict[str, Any] = {}
    here = os.getcwd()
    modules = {name: found for name, found in sys.modules.items() if name != "driver"}
    with (
        installed(Board(project.manifest, device)),
        patch.dict(sys.modules, modules),
        patch.object(sys, "path", [str(project.path / "pynq"), *sys.path]),
    ):
        os.chdir(project.path / "pynq")
        try:
            for cell in cells(project):
                if cell["cell_type"] == "code":
                    exec("".join(cell["source"]), names)
        finally:
            os.chdir(here)
            sys.modules.pop("driver", None)
    return names


@pytest.mark.parametrize("name", ["vector", "apart", "joined"])
def test_it_is_a_notebook(name: str, project_of: ProjectOf) -> None:
    found = cells(project_of(name))
    assert len({cell["id"] for cell in found}) == len(found) > 6
    for cell in found:
        assert re.fullmatch("[a-zA-Z0-9-_]{1,64}", cell["id"])
        common = {"id", "cell_type", "metadata", "source"}
        code = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == common | code
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        assert "```" not in "".join(cell["source"])
    assert {cell["cell_type"] for cell in found} == {"code", "markdown"}


@pytest.mark.parametrize("name", ["vector", "apart", "joined"])
def test_its_cells_say_equal(
    name: str, project_of: ProjectOf, capsys: pytest.CaptureFixture[str]
) -> None:
    project = project_of(name)
    names = run(project, GoldenDevice(project))
    count = len(project.batches("golden")[0])
    said = capsys.readouterr().out
    assert f"EQUAL: board on {count} samples, 0 mismatches\n" in said
    assert re.search(r"kernel: [\d,]+ frames/s\n", said)
    assert names["mismatches"] == 0


def test_its_cells_say_different(
    project_of: ProjectOf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(project_of("apart").path, tmp_path / "p")
    project = Project.open(tmp_path / "p")
    file = project.path / "vectors" / "golden_slow_act.npy"
    golden = np.load(file)
    golden[[3, 5], 0] += 1
    np.save(file, golden)
    names = run(project, GoldenDevice(project))
    assert "DIFFERENT: board on " in capsys.readouterr().out
    assert names["mismatches"] == 2
