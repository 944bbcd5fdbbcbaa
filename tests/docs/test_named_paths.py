"""What the pages for those who build on QFX name is there: files, folders, links."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("CONTRIBUTING.md", "docs/stage-protocol.md", "docs/file-formats.md", "docs/glossary.md")
_PATH = re.compile(r"`((?:qfx|tests|hls_templates|benchmarks|docs|boards|scripts)/[^` ]*)[^`]*`")
_STANDS_FOR_ANY = ("NAME", "KIND", "TOPIC")


def spelled_out(path: str) -> list[str]:
    """`a/{b,c}/d` as a/b/d and a/c/d; what stands for any name as a pattern."""
    for word in _STANDS_FOR_ANY:
        path = path.replace(word, "*")
    braces = re.search(r"{([^}]*)}", path)
    if braces is None:
        return [path]
    each = [path.replace(braces[0], word) for word in braces[1].split(",")]
    return [one for some in each for one in spelled_out(some)]


@pytest.mark.parametrize("page", PAGES)
def test_every_path_is_there(page: str) -> None:
    text = (ROOT / page).read_text()
    named = [path for found in _PATH.findall(text) for path in spelled_out(found)]
    assert named or page.endswith("glossary.md")
    missing = [path for path in named if not any(ROOT.glob(path.rstrip("/")))]
    assert not missing


def test_decisions_name_files_where_they_are_now() -> None:
    """Theirs begin in a room: `hardware/stage.py`."""
    rooms = {path.name for path in (ROOT / "qfx").iterdir() if path.is_dir()}
    for page in sorted((ROOT / "docs" / "adr").glob("*.md")):
        for path in re.findall(r"`(\w+/[\w/]+\.py)`", page.read_text()):
            assert path.split("/")[0] not in rooms or (ROOT / "qfx" / path).is_file(), (page, path)


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md"])
def test_every_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / page).read_text())
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


def test_what_stands_for_any_and_braces() -> None:
    assert spelled_out("a/{b,c}/qfx_KIND.sv") == ["a/b/qfx_*.sv", "a/c/qfx_*.sv"]
