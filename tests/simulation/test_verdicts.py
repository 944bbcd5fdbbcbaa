"""What a folder keeps of several comparisons: of each simulator its last."""

import dataclasses
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import get_type_hints

import pytest

import qfx
from qfx import cli
from qfx.ir.several import Arrays
from qfx.project.findings import Verdict, state_of
from qfx.project.folder import Project
from qfx.simulation import SIMULATORS, Outcome, Row, SimulationError, ToolMissing
from qfx.simulation.parallel import Workers
from qfx.simulation.verdicts import keep, sentence


@pytest.fixture
def own(project: Project, tmp_path: Path) -> Project:
    """A copy of its own, without what other tests found out about the original."""
    ignored = shutil.ignore_patterns(Verdict.file)
    return Project.open(shutil.copytree(project.path, tmp_path / "p", ignore=ignored))


def kept(project: Project) -> Verdict:
    found = Verdict.read(project, state_of(project))
    assert found is not None
    return found


def run(project: Project, *names: str, samples: int | None = None) -> qfx.simulation.Cosim:
    return qfx.cosim(project, names, samples=samples, progress=False)


def replaced(monkeypatch: pytest.MonkeyPatch, name: str, run: Callable[..., Outcome]) -> None:
    """From now on that simulator is run by something else."""
    monkeypatch.setitem(SIMULATORS, name, dataclasses.replace(SIMULATORS[name], run=run))


def is_wrong(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """From now on that simulator's integers are one too many."""
    right = SIMULATORS[name].run

    def wrong(project: Project, stimuli: Arrays, workers: Workers) -> Outcome:
        outcome = right(project, stimuli, workers)
        return dataclasses.replace(outcome, integers=outcome.integers + 1)

    replaced(monkeypatch, name, wrong)


def test_other_simulators_stay(own: Project) -> None:
    run(own, "torch", "golden")
    count = len(own.vectors("stimuli"))
    result = run(own, "qonnx", samples=3)
    assert [row.simulator for row in result.rows] == ["qonnx"]
    assert result.verdict() == "EQUAL: qonnx on 3 samples, 0 mismatches"
    said = f"EQUAL: torch, golden on {count} samples; qonnx on 3 samples, 0 mismatches"
    assert (kept(own).equal, kept(own).sentence) == (True, said)
    assert [row.samples for row in kept(own).rows] == [count, count, 3]


def test_a_later_difference_is_not_hidden(own: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    run(own, "torch", "golden")
    is_wrong(monkeypatch, "torch")
    result = run(own, "torch", samples=3)
    assert not kept(own).equal
    assert kept(own).sentence == result.verdict()
    assert [(row.simulator, row.mismatches) for row in kept(own).rows] == [
        ("torch", 3),
        ("golden", 0),
    ]


def test_an_earlier_difference_elsewhere_stays(
    own: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as while_wrong:
        is_wrong(while_wrong, "torch")
        different = run(own, "torch")
    assert run(own, "golden").equal
    assert (kept(own).equal, kept(own).sentence) == (False, different.verdict())
    assert run(own, "torch").equal
    assert kept(own).equal


def test_rows_of_another_state_are_forgotten(own: Project) -> None:
    run(own, "torch", "golden")
    (own.path / "verilog" / "constraints.xdc").write_text("changed\n")
    run(own, "torch")
    assert [row.simulator for row in kept(own).rows] == ["torch"]


def test_cycles_stay_and_what_did_not_run_is_told(own: Project) -> None:
    state = state_of(own)
    keep(own, [Row("rtl", samples=9, mismatches=0, cycles_per_frame=32.0)], state)
    keep(own, [Row("golden", samples=9, mismatches=0), Row("qonnx", refused="no mode")], state)
    assert kept(own).cycles_measured == 32
    said = "EQUAL: golden, rtl on 9 samples, 0 mismatches; qonnx not run: no mode"
    assert kept(own).sentence == said
    keep(own, [Row("rtl", error="no verilator")], state)
    assert kept(own).sentence == "NOT PROVEN: rtl: no verilator"
    assert (kept(own).equal, kept(own).cycles_measured) == (False, None)


def test_a_missing_tool_is_told_of_its_own_run_only(
    own: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(*_: object) -> Outcome:
        raise ToolMissing("vivado is not on PATH")

    equal = run(own, "golden").verdict()
    replaced(monkeypatch, "vitis-csim", absent)
    assert run(own, "vitis-csim").verdict() == kept(own).sentence
    assert kept(own).sentence == "NOT PROVEN: vitis-csim: vivado is not on PATH"
    run(own, "golden")
    assert (kept(own).equal, kept(own).sentence) == (True, equal)


def test_a_simulation_that_failed_stays(own: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(*_: object) -> Outcome:
        raise SimulationError("deadlock")

    replaced(monkeypatch, "rtl", stuck)
    run(own, "rtl")
    run(own, "golden")
    assert kept(own).sentence == "NOT PROVEN: rtl: deadlock"


def test_the_command_line_names_every_simulator() -> None:
    hints = get_type_hints(cli.cosim, include_extras=True)
    help_text = hints["simulators"].__metadata__[0].help
    assert re.findall(
        r"[a-z][a-z0-9-]+",
        help_text.partition("; of ")[2].replace("and where AMD's Vitis is on PATH", ""),
    ) == list(SIMULATORS)


def test_nothing_compared_is_nothing_proven() -> None:
    assert sentence([Row("torch", refused="not recorded")]) == "NOT PROVEN: nothing was compared"
    said = "NOT PROVEN: nothing was compared; qonnx not run: no mode"
    assert sentence([Row("qonnx", refused="no mode")]) == said


def test_what_a_peer_cannot_read_is_not_run_and_no_verdict(
    own: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def foreign(*_: object, **__: object) -> None:
        raise RuntimeError("no such op\nand more")

    monkeypatch.setattr("qonnx.core.onnx_exec.execute_onnx", foreign)
    monkeypatch.setattr("qonnx.util.cleanup.cleanup_model", foreign)
    count = len(own.vectors("stimuli"))
    result = run(own, "golden", "qonnx", "hls4ml")
    said = (
        f"EQUAL: golden on {count} samples, 0 mismatches; qonnx not run: qonnx cannot run this"
        " model: RuntimeError: no such op; hls4ml not run: hls4ml cannot read this model:"
        " RuntimeError: no such op"
    )
    assert (result.equal, result.verdict()) == (True, said)
    assert (kept(own).equal, kept(own).sentence) == (True, said)


def test_a_peer_that_differs_is_a_difference(own: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    is_wrong(monkeypatch, "qonnx")
    result = run(own, "golden", "qonnx")
    assert not result.equal
    assert result.verdict().startswith("DIFFERENT: qonnx: node")


def test_a_file_that_was_changed_until_its_reader_fails_is_no_limit_of_the_reader(
    own: Project,
) -> None:
    (own.path / "model.onnx").write_bytes(b"junk")
    result = run(own, "golden", "qonnx")
    assert not result.equal
    assert result.verdict().startswith("NOT PROVEN: qonnx: qonnx cannot run this model")
