"""docs/file-formats.md says what the files hold: its keys are theirs, and its snippet reads one."""

import json
import re
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

import qfx
from models import tiny_graphs
from qfx import nn
from qfx.project.manifest import Manifest

PAGE = (Path(__file__).parents[2] / "docs" / "file-formats.md").read_text()


def keys(section: str) -> set[str]:
    """The keys that the first table under a heading lists."""
    (text,) = re.findall(rf"^## {section}.*?\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    cells = re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
    return {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}


def test_the_manifest_has_the_keys_of_the_page() -> None:
    assert keys("The project folder") == set(Manifest.model_fields)


def test_a_graph_has_the_keys_of_the_page_and_its_snippet_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    qfx.save(tiny_graphs()["image"], "model.qfx")
    with zipfile.ZipFile("model.qfx") as archive:
        graph = json.loads(archive.read("graph.json"))
    assert keys("`.qfx`: the integer graph") == set(graph)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(code, {})
    assert capsys.readouterr().out == f"{[node['op']['name'] for node in graph['nodes']]}\n"


def test_a_model_is_written_as_the_page_says(tmp_path: Path) -> None:
    relu = nn.ReLU()
    model = nn.Sequential(nn.Quantizer(4), relu, relu)
    model(torch.rand(2, 3))
    model.eval().freeze()
    qfx.save(model, tmp_path / "m.safetensors")
    with safe_open(str(tmp_path / "m.safetensors"), framework="pt") as file:
        header, tensors = file.metadata(), set(file.keys())
    assert set(header) == {"format", "version", "model"}
    assert header["format"] == "qfx model"
    layers = json.loads(header["model"])["config"]["layers"]
    assert set(layers[1]) == {"layer", "config"}
    assert layers[2] == {"again": 1}
    assert "0._extra_state" in tensors
