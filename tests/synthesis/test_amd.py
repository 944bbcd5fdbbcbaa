"""AMD's reports are read, and what is none is refused; their tools are run as the project's scripts
say, here by programs that only write the reports.

Those in reports/ are of the project of conftest.py, written by hand after UG906 and UG1399 with
figures of our own: no tool made them.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import qfx
from qfx.boards import Resources
from qfx.project.folder import Project
from qfx.synthesis import Clock, SynthesisError
from qfx.synthesis.amd.csynth import Csynth, read_csynth
from qfx.synthesis.amd.vivado_report import (
    Utilization,
    read_hierarchy,
    read_timing,
    read_utilization,
)
from qfx.tools import ToolMissing, run

REPORTS = Path(__file__).parent / "reports"
ULTRASCALE = (REPORTS / "utilization_ultrascale.rpt").read_text()
SEVEN_SERIES = (REPORTS / "utilization_7_series.rpt").read_text()
HIERARCHY = (REPORTS / "hierarchy.rpt").read_text()
TIMING = (REPORTS / "timing.rpt").read_text()
CSYNTH = (REPORTS / "csynth.xml").read_text()
WHOLE = Resources(luts=830, flip_flops=560, dsps=5, bram_18k=5)
VIVADO = """#!/bin/sh
case "$1" in -version) echo "vivado v2022.2 (64-bit)"; exit;; esac
echo "$@" > "{told}"; grep -q "^synth_design -top net .*-mode out_of_context" vivado.tcl || exit 1
echo "Phase 1 Placer Initialization"; echo "ERROR: [Synth 8-1] no such thing"; exit_code={code}
cp "{reports}"/*.rpt . ; exit $exit_code
"""
VITIS = """#!/bin/sh
case "$1" in -version) echo "Vitis HLS v2022.2"; exit;; esac
[ "$QFX_STEPS" = csynth ] || exit 1
echo "$@" > "{told}"; mkdir -p {place}; cp "{reports}/csynth.xml" {place}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "report"
    path.write_text(text)
    return path


def test_a_utilization_report_of_either_family_is_read(tmp_path: Path) -> None:
    assert read_utilization(write(tmp_path, ULTRASCALE)) == Utilization(WHOLE, 128, 2)
    seven = Resources(luts=37302, flip_flops=51386, dsps=220, bram_18k=138)
    assert read_utilization(write(tmp_path, SEVEN_SERIES)) == Utilization(seven, 6970, 467)


def test_the_instances_of_the_top_are_read(tmp_path: Path) -> None:
    found = read_hierarchy(write(tmp_path, HIERARCHY))
    assert list(found) == [
        "(net)",
        "u_input_fifo",
        "u_layer2_matmul",
        "u_layer2_matmul_rom",
        "u_layer5_matmul",
    ]
    assert found["u_layer2_matmul"] == Utilization(
        Resources(luts=400, flip_flops=400, dsps=4, bram_18k=3), 40, 2
    )
    older = HIERARCHY.replace(" DSP Blocks |", " DSP48 Blocks |")
    assert read_hierarchy(write(tmp_path, older)) == found


def test_slack_clock_and_levels_are_read(tmp_path: Path) -> None:
    assert read_timing(write(tmp_path, TIMING), "aclk") == Clock(10.0, 12.5, 14)
    met = TIMING.replace("-2.500      ", " 1.250      ")
    assert read_timing(write(tmp_path, met), "aclk").reached_ns == 8.75


def test_csynth_xml_is_read(tmp_path: Path) -> None:
    expected = Resources(luts=4100, flip_flops=2034, dsps=5, bram_18k=2)
    clock = Clock(10.0, 7.25, None)
    assert read_csynth(write(tmp_path, CSYNTH), "net") == Csynth(expected, clock, 34)
    older = CSYNTH.replace("DSP>", "DSP48E>").replace(">34<", ">undef<")
    assert read_csynth(write(tmp_path, older), "net") == Csynth(expected, clock, None)


@pytest.mark.parametrize(
    ("reader", "text", "sentence"),
    [
        (
            read_utilization,
            "",
            "has no row 'RAMB36/FIFO', so it is no report_utilization of Vivado",
        ),
        (read_utilization, ULTRASCALE.replace("CLB LUTs", "ALMs"), "no row 'CLB LUTs' or 'Slice"),
        (
            read_utilization,
            ULTRASCALE.replace(" 2.5 |", "   3 |"),
            "damaged: 1 RAMB36 and 3 RAMB18",
        ),
        (read_utilization, ULTRASCALE.replace("  560 ", "  5-0 "), "CLB Registers is '5-0', not a"),
        (read_hierarchy, ULTRASCALE, "has no table with the columns 'Instance' and 'Total LUTs'"),
        (read_hierarchy, HIERARCHY.replace("SRLs", "SRL "), "its table has no column 'SRLs'"),
        (lambda p: read_timing(p, "aclk"), ULTRASCALE, "has no Design Timing Summary, so it is no"),
        (lambda p: read_timing(p, "clk"), TIMING, "has no clock clk, so it is no"),
        (
            lambda p: read_timing(p, "aclk"),
            TIMING.replace("-2.500      ", "    NA      "),
            "the worst slack is NA, so no path was constrained: look whether constraints.xdc",
        ),
        (lambda p: read_csynth(p, "net"), CSYNTH[:500], "cannot be read (no element found"),
        (lambda p: read_csynth(p, "other"), CSYNTH, "is of 'net', not of 'other'"),
        (
            lambda p: read_csynth(p, "net"),
            CSYNTH.replace(">4100<", ">many<"),
            "AreaEstimates/Resources/LUT is 'many', not a number",
        ),
        (
            lambda p: read_csynth(p, "net"),
            CSYNTH.replace("FF>", "REG>"),
            "has no AreaEstimates/Resources/FF, so it is no csynth.xml",
        ),
    ],
)
def test_what_is_no_report_is_refused(
    reader: Callable[[Path], object], text: str, sentence: str, tmp_path: Path
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SynthesisError) as refused:
        reader(path)
    assert str(refused.value).startswith(f"{path}")
    assert sentence in str(refused.value)
    path.unlink()
    with pytest.raises(SynthesisError, match=r"cannot be read .*No such file"):
        reader(path)


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a program on PATH that writes the reports; gives the file of what it was told."""
    monkeypatch.setenv("QFX_CACHE", str(tmp_path / "cache"))

    def install(name: str, script: str, **values: object) -> Path:
        folder, reports, told = tmp_path / "bin", tmp_path / "reports", tmp_path / "told"
        for made in (folder, reports):
            made.mkdir(exist_ok=True)
        for report, text in {
            "utilization.rpt": ULTRASCALE,
            "hierarchy.rpt": HIERARCHY,
            "timing.rpt": TIMING,
            "csynth.xml": CSYNTH,
        }.items():
            (reports / report).write_text(text)
        (folder / name).write_text(script.format(told=told, reports=reports, **values))
        (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return told

    return install


def test_vivado_runs_the_projects_script(project: Project, tool: Callable[..., Path]) -> None:
    told, heard = tool("vivado", VIVADO, code=0), list[str]()
    found = qfx.synth(project, lambda step, done, of: heard.append(step), tool="vivado")
    assert "-mode batch" in told.read_text()
    assert heard == ["starting", "Phase 1 Placer Initialization"]
    assert (found.label, found.tool) == ("vivado OOC", "Vivado 2022.2")
    assert found.resources == WHOLE
    by_stage = {stage.stage: stage.resources for stage in found.stages}
    assert by_stage["layer2_matmul"] == Resources(luts=420, flip_flops=400, dsps=4, bram_18k=5)
    assert by_stage["layer5_matmul"].dsps == 1
    assert by_stage["net"].luts == 1
    assert found.clock == Clock(10.0, 12.5, 14)
    assert found.multiplications.dsps == {"layer2_matmul": 4, "layer5_matmul": 1}
    told.unlink()
    assert qfx.synth(project, tool="vivado").built == 0
    assert not told.exists()
    result = subprocess.run(
        [sys.executable, "-m", "qfx", "synth", str(project.path), "--tool", "vivado"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    shown = [line.split() for line in result.stdout.splitlines()]
    assert ["all", "vivado", "OOC", "estimate", "budget", "vivado", "OOC", "/", "budget"] in shown
    assert "NOT MET: the longest path takes 12.500 ns, 14 cells, so 80 MHz" in result.stdout


def test_a_vivado_that_fails_is_told(project: Project, tool: Callable[..., Path]) -> None:
    tool("vivado", VIVADO, code=1)
    with pytest.raises(SynthesisError) as refused:
        qfx.synth(project, tool="vivado")
    assert str(refused.value) == "vivado cannot build net: ERROR: [Synth 8-1] no such thing"


def test_reports_of_two_designs_are_refused(project: Project, tool: Callable[..., Path]) -> None:
    reports = tool("vivado", VIVADO, code=0).parent / "reports"
    (reports / "hierarchy.rpt").write_text(HIERARCHY.replace("u_layer5_matmul", "  deeper_than"))
    with pytest.raises(
        SynthesisError, match="reports disagree: 5 DSP and 5 RAMB18 in all, 4 and 5"
    ):
        qfx.synth(project, tool="vivado")


@pytest.mark.parametrize(
    ("name", "place", "words"),
    [
        ("vitis_hls", "vitis_project/solution/syn/report", "-f build.tcl"),
        ("v++", "work/hls/syn/report", "-c --mode hls --config hls_config.cfg --work_dir work"),
    ],
)
def test_vitis_schedules_and_estimates(
    name: str, place: str, words: str, project: Project, tool: Callable[..., Path]
) -> None:
    told = tool(name, VITIS, place=place)
    found = qfx.synth(project, tool="vitis")
    assert told.read_text() == f"{words}\n"
    assert found.label == "csynth"
    assert found.resources == Resources(luts=4100, flip_flops=2034, dsps=5, bram_18k=2)
    assert (found.interval, found.clock) == (34, Clock(10.0, 7.25, None))
    tool(name, VITIS, place="elsewhere")
    shutil.rmtree(told.parent / "cache")
    with pytest.raises(SynthesisError, match=f"ended well and wrote no {place}/csynth.xml: run"):
        qfx.synth(project, tool="vitis")


def test_a_missing_tool_says_what_to_do(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for tool, command in (("vivado", "vivado"), ("vitis", "vitis_hls")):
        with pytest.raises(ToolMissing, match=f"^{command} is not on PATH: install AMD's Vi"):
            qfx.synth(project, tool=tool)


@pytest.mark.usefixtures("yosys_is_here")
@pytest.mark.parametrize(
    ("asked", "done"), [("csynth", ["csynth"]), (None, ["csim", "csynth", "cosim", "export"])]
)
def test_the_script_of_vitis_does_the_steps_asked_for(
    asked: str | None,
    done: list[str],
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In Yosys' Tcl, with commands of Vitis HLS that tell their names."""
    if asked:
        monkeypatch.setenv("QFX_STEPS", asked)
    known = "open_project set_top add_files open_solution set_part create_clock config_op"
    script = f"""
foreach name {{{known}}} {{ proc $name args {{}} }}
foreach name {{csim csynth cosim export}} {{
  proc ${{name}}_design args "set file \\[open done a\\]; puts \\$file $name; close \\$file"
}}
source {project.path / "vitis" / "build.tcl"}
"""
    (tmp_path / "steps.tcl").write_text(script)
    run("yosys", "-q", "-c", "steps.tcl", cwd=str(tmp_path))
    assert (tmp_path / "done").read_text().split() == done
