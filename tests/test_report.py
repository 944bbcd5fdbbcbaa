"""report.html is one self-contained page, and what comes from a graph is escaped in it."""

import re
from pathlib import Path

import qfx
from models import small_mlp
from qfx.report import page


def test_the_page_stands_alone(tmp_path: Path) -> None:
    project = qfx.export(small_mlp(), tmp_path / "p", input_shape=(16,), goal_ii=32, name="net")
    text = (project.path / "report.html").read_text()
    assert not re.search(r"(src|href)=|https?://|url\(|@import", text)
    for stage in project.manifest.stages:
        assert stage.name in text
    assert project.manifest.graph_sha256 in text
    assert "torch's own integers are recorded" in text.replace("\n", " ")


def test_names_are_escaped(tmp_path: Path) -> None:
    manifest = qfx.export(
        small_mlp(), tmp_path / "p", input_shape=(16,), goal_ii=32, name="net"
    ).manifest
    odd = manifest.model_copy(update={"goal": "<script>alert(1)</script>"})
    page.write(odd, tmp_path / "page.html")
    assert "<script>" not in (tmp_path / "page.html").read_text()
