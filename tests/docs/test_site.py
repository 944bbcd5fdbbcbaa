"""The documentation as a site: it builds without a warning, and is whole on desktop and phone."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import qfx
from browser import Browser
from qfx import nn

ROOT = Path(__file__).parents[2]
PAGES = (
    "index", "install", "first-steps", "report", "boards", "faq", "layers", "results",
    "refusals", "refusals/convert",
    "stage-protocol", "file-formats", "registers", "glossary", "decisions",
)  # fmt: skip
WINDOWS = {"desktop": (1280, 900), "phone": (390, 844)}
# What makes a page wider than its window; boxes that scroll hold their own.
_WIDER = """
(() => {
  const wide = document.documentElement.clientWidth, found = [];
  if (document.documentElement.scrollWidth > wide) found.push('the page itself');
  for (const e of document.querySelectorAll('article :is(h1, h2, p, li, img)')) {
    const box = e.getBoundingClientRect();
    const scrolls = e.closest('.md-typeset__scrollwrap, pre, .highlight');
    if (!scrolls && box.width && box.right > wide + 0.5) found.push(e.textContent.slice(0, 40));
  }
  return found;
})()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    command = ["-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(target)]
    result = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return target


@pytest.fixture(scope="module")
def browser(require_tool: Callable[[str], None]) -> Iterator[Browser]:
    require_tool("chromium")
    with Browser() as running:
        yield running


def test_every_public_name_has_its_entry(site: Path) -> None:
    door = (site / "api" / "door.html").read_text()
    functions = [name for name in qfx.__all__ if callable(getattr(qfx, name))]
    numbers = (site / "api" / "numbers.html").read_text()
    for name in functions:
        assert f".{name}" in door + numbers, name
    layers = (site / "api" / "layers.html").read_text()
    for name in nn.__all__:
        assert f'id="qfx.nn.{name}"' in layers, name


def test_docstrings_are_read_as_what_they_are(site: Path) -> None:
    door = (site / "api" / "door.html").read_text()
    for words in ("train_data, val_data", "batch_size", "goal_ii, goal_fps"):
        assert f"<code>{words}</code>" in door, words
    assert "Args:" not in door


def test_no_page_asks_the_network_for_anything(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text()
        for tag in ('<link href="http', '<script src="http', '<img src="http', "fonts.g"):
            assert tag not in text, (page, tag)


@pytest.mark.parametrize("window", WINDOWS)
def test_no_page_is_wider_than_its_window(
    window: str, browser: Browser, site: Path, tmp_path: Path
) -> None:
    for page in PAGES:
        browser.open(site / f"{page}.html", *WINDOWS[window])
        assert browser.evaluate(_WIDER) == [], page
    browser.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
