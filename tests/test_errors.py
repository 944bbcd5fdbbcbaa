"""What is for people is a QfxError; all else is a fault of qfx, and is shown as one."""

import ast
import builtins
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest

import qfx
import qfx.hardware
from models import small_mlp
from qfx import cli
from qfx.cli_fault import FAULT_STATUS
from qfx.errors import ArgumentTypeError, QfxError
from qfx.packages import PackageMissing

ROOT = Path(__file__).parent.parent


def bases() -> dict[str, set[str]]:
    """Of every class that qfx defines, by name: the names of its bases. Nothing is imported."""
    trees = [ast.parse(path.read_text()) for path in (ROOT / "qfx").rglob("*.py")]
    classes = [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    return {n.name: {ast.unparse(base).split(".")[-1] for base in n.bases} for n in classes}


def test_every_kind_is_a_qfx_error() -> None:
    known = bases()

    def above(name: str) -> set[str]:
        return {name}.union(*(above(base) for base in known.get(name, ()) if base != name))

    def is_exception(name: str) -> bool:
        kind = getattr(builtins, name, None)
        return inspect.isclass(kind) and issubclass(kind, Exception) and name[-7:] != "Warning"

    kinds = {name: above(name) for name in known if any(map(is_exception, above(name)))}
    kinds = {name: names for name, names in kinds.items() if not name.endswith("Warning")}
    assert len(kinds) > 25
    assert {name for name, names in kinds.items() if "QfxError" not in names} == set()
    assert issubclass(qfx.QfxError, ValueError)


def test_each_call_for_people_raises_a_kind_of_its_own() -> None:
    """A bare ValueError is a fault, but where pydantic asks for one or pynq is stood in for."""
    allowed = {
        "qfx/boards.py", "qfx/project/manifest.py", "qfx/report/training.py",  # validators
        "qfx/simulation/board/dma.py", "qfx/simulation/board/memory.py",  # pynq's own words
        "qfx/fixedpoint/interval.py", "qfx/fixedpoint/signed_digits.py",  # of callers' mistakes
        "qfx/report/as_json.py",
    }  # fmt: skip
    bare = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "qfx").rglob("*.py")
        if re.search(r"raise (ValueError|TypeError|RuntimeError|KeyError)\(", path.read_text())
    }
    assert bare <= allowed


def test_kinds_are_what_python_calls_them_too() -> None:
    from qfx.evaluation import NotEvaluatedError
    from qfx.tools import ToolMissing

    assert issubclass(ToolMissing, RuntimeError)
    assert issubclass(ArgumentTypeError, TypeError)
    assert issubclass(PackageMissing, ModuleNotFoundError)
    assert issubclass(NotEvaluatedError, KeyError)


