"""The wheel: whole, and enough by itself, in an environment where no checkout can be seen."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email import message_from_string
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import qfx
from models import small_mlp, tiny_graphs
from qfx.packages import PACKAGES, missing_package

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


def needed(requirements: Iterable[str]) -> dict[str, metadata.Distribution]:
    """The installed distributions that these need, and those that they need, of the versions that
    are asked for.
    """
    found: dict[str, metadata.Distribution] = {}
    left = [Requirement(each) for each in requirements]
    while left:
        wanted = left.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        distribution = metadata.distribution(wanted.name)
        assert distribution.version in wanted.specifier, f"{wanted}: {distribution.version}"
        if canonicalize_name(wanted.name) not in found:
            found[canonicalize_name(wanted.name)] = distribution
            left += map(Requirement, distribution.requires or ())
    return found


@dataclass(frozen=True)
class Empty:
    """An environment that holds the wheel and what it alone requires: nothing else is there.

    Args:
        folder: where commands are typed; a project of an image stands in it, and what it is of.
        python, qfx: the programs.
    """

    folder: Path
    python: Path
    qfx: Path

    def __call__(self, *command: object) -> str:
        return run(*command, cwd=self.folder)

    def refused(self, *command: object) -> str:
        """What a command says that exits with 1."""
        result = subprocess.run(
            [*map(str, command)], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert result.returncode == 1, result.stdout + result.stderr
        return result.stderr


@pytest.fixture(scope="module")
def empty(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Empty:
    place = tmp_path_factory.mktemp("alone")
    environment, folder = place / "environment", place / "empty"
    folder.mkdir()
    run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=place)
    python = environment / "bin" / "python"
    own = Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        described = message_from_string(archive.read(name).decode())
    for distribution in needed(described.get_all("Requires-Dist") or ()).values():
        for top in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
            if not (own / top).exists():
                (own / top).symlink_to(Path(str(distribution.locate_file(top))))
    options = ("--no-deps", "--no-index", "--disable-pip-version-check", "--quiet")
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, wheel, cwd=place)
    image, model = tiny_graphs()["image"], small_mlp()
    qfx.save(image, folder / "image.qfx")
    qfx.save(model, folder / "mlp.safetensors")
    qfx.export(model, folder / "trained", input_shape=(16,), goal_ii=64)
    np.save(folder / "x.npy", np.random.default_rng(0).normal(size=(9, *image.inputs[0].shape)))
    return Empty(folder, python, environment / "bin" / "qfx")


def test_nothing_but_the_base_is_there(empty: Empty) -> None:
    tops = "import importlib.util as u; print([m for m in {} if u.find_spec(m)])"
    others = [*(m for m, p in PACKAGES.items() if p.extra), "setuptools", "pkg_resources", "pytest"]
    assert empty(empty.python, "-c", tops.format(others)).strip() == "[]"
    where = empty(empty.python, "-c", "import qfx; print(qfx.__file__)").strip()
    assert Path(where).is_relative_to(empty.python.parents[1])


def test_the_wheel_works_where_nothing_else_is(
    empty: Empty, require_tool: Callable[[str], None]
) -> None:
    require_tool("g++")
    assert "Usage" in empty(empty.qfx, "--help")
    assert "ultra96" in empty(empty.qfx, "boards")
    assert "input" in empty(empty.qfx, "info", "image.qfx")
    empty(empty.qfx, "export", "image.qfx", "-o", "project", "--samples", "x.npy")
    assert "image for ultra96" in empty(empty.qfx, "info", "project")
    said = empty(empty.qfx, "cosim", "project", "--simulators", "golden,csim")
    assert said.strip().splitlines()[-1].startswith("EQUAL: golden, csim on ")
    assert "cycles" in empty(empty.qfx, "report", "project")
    assert empty(empty.qfx, "report", "project", "--html").strip() == "project/report.html"


def test_what_torch_exported_is_proven_without_it(empty: Empty) -> None:
    assert "model for ultra96" in empty(empty.qfx, "info", "trained")
    said = empty(empty.qfx, "cosim", "trained", "--simulators", "torch,golden")
    assert said.strip().splitlines()[-1].startswith("EQUAL: torch, golden on ")
    assert "cycles" in empty(empty.qfx, "report", "trained")
    doctor = json.loads(run_any(empty.folder, empty.qfx, "doctor", "--json"))
    assert {"onnxruntime", "qonnx"} <= set(doctor["missing"])
    assert not {"torch", "lightning-fabric", "pyverilator", "numpy"} & set(doctor["missing"])


def run_any(folder: Path, *command: object) -> str:
    """What a command prints, whatever its status."""
    return subprocess.run(
        [*map(str, command)], cwd=folder, capture_output=True, text=True, check=False
    ).stdout


TRAIN = "pip install 'qfx[train]'"


def test_what_is_missing_is_named_with_what_installs_it(empty: Empty) -> None:
    tried = """\
