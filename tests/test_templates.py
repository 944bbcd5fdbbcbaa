"""Compiled templates are kept, and never more than that: what is rendered is what the file says."""

from pathlib import Path

import pytest

from qfx.templates import Templates


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QFX_CACHE", str(tmp_path / "cache"))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.j2").write_text("{{ n }} of {{ of }}\n")
    return tmp_path / "cache" / "templates"


def rendered(kept: Path) -> str:
    """By an environment of its own, as in another process."""
    texts = kept.parent.parent / "texts"
    return Templates(lambda: texts).render("a.j2", n=3, of=4)


def files(kept: Path) -> list[Path]:
    return [path for path in kept.rglob("*") if path.is_file()]


def test_a_template_is_compiled_once(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rendered(kept) == "3 of 4\n"
    assert len(files(kept)) == 1
    monkeypatch.setattr("jinja2.Environment._generate", None)  # nothing is compiled any more
    assert rendered(kept) == "3 of 4\n"


def test_an_edited_template_is_compiled_anew(kept: Path) -> None:
    rendered(kept)
    (kept.parent.parent / "texts" / "a.j2").write_text("{{ of }}\n")
    assert rendered(kept) == "4\n"


@pytest.mark.parametrize("damage", [b"", b"j2", b"\0" * 500])
def test_a_damaged_one_too(damage: bytes, kept: Path) -> None:
    rendered(kept)
    (file,) = files(kept)
    file.write_bytes(damage or file.read_bytes()[:-40])
    assert rendered(kept) == "3 of 4\n"


def test_where_none_can_be_kept_it_renders(tmp_path: Path, kept: Path) -> None:
    (tmp_path / "cache").write_text("no folder")
    assert rendered(kept) == "3 of 4\n"
