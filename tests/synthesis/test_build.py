"""`qfx build` runs the project's scripts and reads what comes out: here by programs that stand in
for AMD's. The one for Vivado runs the scripts in tclsh and then writes reports of ours.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import qfx
from models import small_mlp
from qfx import assets, boards
from qfx.boards import BoardError, Resources
from qfx.project.folder import Project
from qfx.synthesis import Clock, SynthesisError
from qfx.synthesis.vivado_check.tcl import RECORDER
from qfx.tools import ToolMissing

REPORTS = Path(__file__).parent / "reports"
VIVADO = """#!/bin/sh
case "$1" in -version) echo "vivado v2022.1 (64-bit)"; exit;; esac
for script; do :; done
echo "$PWD $*" >> "{told}"
echo "Phase 1 Placer Initialization"
tclsh "{recorder}" "$script" "{told}.calls" || exit 1
case "$script" in block_design.tcl) cp "{reports}"/*.rpt . ;; esac
"""
FAILING = """#!/bin/sh
case "$1" in -version) echo "vivado v2022.1 (64-bit)"; exit;; esac
echo "ERROR: [Synth 8-439] module 'net_ip' not found"
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13; do echo "INFO: [Common 17-206] line $n"; done
exit 1
"""
VITIS = """#!/bin/sh
case "$1" in -version) echo "Vitis HLS v2022.1"; exit;; esac
echo "$(basename $0) $*" >> "{told}"
mkdir -p {place} && cp "{reports}/csynth.xml" {place} && touch {wrote}
"""


@pytest.fixture
def project(tmp_path: Path, require_tool: Callable[[str], None]) -> Project:
    """For an Ultra96; its folder is built in."""
    require_tool("tclsh")
    return qfx.export(small_mlp(), tmp_path / "net", input_shape=(16,), name="net")


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a program on PATH; gives the file of what it was told."""
    folder, reports, told = tmp_path / "bin", tmp_path / "reports", tmp_path / "told"
    for made in (folder, reports):
        made.mkdir()
    (reports / "utilization.rpt").write_text((REPORTS / "utilization_ultrascale.rpt").read_text())
    (reports / "csynth.xml").write_text((REPORTS / "csynth.xml").read_text())
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def install(name: str, script: str, **values: object) -> Path:
        values = {"told": told, "reports": reports, "recorder": RECORDER, **values}
        (folder / name).write_text(script.format(**values))
        (folder / name).chmod(0o755)
        return told

    return install


def write_timing(tmp_path: Path, met: bool) -> None:
    text = (REPORTS / "timing.rpt").read_text().replace("aclk   {", "clk_pl_0 {")
    if met:
        text = text.replace("-2.500  ", " 1.250  ").replace(
            "Timing constraints are not met.", "All user specified timing constraints are met."
        )
    (tmp_path / "reports" / "timing.rpt").write_text(text)


def run(project: Project, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "qfx", "build", str(project.path), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_vivado_packages_and_builds(
    project: Project, tool: Callable[..., Path], tmp_path: Path
) -> None:
    told, heard = tool("vivado", VIVADO), list[str]()
    write_timing(tmp_path, met=True)
    found = qfx.build(project, lambda step, done, of: heard.append(step))
    options = "-mode batch -nojournal -nolog -source"
    assert told.read_text().splitlines() == [
        f"{project.path}/verilog {options} package_ip.tcl",
        f"{project.path}/pynq {options} block_design.tcl",
    ]
    assert heard == [
        "starting", "Phase 1 Placer Initialization", "packaging net_ip",
        "starting", "Phase 1 Placer Initialization", "block design", "synthesis",
        "placing and routing", "reports and bitstream",
    ]  # fmt: skip
    assert [file.name for file in found.files] == ["net.bit", "net.hwh"]
    assert all(file.is_file() for file in found.files)
    assert found.tool == "Vivado 2022.1"
    assert found.resources == Resources(luts=830, flip_flops=560, dsps=5, bram_18k=5)
    assert (found.clock, found.met) == (Clock(10.0, 8.75, 14), True)
    assert project.changed_files() == []
    shown = run(project)
    assert shown.returncode == 0, shown.stderr
    assert "takes: 830 LUT, 560 FF, 5 DSP, 5 BRAM18" in shown.stdout
    assert shown.stdout.splitlines()[-1] == "MET: the clock, by Vivado 2022.1, placed and routed"
    dry = run(project, "--dry-run")  # what was built before is in its way in nothing
    assert (dry.returncode, dry.stderr) == (0, "")
    assert dry.stdout.endswith("commands for Vivado checked, not run: nothing wrong\n")


def test_a_clock_that_is_not_met_ends_with_1(
    project: Project, tool: Callable[..., Path], tmp_path: Path
) -> None:
    tool("vivado", VIVADO)
    write_timing(tmp_path, met=False)
    shown = run(project)
    assert shown.returncode == 1
    assert "clock: 10.000 ns asked for, the longest path takes 12.500 ns" in shown.stdout
    assert shown.stdout.splitlines()[-1].startswith("NOT MET: the clock; ask for a slower one")
    text = (tmp_path / "reports" / "timing.rpt").read_text()
    (tmp_path / "reports" / "timing.rpt").write_text(text.replace("are not met", "are what"))
    with pytest.raises(SynthesisError, match="does not say whether the timing constraints are"):
        qfx.build(project)


def test_what_vivado_says_first_is_told(project: Project, tool: Callable[..., Path]) -> None:
    tool("vivado", FAILING)
    with pytest.raises(SynthesisError) as refused:
        qfx.build(project)
    assert str(refused.value) == (
        "vivado cannot build net: ERROR: [Synth 8-439] module 'net_ip' not found"
    )


def test_the_scripts_own_refusal_is_told(
    project: Project, tool: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tool("vivado", VIVADO)
    monkeypatch.setenv("QFX_VIVADO", "2021.2")
    shown = run(project)
    assert (shown.returncode, shown.stderr) == (
        1,
        "qfx: vivado cannot build net: this is Vivado 2021.2, and the block design is written for"
        " 2022.1 and later\n",
    )


def test_a_bitstream_that_is_missing_is_told(
    project: Project, tool: Callable[..., Path], tmp_path: Path
) -> None:
    tool("vivado", VIVADO + "rm -f net.bit\n")
    write_timing(tmp_path, met=True)
    with pytest.raises(SynthesisError, match=r"ended well and wrote no pynq/net\.bit: read what"):
        qfx.build(project)


def test_a_bitstream_of_before_does_not_stay_when_a_build_fails(
    project: Project, tool: Callable[..., Path]
) -> None:
    (project.path / "pynq" / "net.bit").write_text("old")
    tool("vivado", FAILING)
    with pytest.raises(SynthesisError):
        qfx.build(project)
    assert not (project.path / "pynq" / "net.bit").exists()


@pytest.mark.parametrize("name", ["vivado", "vitis"])
def test_another_board_than_it_was_exported_for_is_refused(
    name: Any, project: Project, tool: Callable[..., Path]
) -> None:
    tool("vivado", VIVADO)
    with pytest.raises(BoardError, match=r"exported for the board ultra96 .*, not for zcu104 "):
        qfx.build(project, tool=name, board=boards.load("zcu104"))


def test_a_block_design_that_is_missing_is_named_before_the_core_is_packaged(
    project: Project, tool: Callable[..., Path]
) -> None:
    told = tool("vivado", VIVADO)
    (project.path / "pynq" / "block_design.tcl").unlink()
    with pytest.raises(SynthesisError, match=r"^pynq/block_design.tcl is missing: export again$"):
        qfx.build(project)
    assert not told.exists()


def test_a_board_without_processors_gets_the_ip(
    tool: Callable[..., Path], tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("tclsh")
    tool("vivado", VIVADO)
    project = qfx.export(
        small_mlp(), tmp_path / "net", input_shape=(16,), name="net", board="arty_a7_100"
    )
    found = qfx.build(project)
    assert found.files == (project.path / "verilog" / "ip" / "component.xml",)
    assert (found.resources, found.clock, found.met) == (None, None, None)


def test_a_board_of_ones_own_is_given(
    tool: Callable[..., Path], tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("tclsh")
    tool("vivado", VIVADO)
    write_timing(tmp_path, met=True)
    own, text = tmp_path / "mine.yaml", (assets.folder("boards") / "ultra96.yaml").read_text()
    own.write_text(text.replace("name: ultra96", "name: mine"))
    project = qfx.export(
        small_mlp(), tmp_path / "net", input_shape=(16,), name="net", board=str(own)
    )
    with pytest.raises(BoardError, match="'mine' is unknown"):
        qfx.build(project)
    assert qfx.build(project, board=boards.load(own)).met
    assert run(project, "--dry-run", "--board", str(own)).returncode == 0


@pytest.mark.parametrize(
    ("name", "place", "wrote", "words"),
    [
        (
            "vitis_hls",
            "vitis_project/solution/syn/report",
            "net_ip.zip",
            ["vitis_hls -f build.tcl"],
        ),
        (
            "v++",
            "work/hls/syn/report",
            "net_ip.zip",
            [
                "vitis-run --mode hls --csim --config build_config.cfg --work_dir work",
                "v++ -c --mode hls --config build_config.cfg --work_dir work",
                "vitis-run --mode hls --cosim --config build_config.cfg --work_dir work",
                "vitis-run --mode hls --package --config build_config.cfg --work_dir work",
            ],
        ),
    ],
)
def test_vitis_does_every_step(
    name: str, place: str, wrote: str, words: list[str], project: Project, tool: Callable[..., Path]
) -> None:
    tool("vitis-run", VITIS, place=place, wrote=wrote)
    told = tool(name, VITIS, place=place, wrote=wrote)
    found = qfx.build(project, tool="vitis")
    assert told.read_text().splitlines() == words
    assert found.files == (project.path / "vitis" / "net_ip.zip",)
    assert found.resources == Resources(luts=4100, flip_flops=2034, dsps=5, bram_18k=2)
    assert (found.clock, found.met) == (Clock(10.0, 7.25, None), None)
    vectors = [project.path / "vectors" / f"{kind}.hex" for kind in ("stimuli", "golden")]
    config = (project.path / "vitis" / "build_config.cfg").read_text().splitlines()
    for step in ("csim", "cosim"):
        assert f"{step}.argv={vectors[0]} {vectors[1]}" in config
    assert all(vector.is_file() for vector in vectors)


def test_what_vitis_packaged_before_does_not_count(
    project: Project, tool: Callable[..., Path]
) -> None:
    tool("vitis_hls", VITIS, place="vitis_project/solution/syn/report", wrote="other.zip")
    (project.path / "vitis" / "net_ip.zip").touch()
    with pytest.raises(SynthesisError, match=r"wrote no vitis/net_ip.zip"):
        qfx.build(project, tool="vitis")


def test_a_missing_tool_says_what_to_do(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for tool, command in (("vivado", "vivado"), ("vitis", "vitis_hls")):
        with pytest.raises(ToolMissing, match=f"^{command} is not on PATH: install AMD's Vi"):
            qfx.build(project, tool=tool)
    with pytest.raises(ToolMissing, match=r"^tclsh is not on PATH: install it with 'apt-get"):
        qfx.synthesis.check(project)
    with pytest.raises(ValueError, match="tool 'quartus' is unknown: use one of vivado, vitis"):
        qfx.build(project, tool="quartus")
