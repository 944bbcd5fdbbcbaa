"""The Python on the pages runs, each page from top to bottom, as somebody would type it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Pages that stand alone; the other blocks of README continue one another and what a reader has.
PAGES = ("first-steps.md", "training.md", "boards.md")
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path: Path) -> list[str]:
    found = _BLOCK.findall(path.read_text())
    assert found, path
    return found


def run(codes: list[str], where: Path) -> None:
    names: dict[str, object] = {}
    for code in codes:
        exec(compile(code, str(where), "exec"), names)


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run(blocks(ROOT / "docs" / page), ROOT / "docs" / page)
    said = capsys.readouterr().out
    if page == "first-steps.md":
        assert "fixed<6,2> holds -2.0 to 1.9375 in steps of 0.0625" in said
        assert "[ 5 16 31] [0.3125 1.     1.9375]" in said
        assert "\nEQUAL: torch, golden, qonnx, csim, rtl, rtl-stalled, rtl-reset on " in said
    if page == "training.md":
        (share,) = re.findall(r"emulated: ([\d.]+) %", said)
        assert float(share) > 90


def test_the_first_snippet_of_the_readme_is_equal_and_beats_a_coin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    first = blocks(ROOT / "README.md")[0]
    wanted = {"numpy", "qfx", "qfx.nn"}  # nothing that `pip install qfx[train,proof]` lacks
    assert set(re.findall(r"^(?:from|import) ([\w.]+)", first, re.MULTILINE)) <= wanted
    run([first], ROOT / "README.md")
    said = capsys.readouterr().out
    assert "EQUAL: torch, golden, qonnx, csim, rtl, rtl-stalled, rtl-reset on " in said
    (share,) = re.findall(r"golden: ([\d.]+) % right", said)
    assert float(share) > 94
    assert (tmp_path / "history.png").read_bytes().startswith(b"\x89PNG")
