"""The wheel: whole, and enough by itself, in an environment where no checkout can be seen."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

import qfx
from models import tiny_graphs
from qfx.packages import PACKAGES, missing_package

ROOT = Path(__file__).parent.parent
SOURCES = ("qfx", "boards", "hls_templates", "pyproject.toml", "README.md", "LICENSE")
ASSETS = ("boards", "hls_templates")
EXTRAS = tuple(module for module, package in PACKAGES.items() if package.extra)
# What is installed for the tests, but not with qfx alone, cannot be imported.
WITHOUT_EXTRAS = """\
import sys


class Without:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {modules!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)


sys.meta_path.insert(0, Without())
"""


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
    (own / "dependencies.pth").write_text(f"{Path(numpy.__file__).parents[1]}\n")
    find = "import importlib.util as u; print(u.find_spec('qfx'), u.find_spec('numpy') is None)"
    assert run(python, "-c", find, cwd=empty).split() == ["None", "False"]
    (own / "sitecustomize.py").write_text(WITHOUT_EXTRAS.format(modules=EXTRAS))
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
    refused = "import qfx\ntry:\n    qfx.train\nexcept ImportError as error:\n    print(error)"
    assert run(python, "-c", refused, cwd=empty).strip() in (
        "torch is not installed (layers and training): pip install 'qfx[train]'",
        "safetensors is not installed (trained models as files): pip install 'qfx[train]'",
    )
    rows = (
        "import qfx\nprint(qfx.cosim('project', ('golden', 'qonnx'), progress=False).rows[1].error)"
    )
    assert run(python, "-c", rows, cwd=empty).strip() == (
        "qonnx is not installed (executes model.onnx): pip install 'qfx[proof]'"
    )


def test_a_wheel_for_an_index_has_absolute_links(tmp_path: Path) -> None:
    url = "https://example.org/qfx"
    run(sys.executable, ROOT / "scripts" / "make-wheel", url, tmp_path, cwd=ROOT)
    (built,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("METADATA"))
        metadata = archive.read(name).decode()
    assert f"Project-URL: Source, {url}\n" in metadata
    assert f"Project-URL: Issues, {url}/issues\n" in metadata  # a fault says where to report it
    assert "Project-URL: Paper, https://arxiv.org/abs/2401.17544\n" in metadata
    assert f"({url}/raw/main/docs/images/walk.svg)" in metadata
    assert f"({url}/blob/main/docs/board.md)" in metadata
    links = re.findall(r'\]\(([^)]+)\)|(?:src|href)="([^"]+)"', metadata)
    assert len(links) > 15
    for link in map("".join, links):
        assert link.startswith("https://"), link
        if link.startswith(url):  # and what it leads to is there
            path = link.removeprefix(url).split("/main/")[1].split("#")[0]
            assert (ROOT / path).exists(), path


def test_every_extra_is_a_package_known_by_name() -> None:
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {extra: project["optional-dependencies"][extra] for extra in ("train", "proof")}
    listed = {
        re.match("[a-z0-9-]+", line).group(): extra
        for extra, lines in (("", project["dependencies"]), *extras.items())
        for line in lines
    }
    for package in PACKAGES.values():
        assert listed[package.name] == package.extra
    unlisted = {name for name, extra in listed.items() if extra} - {
        package.name for package in PACKAGES.values()
    }
    assert unlisted == {"setuptools"}
    locked = (ROOT / "requirements.lock").read_text().lower().replace("_", "-")
    assert all(f"\n{name}==" in locked for name in listed if name != "setuptools")


def test_other_packages_are_not_advised_about() -> None:
    assert missing_package(ImportError("no name x in torch", name="torch")) is None
    assert missing_package(ModuleNotFoundError("No module named 'pynq'", name="pynq")) is None