def run(monkeypatch: pytest.MonkeyPatch, error: BaseException, *arguments: str) -> int:
    """The status of a command in which an error is raised."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("qfx.files.load", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main([*arguments, "info", "net.qfx"])
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize(
    "error",
    [
        ValueError("not enough values to unpack"),
        TypeError("unsupported operand"),
        KeyError("stage"),
        RuntimeError("dictionary changed size"),
        ZeroDivisionError("division by zero"),
        AssertionError(),
        ImportError("cannot import name 'x'", name="qfx.ir"),
        ModuleNotFoundError("No module named 'qfx.gone'", name="qfx.gone"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_fault_of_ours_shows_as_one(
    error: Exception,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("QFX_CACHE", str(tmp_path))
    assert run(monkeypatch, error) == FAULT_STATUS == 70
    told = capsys.readouterr()
    first, second = told.err.splitlines()
    last = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    assert first.startswith(f"qfx: a fault of qfx, not of what it was given: {last} (qfx/cli.py, ")
    (kept,) = (tmp_path / "faults").iterdir()
    assert second.startswith(f"qfx: the whole traceback is in {kept}: please report it ")
    report = kept.read_text()
    assert f"qfx {qfx.__version__}, Python 3." in report
    assert "$ qfx info net.qfx\nTraceback (most recent call last)" in report
    assert report.rstrip().endswith(last)
    assert told.out == ""


def test_debug_and_json_tell_of_a_fault_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QFX_CACHE", str(tmp_path))
    assert run(monkeypatch, KeyError("stage"), "--debug", "--json") == FAULT_STATUS
    told = capsys.readouterr()
    assert "Traceback (most recent call last)" in told.err
    assert json.loads(told.out) == {"fault": "KeyError: 'stage'"}


def test_a_fault_that_cannot_be_kept_is_told_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("QFX_CACHE", str(tmp_path / "file"))
    assert run(monkeypatch, ZeroDivisionError("division by zero")) == FAULT_STATUS
    told = capsys.readouterr().err
    assert "Traceback (most recent call last)" in told
    assert "the whole traceback stands above: please report it" in told


def test_a_fault_says_where_its_package_is_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from email.message import Message

    metadata = Message()
    metadata["Project-URL"] = "Source, https://example.org/qfx"
    metadata["Project-URL"] = "Issues, https://example.org/qfx/issues"
    monkeypatch.setattr("importlib.metadata.metadata", lambda name: metadata)
    monkeypatch.setenv("QFX_CACHE", str(tmp_path))
    run(monkeypatch, KeyError("stage"))
    assert "report it at https://example.org/qfx/issues, with" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (QfxError("no board of that name"), "no board of that name"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (PermissionError(13, "Permission denied", "net.qfx"), "net.qfx: Permission denied"),
        (
            ModuleNotFoundError("No module named 'torch'", name="torch"),
            "torch is not installed (layers and training): pip install 'qfx[train]'",
        ),
    ],
)
def test_what_is_for_people_is_one_sentence(
    error: Exception,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, error) == 1
    assert capsys.readouterr().err == f"qfx: {sentence}\n"


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the calls below are made with."""
    folder = tmp_path_factory.mktemp("known")
    model = small_mlp()
    graph = qfx.lower(model, (16,), "net")
    project = qfx.export(graph, folder / "net", goal_ii=64, drive_casts=0)
    return {"graph": graph, "model": model, "project": project, "x": np.zeros((2, 16))}


WRONG = {
    "export": (
        "qfx.export(graph, 'out', {}={!r})",
        "board samples labels goal_ii goal_fps clock_mhz multipliers overrides architecture seed"
        " drive_casts history",
    ),
    "place": ("qfx.export(graph, {1!r})", "directory"),
    "load": ("qfx.load({1!r})", "path"),
    "save": ("qfx.save(graph, {1!r})", "path"),
    "history": ("qfx.save(graph, 'out.qfx', history={1!r})", "history"),
    "open": ("qfx.cosim({1!r}, progress=False)", "project"),
    "cosim": ("qfx.cosim(project, progress=False, {}={!r})", "simulators samples jobs"),
    "evaluate": ("qfx.evaluate(project, (x, [0, 1]), {}={!r})", "simulators jobs"),
    "data": ("qfx.evaluate(project, {1!r})", "data"),
    "synth": ("qfx.synth(project, {}={!r})", "tool jobs"),
    "build": ("qfx.build(project, {}={!r})", "tool"),
    "convert": ("qfx.convert({1!r})", "model"),
    "train": (
        "qfx.train(model, (x, [0, 1]), progress=False, {}={!r})",
        "epochs batch_size loss metric learning_rate warmup projection seed device",
    ),
    "calibrate": ("qfx.calibrate(model, x, {}={!r})", "method"),
    "schedule": ("qfx.hardware.schedule({1!r}, None)", "graph"),
}
VALUES = (object(), b"a", {"a": 1}, ["\0"], 2.5j, "\0")


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("call", WRONG)
def test_no_wrong_argument_looks_like_a_fault(
    call: str,
    value: object,
    known: dict[str, object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever is given for an argument of the door is refused for what it is."""
    monkeypatch.chdir(tmp_path)
    line, arguments = WRONG[call]
    for argument in arguments.split():
        written = line.replace("{}", argument).replace("{!r}", "value").replace("{1!r}", "value")
        with pytest.raises(QfxError) as refused:
            eval(written, {"qfx": qfx, "value": value, **known})
        assert str(refused.value).count("\n") == 0
    assert not list(tmp_path.iterdir())
