"""Designs of several inputs and outputs: the same integers everywhere, by every port."""

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from together import prove

import qfx
from qfx.ir.several import chosen
from qfx.project.folder import Project, ProjectError
from qfx.project.testbench import hold_quiet
from qfx.report.terminal import show_project
from qfx.simulation import SimulationError, hls4ml, trace
from qfx.simulation.cpp import csim
from qfx.simulation.rtl import batch, verilator
from qfx.simulation.rtl.build import build
from several_models import BUILDERS, frozen

PORTS = ("stimuli_fast", "stimuli_slow", "golden_fast_act", "golden_slow_act")


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Project]:
    folder = tmp_path_factory.mktemp("several")
    found = {}
    for name in BUILDERS:
        model, shapes = frozen(name)
        found[name] = qfx.export(model, folder / name, name=name, input_shape=shapes)
    return found


@pytest.fixture
def apart(projects: dict[str, Project], tmp_path: Path) -> Project:
    """A copy of the project, to break."""
    shutil.copytree(projects["apart"].path, tmp_path / "apart")
    return Project.open(tmp_path / "apart")


def test_every_simulator_gives_the_golden_integers(
    projects: dict[str, Project], tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    require_tool("g++")
    prove(list(projects.values()), tmp_path)


def test_each_port_stops_alone_too_and_holds_up_its_own_part_only(
    projects: dict[str, Project], require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    project = projects["apart"]
    library = batch.Library(ctypes.CDLL(str(build(project))))
    stimuli = chosen(project.vectors("stimuli"), np.arange(64) % 8)

    def ends(**holds: int) -> npt.NDArray[np.int64]:
        """The cycles of the last beats of fast and of slow."""
        given = batch.Batch(project, stimuli, **holds)
        with library.model() as model:
            assert library.run(model, given) == 0
        return given.last_cycles()

    freely = ends()
    later = [ends(holds=1, first_hold=turn) - freely for turn in range(7)]
    both, fast, slow = (True, True), (True, False), (False, True)
    assert [tuple(x > 0) for x in later] == [both, both, fast, fast, slow, slow, both]
    prediction = project.manifest.prediction
    quiet = hold_quiet(prediction.initiation_interval, prediction.latency_cycles)
    assert max(x.max() for x in later) < 2 * quiet < freely[1]  # while the other part goes on


def test_vectors_are_a_file_for_each_port(apart: Project) -> None:
    files = {path.name for path in (apart.path / "vectors").iterdir()}
    assert files == {
        *(f"{port}.{kind}" for port in PORTS for kind in ("npy", "hex")),
        "torch_fast_act.npy",
        "torch_slow_act.npy",
    }
    fast, slow = apart.vectors("stimuli")
    assert fast.shape[1:] == (21,)
    assert slow.shape[1:] == (34,)
    ends = {(x.min(), y.max()) for x, y in zip(fast, slow, strict=True)}
    assert {(-32, -2048), (-32, 2047), (31, -2048), (31, 2047)} <= ends  # each against the other


def test_samples_are_an_array_for_each_input(tmp_path: Path) -> None:
    model, _ = frozen("added")
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(5, 7)), generator.normal(size=(5, 5))
    project = qfx.export(model, tmp_path / "p", samples=(a, b))
    assert project.manifest.vectors.counts["data"] == 5
    first = [entry.read(x) for entry, x in zip(project.graph().inputs, (a, b), strict=True)]
    for recorded, given in zip(project.batches("stimuli"), first, strict=True):
        np.testing.assert_array_equal(recorded[:5], given.integers)
    assert [layer.layer for layer in project.manifest.layers[:2]] == ["a", "b"]


def test_the_folder_simulates_itself(apart: Project, require_tool: Callable[[str], None]) -> None:
    require_tool("verilator")
    quick = [f"{option}=-O0" for option in ("OPT_FAST", "OPT_SLOW", "OPT_GLOBAL")]
    folder = apart.path / "verilog" / "sim"
    done = subprocess.run(["make", "-C", folder, *quick], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "frames, with and without stalls, and after a reset in mid-frame" in done.stdout


def test_the_testbench_compares_every_output(
    apart: Project, require_tool: Callable[[str], None]
) -> None:
    require_tool("g++")
    command = [csim.build(apart) / "testbench", *(f"{name}.hex" for name in PORTS)]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=apart.path / "vectors", capture_output=True, text=True, check=False
        )

    assert run().stdout.startswith("PASS")
    golden = apart.path / "vectors" / f"{PORTS[-1]}.hex"
    lines = golden.read_text().splitlines()
    golden.write_text("\n".join([*lines[:-1], "f" * len(lines[-1])]) + "\n")
    assert f"FAIL: {PORTS[-1]}.hex, frame " in run().stderr


def test_a_broken_rule_is_named_with_its_port(
    apart: Project, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    top = apart.path / "verilog" / "src" / "apart.sv"
    port = "m_axis_slow_act"
    text, wrong = top.read_text(), f"assign {port}_tlast = 1'b1;"
    line = next(line for line in text.splitlines() if f"assign {port}_tlast =" in line)
    top.write_text(text.replace(line, f"  {wrong}"))
    with pytest.raises(SimulationError, match=f"{port}_tlast is not on a frame's last beat"):
        verilator.simulate(apart, apart.vectors("stimuli"))
    top.write_text(text)
    outcome = verilator.simulate(apart, apart.vectors("stimuli"), stall_percent=30, resets=True)
    for found, wanted in zip(outcome.outputs, apart.batches("golden"), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_the_trace_knows_every_stream(apart: Project, require_tool: Callable[[str], None]) -> None:
    require_tool("verilator")
    source = apart.path / "verilog" / "src" / "apart_slow_act_map.sv"
    right, wrong = "x[11] ? 12'sd0", "x[11] ? 12'sd8"
    assert right in source.read_text()
    source.write_text(source.read_text().replace(right, wrong))
    in_cpp, in_rtl = trace(apart, 70)
    assert in_cpp.stage is None
    assert in_rtl.stage is not None
    assert in_rtl.stage.source == "slow_act"


def test_hls4ml_takes_vectors_and_refuses_images(projects: dict[str, Project]) -> None:
    result = qfx.cosim(projects["heads"], ("golden", "hls4ml"))
    assert result.equal
    assert result.rows[1].refused.startswith("images of several inputs or outputs: hls4ml convolv")
    assert not hls4ml.refusal(projects["apart"])


def test_the_report_names_the_ports(apart: Project, capsys: pytest.CaptureFixture[str]) -> None:
    show_project(apart)
    said = capsys.readouterr().out
    assert "in: s_axis_fast fixed<6,3> (21,), s_axis_slow fixed<12,6> (34,)" in said
    assert "s_axis_slow fixed&lt;12,6&gt; (34,)" in (apart.path / "report.html").read_text()


def test_a_difference_names_the_output(apart: Project) -> None:
    file = apart.path / "vectors" / "golden_slow_act.npy"
    golden = np.load(file)
    golden[3, 7] += 1
    np.save(file, golden)
    row = qfx.cosim(apart, ("golden",)).rows[0]
    assert row.mismatches == 1
    assert str(row.difference).startswith("node slow_act, sample 3, index (7,): expected")
    np.save(file, golden[:-1])
    with pytest.raises(ProjectError, match="do not belong together"):
        qfx.cosim(apart, ("golden",))
