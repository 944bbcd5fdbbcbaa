"""The RTL stepped by PyVerilator, sample by sample: asked for by name, and with a testbench of its
own, in Python.
"""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import qfx
from qfx.packages import PackageMissing
from qfx.project import Project
from qfx.simulation.rtl import pyverilator
from several_models import frozen


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two images in, an image and a vector out, on ports of 128 bits."""
    model, shapes = frozen("joined")
    folder = tmp_path_factory.mktemp("stepped") / "joined"
    return qfx.export(model, folder, name="joined", input_shape=shapes)


def test_it_gives_the_golden_integers_by_every_port(
    joined: Project, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    result = qfx.cosim(joined, ("golden", "pyverilator"), samples=4, progress=False)
    assert result.verdict() == "EQUAL: golden, pyverilator on 4 samples, 0 mismatches"
    assert result.cycles_measured is None  # no frame follows another
    by_harness = qfx.cosim(joined, ("rtl",), samples=4, progress=False)
    assert result.latency_measured == by_harness.latency_measured is not None


def test_without_the_package_it_is_told_what_installs_it(
    joined: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyverilator", None)
    said = "pyverilator is not installed (steps a design): pip install 'qfx[proof]'"
    with pytest.raises(PackageMissing, match=re.escape(said)):
        qfx.probe(joined)
    (row,) = qfx.cosim(joined, ("pyverilator",), samples=1, progress=False).rows
    assert (row.problem, row.missing) == (said, True)


def test_other_data_are_simulated_too(joined: Project, require_tool: Callable[[str], None]) -> None:
    require_tool("verilator")
    samples = tuple(np.zeros((2, *port.shape)) for port in joined.manifest.inputs)
    labels = tuple(np.zeros((2, *port.shape)) for port in joined.manifest.outputs)
    found = qfx.evaluate(joined, (samples, labels), simulators=("pyverilator",))
    assert found["pyverilator"] == found["golden"]


def test_what_never_comes_out_is_a_deadlock(
    joined: Project, require_tool: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    require_tool("verilator")
    monkeypatch.setattr(pyverilator, "patience_cycles", lambda interval, latency: 2)
    result = qfx.cosim(joined, ("pyverilator",), samples=2, progress=False)
    said = "RTL of joined: no beat for 2 cycles, a deadlock, in sample 0"
    assert result.verdict() == f"NOT PROVEN: pyverilator: {said}"


def test_a_misplaced_tlast_is_named(
    joined: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    changed = Project.open(shutil.copytree(joined.path, tmp_path / "p"))
    top, port = changed.path / "verilog" / "src" / "joined.sv", joined.manifest.outputs[0].name
    text, last = top.read_text(), f"assign {port}_tlast = {port}_beat =="
    assert last in text
    top.write_text(text.replace(last, last.replace("==", "!=")))
    result = qfx.cosim(changed, ("pyverilator",), samples=1, progress=False)
    said = f"RTL of joined: {port}_tlast is not on a frame's last beat, in sample 0"
    assert result.rows[0].problem == said
