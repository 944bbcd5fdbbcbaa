"""What qfx.cosim does with a batch: which samples, how many at a time, and what it shows."""

import io
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from mutant import CPP, RTL, Mutant, mutated
from rich.console import Console

import qfx
from models import as_built
from qfx import nn
from qfx.project.folder import Project
from qfx.project.testbench import patience_cycles
from qfx.simulation.cpp import csim
from qfx.simulation.parallel import Workers
from qfx.simulation.progress import CosimProgress
from qfx.simulation.rtl import verilator


def test_some_samples_are_spread_over_those_recorded(project: Project, tmp_path: Path) -> None:
    shutil.copytree(project.path, tmp_path / "p")
    golden = project.vectors("golden")
    golden[-1] += 1
    np.save(tmp_path / "p" / "vectors" / "golden.npy", golden)
    result = qfx.cosim(tmp_path / "p", ("torch", "golden"), samples=5, progress=False)
    assert [(row.samples, row.mismatches) for row in result.rows] == [(5, 1), (5, 1)]
    for row in result.rows:
        assert row.difference is not None
        assert row.difference.sample == len(golden) - 1  # its number among all of them


@pytest.mark.parametrize("simulate", [csim.simulate, verilator.simulate])
def test_pieces_at_a_time_change_nothing(
    simulate: Callable[..., object], project: Project, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator" if simulate is verilator.simulate else "g++")
    stimuli, golden = project.vectors("stimuli"), project.vectors("golden")
    for jobs in (1, 3):
        told: list[int] = []
        outcome = simulate(project, stimuli, workers=Workers(jobs, told.append))
        np.testing.assert_array_equal(outcome.integers, golden)
        assert (told[0], told[-1]) == (0, len(stimuli))
        assert told == sorted(told)


def test_only_a_reset_in_mid_frame_finds_a_register_that_it_forgets(
    project: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    forgets = Mutant(RTL + "qfx_fifo.sv", r"level <= '0;", "level <= level;")
    changed = mutated(project, tmp_path / "mutant", forgets)
    result = qfx.cosim(changed, ("rtl", "rtl-stalled", "rtl-reset"))
    assert [row.mismatches == 0 for row in result.rows] == [True, True, False]


def test_a_stream_left_full_in_the_cpp_is_no_proof(
    project: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("g++")
    twice = Mutant(
        CPP + "qfx_contract.hpp", r"output\.write\(result\);",
        "{ output.write(result); if (fold == OUT_BEATS - 1) output.write(result); }",
    )  # fmt: skip
    changed = mutated(project, tmp_path / "mutant", twice)
    one = qfx.cosim(changed, ("csim",), samples=1)
    assert "stream layer2_matmul_out is left with 1 of its beats" in one.verdict()
    assert "C++ of net: a deadlock: " in qfx.cosim(changed, ("csim",)).verdict()


def test_a_deadlock_names_the_stage_that_stands_still(
    project: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    deaf = Mutant(RTL + "qfx_contract.sv", r"in_ready = room", "in_ready = 1'b0 && room")
    result = qfx.cosim(mutated(project, tmp_path / "mutant", deaf), ("rtl",))
    assert (
        "a deadlock after 0 frames: output_fifo waits for layer2_matmul, which stands still"
        in result.verdict()
    )


def test_a_design_that_computes_for_long_is_no_deadlock(
    tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    """Nothing moves at its ports for 12,000 cycles at a time, more than is borne of a fast one."""
    require_tool("verilator")
    torch.manual_seed(0)
    hidden = nn.Linear(110, 110, weight=nn.Quantizer(4, 6), output=nn.Quantizer(5, 2))
    last = nn.Linear(110, 1, weight=nn.Quantizer(4, 6), output=nn.Quantizer(5, 2))
    model = nn.Sequential(nn.Quantizer(4, 2), hidden, last).eval()
    as_built(model)
    project = qfx.export(model, tmp_path / "p", input_shape=(110,), goal_ii=13_000, name="net")
    outcome = verilator.simulate(project, project.vectors("stimuli")[:4])
    np.testing.assert_array_equal(outcome.integers, project.vectors("golden")[:4])
    assert outcome.cycles_per_frame == 110 * 110 > patience_cycles(1, 1)


@pytest.mark.parametrize(
    ("folder", "target", "program", "tool"),
    [
        ("verilog/sim", "sim", "build/Vnet", "verilator"),
        ("vitis", "csim", "build/testbench", "g++"),
    ],
)
def test_the_folders_own_makefiles_prove_and_disprove(
    folder: str,
    target: str,
    program: str,
    tool: str,
    project: Project,
    tmp_path: Path,
    require_tool: Callable[[str], None],
) -> None:
    for needed in ("make", tool):
        require_tool(needed)
    shutil.copytree(project.path, tmp_path / "p")
    place, vectors = tmp_path / "p" / folder, tmp_path / "p" / "vectors"
    made = subprocess.run(
        ["make", "--no-print-directory", target],
        cwd=place,
        capture_output=True,
        text=True,
        check=True,
    )
    last = made.stdout.splitlines()[-1]
    assert last.startswith(f"PASS: {len(project.vectors('stimuli'))} frames")
    golden = vectors / "golden.hex"
    *before, digit = golden.read_text().rstrip()
    golden.write_text("".join(before) + ("1" if digit == "0" else "0") + "\n")
    again = [place / program, vectors / "stimuli.hex", golden]
    assert subprocess.run(again, capture_output=True, check=False).returncode == 1


def test_progress_is_a_bar_on_a_terminal(project: Project) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    with CosimProgress(100, True, console) as shown:
        shown.begin("C++ csim (g++)")
        shown.bar.refresh()
        assert "building" in screen.getvalue()
        shown.told(0)
        shown.started -= 2  # seconds ago
        shown.told(50)
        shown.bar.refresh()
    text = screen.getvalue()
    assert "C++ csim (g++)" in text
    assert "50/100" in text
    assert "25 samples/s" in text


def test_progress_is_a_line_now_and_then_elsewhere() -> None:
    paper = io.StringIO()
    with CosimProgress(100, True, Console(file=paper, width=100)) as shown:
        shown.begin("golden model")
        shown.told(0)
        shown.told(40)
        assert paper.getvalue() == ""
        shown.started, shown.shown = shown.started - 20, shown.shown - 20
        shown.told(50)
        shown.told(60)
    assert paper.getvalue() == "golden model      50/100  2.50 samples/s, 20 s left\n"


def test_no_progress_is_silence(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    qfx.cosim(project, ("golden",), progress=False)
    assert capfd.readouterr() == ("", "")


_SCRIPT = """
import sys
from qfx.project.folder import Project
from qfx.project.testbench import patience_cycles
from qfx.simulation.cpp import csim
from qfx.simulation.rtl import verilator
from qfx.simulation.parallel import Workers
project = Project.open(sys.argv[1])
workers = Workers(2, lambda frames: print(frames, flush=True))
{simulator}.simulate(project, project.vectors("stimuli"), workers=workers)
"""


@pytest.mark.parametrize("simulator", ["csim", "verilator"])
def test_ctrl_c_ends_what_would_never_end(
    simulator: str, project: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator" if simulator == "verilator" else "g++")
    changed = project
    for number, mutant in enumerate(ENDLESS[simulator]):
        changed = mutated(changed, tmp_path / str(number), mutant)
    shell = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT.format(simulator=simulator), str(changed.path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert shell.stdout is not None
    assert [shell.stdout.readline() for _ in range(4)] == ["0\n"] * 4  # all are under way
    shell.send_signal(signal.SIGINT)
    _, errors = shell.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
    if simulator == "csim":
        assert _running(csim.build(changed) / "testbench") == []


ENDLESS = {
    "csim": [
        Mutant(
            "vitis/tb/testbench.cpp",
            r"\n  for \(std::size_t frame = 0; frame < frames; frame \+= at_once\) \{",
            '\n  std::cout << "frames 0" << std::endl << "frames 0" << std::endl;'
            "\n  for (std::size_t frame = 0;;) {",
        ),
        Mutant("vitis/tb/testbench.cpp", "now - told > ", "false && now - told > "),
        Mutant("vitis/tb/qfx_dataflow.hpp", "if \\(least == 0", "if (least >= 0"),
    ],
    "verilator": [
        Mutant("verilog/sim/harness.hpp", "quiet > batch.patience", "false"),
        Mutant(RTL + "qfx_fifo.sv", "out_valid = !empty", "out_valid = 1'b0"),
    ],
}


def _running(program: Path) -> list[int]:
    """The processes of a program."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                command = (process / "cmdline").read_bytes().split(b"\0")[0]
            except OSError:  # it has ended since
                continue
            if command == str(program).encode():
                found.append(int(process.name))
    return found
