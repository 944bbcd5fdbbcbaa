"""The `vitis/` part of a project folder."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from qfx import assets
from qfx.backends.vitis.check import check, check_pragmas
from qfx.backends.vitis.kernel import Kernel, kernel
from qfx.backends.vitis.templates import render
from qfx.errors import QfxError
from qfx.hardware import Design


class VitisError(QfxError):
    """A design that cannot be written as Vitis HLS C++."""


def write(design: Design, directory: Path) -> None:
    """Write the `vitis/` part of a project folder; it stands alone, AMD's open ap_ headers
    included.

    Args:
        design: what to spell.
        directory: must exist; gets src/, tb/, include/, Makefile, build.tcl and hls_config.cfg.

    Raises:
        VitisError: AMD's headers are missing. DataflowError: the code breaks the dataflow
            rules.
    """
    templates = assets.folder("hls_templates") / "vitis"
    source, testbench, include = (directory / name for name in ("src", "tb", "include"))
    source.mkdir()
    testbench.mkdir()
    for file in sorted((templates / "lib").glob("*.hpp")):
        shutil.copyfile(file, source / file.name)
    headers = ap_types()
    for file in sorted(path for path in headers.rglob("*") if path.is_file()):
        if file.parent.name == "__pycache__":
            continue
        copy = include / file.relative_to(headers)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    for file in (templates / "include").iterdir():
        shutil.copyfile(file, include / file.name)
    for file in (templates / "tb").glob("*.hpp"):
        shutil.copyfile(file, testbench / file.name)
    found = kernel(design)
    for name, text in _sources(found).items():
        (source / name).write_text(text)
    for name in ("tb/testbench.cpp", "Makefile", "build.tcl", "hls_config.cfg"):
        (directory / name).write_text(render(f"{name}.j2", d=found))


def sources(design: Design) -> dict[str, str]:
    """The generated files of src/ by name.

    Raises:
        DataflowError: the code breaks the dataflow rules.
    """
    return _sources(kernel(design))


def _sources(found: Kernel) -> dict[str, str]:
    name = found.name
    texts = {f"{name}{suffix}": render(f"top{suffix}.j2", d=found) for suffix in (".hpp", ".cpp")}
    for table in found.tables:
        texts[f"{table.name}.hpp"] = render(table.template, t=table)
    ends = {port.name: "written" for port in found.inputs}
    ends |= {port.name: "read" for port in found.outputs}
    check(texts[f"{name}.cpp"], name, ends)
    for file in (assets.folder("hls_templates") / "vitis" / "lib").glob("*.hpp"):
        check_pragmas(file.read_text(), file.name)
    return texts


def ap_types() -> Path:
    """The folder of AMD's open headers (Apache-2.0), as hls4ml ships them; found without importing
    hls4ml.

    Raises:
        VitisError: hls4ml is not installed.
    """
    package = importlib.util.find_spec("hls4ml")
    if package is None or package.origin is None:
        raise VitisError(
            "AMD's ap_ headers come with hls4ml, which is not installed: pip install hls4ml"
        )
    return Path(package.origin).parent / "templates" / "vivado" / "ap_types"
