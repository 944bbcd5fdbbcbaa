"""The house itself: import contracts, the half without torch, the door, the command line's help."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import qfx

ROOT = Path(__file__).parent.parent
PYTHON = sys.executable


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_import_contracts_hold() -> None:
    result = run(str(Path(PYTHON).with_name("lint-imports")))
    assert "Contracts: 4 kept, 0 broken." in result.stdout, result.stdout + result.stderr


@pytest.mark.parametrize(
    "module",
    [
        "qfx",
        "qfx.backends.vitis",
        "qfx.simulation",
        "qfx.synthesis",
        "qfx.flow",
        "qfx.cli",
        "qfx.frontends",
    ],
)
def test_the_hardware_half_loads_no_torch(module: str) -> None:
    code = f"import {module}, sys; assert 'torch' not in sys.modules, 'torch was imported'"
    result = run(PYTHON, "-c", code)
    assert result.returncode == 0, result.stderr


def test_a_project_is_compared_without_torch(tmp_path: Path) -> None:
    from models import small_mlp

    qfx.export(small_mlp(), tmp_path / "p", input_shape=(16,), goal_ii=64)
    code = (
        f"import qfx, sys; r = qfx.cosim({str(tmp_path / 'p')!r}, ('torch', 'golden'));"
        " assert r.equal, r.verdict(); assert 'torch' not in sys.modules"
    )
    result = run(PYTHON, "-c", code)
    assert result.returncode == 0, result.stderr


def test_every_name_of_the_door_opens() -> None:
    for name in qfx.__all__:
        assert getattr(qfx, name) is not None
    assert sorted(qfx.__all__) == dir(qfx)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        qfx.nonsense  # noqa: B018


@pytest.mark.parametrize(
    "command", [(), ("export",), ("cosim",), ("synth",), ("info",), ("doctor",)]
)
def test_help_renders(command: tuple[str, ...]) -> None:
    result = run(PYTHON, "-m", "qfx", *command, "--help")
    assert result.returncode == 0, result.stderr
    assert "Usage" in result.stdout


def test_help_answers_in_half_a_second() -> None:
    seconds = []
    for _ in range(5):
        before = os.times()
        run(PYTHON, "-m", "qfx", "--help")
        after = os.times()  # of a processor: a clock would measure what else runs
        spent = after.children_user + after.children_system
        seconds.append(spent - before.children_user - before.children_system)
    assert min(seconds) < 0.5


def test_no_file_is_longer_than_one_wants_to_read() -> None:
    for folder, suffix in (("qfx", "*.py"), ("hls_templates", "*.*"), ("tests", "*.py")):
        for path in (ROOT / folder).rglob(suffix):
            assert len(path.read_text().splitlines()) < 600, path


def test_no_two_files_of_tests_have_one_name() -> None:
    """Pytest imports them by it: the second would be an error of the whole run alone."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