import qfx

for call in ("train", "calibrate", "lower", "nn", "fixed"):
    try:
        getattr(qfx, call)
    except qfx.QfxError as error:
        assert isinstance(error, ModuleNotFoundError)
        print(error)
try:
    qfx.load("mlp.safetensors")
except qfx.QfxError as error:
    print(error)
print(qfx.cosim("trained", ("golden", "qonnx"), progress=False).rows[1].error)
"""
    *extras, qonnx = empty(empty.python, "-c", tried).strip().splitlines()
    assert len(extras) == 6
    assert all(line.endswith(f": {TRAIN}") for line in extras), extras
    assert extras[0] == f"torch is not installed (layers and training): {TRAIN}"
    assert qonnx == "qonnx is not installed (executes model.onnx): pip install 'qfx[proof]'"
    for command in (("info", "mlp.safetensors"), ("export", "mlp.safetensors", "-o", "out")):
        said = empty.refused(empty.qfx, *command)
        assert said.startswith("qfx: ")
        assert said.endswith(f": {TRAIN}\n")
        assert said.count("\n") == 1


def test_a_wheel_for_an_index_has_absolute_links(tmp_path: Path) -> None:
    url = "https://example.org/qfx"
    run(sys.executable, ROOT / "scripts" / "make-wheel", url, tmp_path, cwd=ROOT)
    (built,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("METADATA"))
        described = archive.read(name).decode()
    assert f"Project-URL: Source, {url}\n" in described
    assert f"Project-URL: Issues, {url}/issues\n" in described  # a fault says where to report it
    assert "Project-URL: Paper, https://arxiv.org/abs/2401.17544\n" in described
    assert f"({url}/raw/main/docs/images/walk.svg)" in described
    assert f"({url}/blob/main/docs/board.md)" in described
    links = re.findall(r'\]\(([^)]+)\)|(?:src|href)="([^"]+)"', described)
    assert len(links) > 15
    for link in map("".join, links):
        assert link.startswith("https://"), link
        if link.startswith(url):  # and what it leads to is there
            path = link.removeprefix(url).split("/main/")[1].split("#")[0]
            assert (ROOT / path).exists(), path


def test_every_extra_is_a_package_known_by_name() -> None:
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    given = project["optional-dependencies"]
    extras = {extra: given[extra] for extra in ("train", "proof", "open")}
    listed = {
        re.match("[a-z0-9-]+", line).group(): extra
        for extra, lines in (("", project["dependencies"]), *extras.items())
        for line in lines
    }
    for package in PACKAGES.values():
        assert listed[package.name] == package.extra
    assert set(listed) == {package.name for package in PACKAGES.values()}
    locked = (ROOT / "requirements.lock").read_text().lower().replace("_", "-")
    assert all(f"\n{name}==" in locked for name in listed)


def test_other_packages_are_not_advised_about() -> None:
    assert missing_package(ImportError("no name x in torch", name="torch")) is None
    assert missing_package(ModuleNotFoundError("No module named 'pynq'", name="pynq")) is None
