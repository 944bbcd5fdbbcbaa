"""AMD's simulators are asked for by name, given the recorded stimuli, and compared like the others:
here programs of ours run the testbench that g++ makes.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import qfx
from models import small_mlp
from qfx.project.folder import Project
from qfx.simulation import ALL, DEFAULT, SIMULATORS
from qfx.simulation.cpp import csim

VITIS_HLS = """#!/bin/sh
[ "$*" = "-f build.tcl" ] || exit 1
grep -q '^if .*QFX_ARGV.* {{ set vectors $env(QFX_ARGV) }}' build.tcl || exit 1
[ "$QFX_STEPS" = "{steps}" ] || exit 1
"{program}" $QFX_ARGV
"""
# The unified tool reads its arguments from the configuration.
UNIFIED = """#!/bin/sh
echo "$(basename $0) $*" >> "{told}"
case "$*" in *--{step}*) "{program}" $(sed -n 's/^{step}.argv=//p' hls_config.cfg) ;; esac
"""
BROKEN = """#!/bin/sh
echo "ERROR: [SIM 211-100] csim_design failed: compilation error(s)."; echo more; exit 1
"""
WRONG = """#!/bin/sh
"{program}" $QFX_ARGV
for out; do :; done; set -- $QFX_ARGV; for out; do :; done
sed -i '{edit}' "$out"
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("vitis") / "net"
    return qfx.export(small_mlp(), folder, input_shape=(16,), name="net")


@pytest.fixture
def tool(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a program on PATH."""
    program = csim.build(project) / "testbench"
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def install(name: str, script: str, **values: object) -> None:
        (tmp_path / name).write_text(script.format(program=program, **values))
        (tmp_path / name).chmod(0o755)

    return install


def test_they_run_only_when_asked_for() -> None:
    own = {"pyverilator", "vitis-csim", "vitis-cosim"}
    assert own < SIMULATORS.keys()
    assert not own & {*ALL, *DEFAULT}


@pytest.mark.parametrize(
    ("simulator", "steps"), [("vitis-csim", "csim"), ("vitis-cosim", "csynth cosim")]
)
def test_vitis_hls_simulates(
    simulator: str, steps: str, project: Project, tool: Callable[..., None]
) -> None:
    tool("vitis_hls", VITIS_HLS, steps=steps)
    result = qfx.cosim(project, (simulator,), progress=False)
    assert result.equal, result.verdict()
    assert result.rows[0].samples == len(project.batches("stimuli")[0])


@pytest.mark.parametrize(
    ("simulator", "step", "words"),
    [
        ("vitis-csim", "csim", ["vitis-run --mode hls --csim"]),
        ("vitis-cosim", "cosim", ["v++ -c --mode hls", "vitis-run --mode hls --cosim"]),
    ],
)
def test_the_unified_tool_simulates(
    simulator: str,
    step: str,
    words: list[str],
    project: Project,
    tool: Callable[..., None],
    tmp_path: Path,
) -> None:
    for name in ("v++", "vitis-run"):
        tool(name, UNIFIED, told=tmp_path / "told", step=step)
    result = qfx.cosim(project, (simulator,), samples=5, progress=False)
    assert result.equal, result.verdict()
    config = " --config hls_config.cfg --work_dir work"
    assert (tmp_path / "told").read_text().splitlines() == [word + config for word in words]


def test_what_vitis_gets_wrong_is_told(project: Project, tool: Callable[..., None]) -> None:
    tool("vitis_hls", WRONG, edit="1y/0123456789abcdef/1032547698badcfe/")  # bit 0 of each digit
    verdict = qfx.cosim(project, ("vitis-csim",), progress=False).verdict()
    assert re.match(r"DIFFERENT: vitis-csim: node \w+, sample 0, index \(0,\): ", verdict), verdict


def test_lost_beats_are_told(project: Project, tool: Callable[..., None]) -> None:
    tool("vitis_hls", WRONG, edit="$d")
    verdict = qfx.cosim(project, ("vitis-csim",), progress=False).verdict()
    assert re.search(r"Vitis gives \d+ beats of m_axis of net, not the \d+ of \d+ frames", verdict)


def test_a_vitis_that_fails_is_told(project: Project, tool: Callable[..., None]) -> None:
    tool("vitis_hls", BROKEN)
    assert qfx.cosim(project, ("vitis-csim",), progress=False).verdict() == (
        "NOT PROVEN: vitis-csim: vitis_hls does not simulate net: ERROR: [SIM 211-100] csim_design"
        " failed: compilation error(s)."
    )


def test_no_vitis_is_told(project: Project) -> None:
    verdict = qfx.cosim(project, ("vitis-cosim",), progress=False).verdict()
    assert verdict.startswith("NOT PROVEN: vitis-cosim: vitis_hls is not on PATH: install AMD's")
