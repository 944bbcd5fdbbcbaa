"""Every call of the tables is refused with its whole sentence, and leaves every file as it was."""

import inspect
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from refusal import Refusal, topics
from world import FILES, NAMES, names, prepare

import qfx
from qfx import cli, nn

ROWS = [
    pytest.param(row, id=f"{title}: {row.given}".replace("`", ""))
    for title, rows in topics().items()
    for row in rows
]


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    return names()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]) -> Path:
    made = tmp_path_factory.mktemp("world")
    prepare(made, values)
    return made


def snapshot(folder: Path) -> dict[str, int]:
    """When each file and folder was last written, by path."""
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize("row", ROWS)
def test_it_is_refused(
    row: Refusal,
    folder: Path,
    values: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    require_tool: Callable[[str], None],
) -> None:
    if row.needs:
        require_tool(row.needs)
    monkeypatch.chdir(folder)
    before = snapshot(folder)
    if row.error is None:
        with pytest.raises(SystemExit) as ended:
            cli.main(shlex.split(row.call)[1:])
        assert ended.value.code == 1
        said = capsys.readouterr().err
        assert said.startswith("qfx: ")
        assert said.count("\n") == 1
        sentence = said.removeprefix("qfx: ").rstrip("\n")
    else:
        with pytest.raises(row.error) as refused:
            eval(row.call, dict(values))
        assert type(refused.value) is row.error
        assert isinstance(refused.value, (qfx.QfxError, OSError))  # nothing else is for people
        sentence = str(refused.value)
    assert row.matches(sentence), f"\nsaid:   {sentence}\nwanted: {row.says}"
    assert snapshot(folder) == before


def callables() -> set[str]:
    """How a call of each function, layer and command that takes arguments begins."""
    door = {f"qfx.{name}" for name in qfx.__all__ if inspect.isfunction(getattr(qfx, name))}
    exported = [kind for kind in nn.Layer.registry.values() if vars(nn).get(kind.__name__) is kind]
    layers = [layer for layer in exported if inspect.signature(layer).parameters]
    callbacks = [command.callback for command in cli.app.registered_commands]
    return (
        {f"{name}(" for name in door}
        | {f"nn.{layer.__name__}(" for layer in layers}
        | {
            f"qfx {call.__name__} "
            for call in callbacks
            if set(inspect.signature(call).parameters) - {"context"}
        }
    )


@pytest.mark.parametrize("beginning", sorted(callables()))
def test_every_call_is_refused_something(beginning: str) -> None:
    rows = [row for cases in topics().values() for row in cases]
    assert any(beginning in row.call for row in rows), (
        f"{beginning}...: add what it refuses to tests/refusals/of_*.py, and run make tables"
    )


def test_the_legend_names_what_is_there(folder: Path, values: dict[str, Any]) -> None:
    assert {path.name for path in folder.iterdir()} == set(FILES)
    assert set(NAMES) <= set(values)


@pytest.mark.parametrize(
    ("says", "sentence", "fits"),
    [
        ("a.b", "a.b", True),
        ("a.b", "axb", False),
        ("a … z", "a to z", True),
        ("a … z", "a to z, and more", False),
        ("a", "a and more", False),
    ],
)
def test_a_sentence_is_compared_whole(says: str, sentence: str, fits: bool) -> None:
    assert Refusal("", "", None, says).matches(sentence) is fits
