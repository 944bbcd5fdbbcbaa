"""The page in a real browser: desktop and phone, light and dark; nothing is cut off."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import qfx
from browser import Browser
from qfx.project.folder import Project
from qfx.report import page

WINDOWS = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def browser(require_tool: Callable[[str], None]) -> Iterator[Browser]:
    require_tool("chromium")
    with Browser() as running:
        yield running


@pytest.fixture(scope="module")
def shown(residual: Project) -> Path:
    """The page with all that can be found of a folder."""
    qfx.cosim(residual, ("torch", "golden"), progress=False)
    return page.write(residual)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("window", WINDOWS)
def test_nothing_is_cut_off(
    window: str, dark: bool, browser: Browser, shown: Path, tmp_path: Path
) -> None:
    browser.open(shown, *WINDOWS[window], dark)
    assert browser.overflowing() == []
    paper = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(20, 24, 29)" if dark else "rgb(255, 255, 255)")
    tall = "[...document.querySelectorAll('.command span')].map(e => e.clientHeight)"
    heights = browser.evaluate(tall)
    assert len(heights) > 10  # the words of the command, none of which goes on in the next line
    assert len(set(heights)) == 1
    browser.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("window", WINDOWS)
def test_long_names_are_not_cut_off(
    window: str, browser: Browser, residual: Project, tmp_path: Path
) -> None:
    folder = shutil.copytree(residual.path, tmp_path / "p")
    for name in ("qfx.json", "report.json"):
        text = (folder / name).read_text()
        assert '"4.body' in text or "layer4" in text
        text = text.replace("4.body", "4.body" + 80 * "W").replace("layer4", "layer4" + 80 * "W")
        (folder / name).write_text(text.replace('"2.weight"', '"2' + 60 * ".weight" + '"'))
    shown = page.write(Project.open(folder))
    assert 80 * "W" in shown.read_text()
    browser.open(shown, *WINDOWS[window])
    assert browser.overflowing() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(
    ("where", "inserted"),
    [
        ("<main>", '<main><div style="width:1400px">wide</div>'),
        ("<main>", '<main><pre style="max-width:200px">' + "x" * 300 + "</pre>"),
        (' class="title" x="', ' class="title" x="9'),
    ],
)
def test_a_page_that_overflows_is_found(
    where: str,
    inserted: str,
    window: str,
    dark: bool,
    browser: Browser,
    shown: Path,
    tmp_path: Path,
) -> None:
    broken = tmp_path / "broken.html"
    text = shown.read_text()
    assert where in text
    broken.write_text(text.replace(where, inserted))
    browser.open(broken, *WINDOWS[window], dark)
    assert browser.overflowing() != []
