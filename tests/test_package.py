"""The wheel: whole, and enough by itself, in an environment where no checkout can be seen."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import qfx
from models import tiny_graphs

ROOT = Path(__file__).parent.parent
SOURCES = ("qfx", "boards", "hls_templates", "pyproject.toml", "README.md", "LICENSE")
ASSETS = ("boards", "hls_templates")


def run(*command: object, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    result = subprocess.run(
        [*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def files(folder: str) -> set[str]:
    """Below a folder of the checkout, as that folder's paths."""
    found = (path for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts)
    return {str(path.relative_to(ROOT)) for path in found if path.is_file()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that no older build can lend it a file."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copyfile(ROOT / name, source / name)
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    run(sys.executable, "-m", "pip", "wheel", ".", *options, "-w", target, cwd=source)
    (built,) = target.glob("*.whl")
    return built


def test_every_package_is_listed() -> None:
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML")
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    there = {str(path.parent.relative_to(ROOT)) for path in (ROOT / "qfx").rglob("*.py")}
    assets = {f"qfx._assets.{name}" for name in ASSETS}
    assert set(listed) == {name.replace(os.sep, ".") for name in there} | assets, (
        "pyproject.toml, [tool.setuptools] packages: list every folder of modules under qfx/"
    )


def test_the_wheel_holds_every_file(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    assert files("qfx") <= held
    for folder in ASSETS:
        assert files(folder), folder
        assert {f"qfx/_assets/{name}" for name in files(folder)} <= held
    assert not [name for name in held if name.startswith(("tests/", "examples/", "boards/"))]


def test_the_wheel_works_where_nothing_else_is(
    wheel: Path, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("g++")
    environment, empty = tmp_path / "environment", tmp_path / "empty"
    empty.mkdir()
    graph = qfx.save(tiny_graphs()["image"], tmp_path / "image.qfx")
    run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=tmp_path)
    python, program = environment / "bin" / "python", environment / "bin" / "qfx"
    own = Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))
    # A .pth names folders; .pth files in those are not read, so an editable qfx stays unseen.
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    find = "import importlib.util as u; print(u.find_spec('qfx'), u.find_spec('numpy') is None)"
    assert run(python, "-c", find, cwd=empty).split() == ["None", "False"]
    options = ("--no-deps", "--no-index", "--disable-pip-version-check", "--quiet")
    run(python, "-m", "pip", "install", "--ignore-installed", *options, wheel, cwd=empty)
    where = run(python, "-c", "import qfx; print(qfx.__file__)", cwd=empty).strip()
    assert Path(where).is_relative_to(own)
    assert "Usage" in run(program, "--help", cwd=empty)
    assert "ultra96" in run(program, "boards", cwd=empty)
    run(program, "export", graph, "-o", "project", "--board", "ultra96", cwd=empty)
    assert "image for ultra96" in run(program, "info", "project", cwd=empty)
    said = run(program, "cosim", "project", "--simulators", "golden,csim", cwd=empty)
    assert said.strip().splitlines()[-1].startswith("EQUAL: golden, csim on ")
