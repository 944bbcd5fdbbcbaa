"""What the manifest says is a claim too: the cycles it predicts are measured, its types are the
graph's, and who edits it is told so.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mutant import RTL, Mutant, mutated

import qfx
from models import as_built
from qfx import nn
from qfx.cli import main
from qfx.project.findings import Verdict, state_of
from qfx.project.folder import MANIFEST, Project, ProjectError
from qfx.report import page
from qfx.simulation import Row
from qfx.simulation.rtl.batch import Batch
from qfx.simulation.rtl.pace import unpredicted
from qfx.simulation.verdicts import sentence


def edited(project: Project, folder: Path, change: Callable[[Any], None], sealed: bool) -> Project:
    """A copy with another manifest, with its hash or without."""
    shutil.copytree(project.path, folder, ignore=shutil.ignore_patterns(Verdict.file))
    content = json.loads((folder / MANIFEST).read_text())
    change(content)
    (folder / MANIFEST).write_text(json.dumps(content))
    found = Project.open(folder)
    if sealed:
        (folder / MANIFEST).write_text(json.dumps(found.manifest.sealed().model_dump()))
    return Project.open(folder)


def _predict(content: Any) -> None:
    content["prediction"]["initiation_interval"] = 28  # where 32 are measured


def _type(content: Any) -> None:
    content["outputs"][0]["fraction_bits"] += 1


def test_as_exported_nothing_has_changed(project: Project) -> None:
    assert not project.manifest.changed()
    assert project.changed_files() == []


@pytest.mark.parametrize("change", [_predict, _type])
def test_an_edited_manifest_proves_nothing(
    change: Callable[[Any], None], project: Project, tmp_path: Path
) -> None:
    changed = edited(project, tmp_path / "p", change, sealed=False)
    assert changed.changed_files() == [MANIFEST]
    if change is _type:
        with pytest.raises(ProjectError, match=r"qfx.json and model.qfx are not of one design"):
            qfx.cosim(changed, ("golden",), progress=False)
        return
    result = qfx.cosim(changed, ("golden",), progress=False)
    assert not result.equal
    assert result.verdict() == "NOT PROVEN: qfx.json: changed since export"
    kept = Verdict.read(changed, state_of(changed))
    assert kept is not None
    assert (kept.equal, kept.sentence) == (False, result.verdict())


def test_a_type_that_is_not_the_graphs_is_refused(project: Project, tmp_path: Path) -> None:
    changed = edited(project, tmp_path / "p", _type, sealed=True)
    assert changed.changed_files() == []
    with pytest.raises(ProjectError, match=r"qfx.json and model.qfx are not of one design"):
        qfx.cosim(changed, ("golden",), progress=False)


def test_other_cycles_than_predicted_are_no_proof(
    project: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    changed = edited(project, tmp_path / "p", _predict, sealed=True)
    result = qfx.cosim(changed, ("golden", "rtl"), progress=False)
    said = "NOT AS PREDICTED: rtl: a frame every 32.00 cycles, where 28 are predicted"
    assert (result.equal, result.verdict()) == (False, said)
    assert [row.mismatches for row in result.rows] == [0, 0]
    kept = Verdict.read(changed, state_of(changed))
    assert kept is not None
    assert (kept.equal, kept.sentence) == (False, said)
    with pytest.raises(SystemExit) as ended:
        main(["cosim", str(changed.path), "--simulators", "golden,rtl"])
    assert ended.value.code == 1
    assert qfx.cosim(project, ("rtl",), samples=1, progress=False).cycles_measured == 32


def test_latency_is_measured_of_a_frame_alone(project: Project) -> None:
    one, many = (qfx.cosim(project, ("rtl",), samples=n, progress=False) for n in (1, 9))
    assert one.latency_measured == many.latency_measured
    assert one.latency_measured == _latency_by_hand(project)
    kept = Verdict.read(project, state_of(project))
    assert kept is not None
    assert kept.latency_measured == one.latency_measured
    said = f"latency: {one.latency_measured} cycles from a frame's first beat in to its last out, "
    assert said in str(one)
    assert f"{one.latency_measured} measured in RTL, " in page.html(project)


def _latency_by_hand(project: Project) -> int:
    """The design stepped cycle by cycle: one frame in as fast as it goes, until it is out."""
    net, words = (
        qfx.probe(project),
        project.manifest.input.port().pack(project.vectors("stimuli")[:1])[0],
    )
    beats, left = [sum(int(w) << 32 * n for n, w in enumerate(beat)) for beat in words], 0
    net.io.aresetn, net.io.s_axis_tvalid, net.io.m_axis_tready = 0, 0, 1
    for _ in range(4):
        net.clock.tick()
    net.io.aresetn = 1
    for cycle in range(10_000):
        net.io.s_axis_tvalid = int(left < len(beats))
        if left < len(beats):
            net.io.s_axis_tdata, net.io.s_axis_tlast = beats[left], int(left == len(beats) - 1)
        out = int(net.io.m_axis_tvalid) and int(net.io.m_axis_tlast)
        left += int(left < len(beats) and int(net.io.s_axis_tready))
        if out:
            return cycle + 1
        net.clock.tick()
    raise AssertionError("no frame came out")


def test_a_wrong_integer_is_said_before_wrong_cycles() -> None:
    slow = Row("rtl", samples=3, mismatches=0, unpredicted="too slow")
    stuck = Row("rtl-stalled", error="a deadlock")
    assert sentence([slow]) == "NOT AS PREDICTED: rtl: too slow"
    assert sentence([slow, stuck]) == "NOT PROVEN: rtl-stalled: a deadlock"


def test_a_prediction_is_kept_to_one_percent() -> None:
    assert [unpredicted(x, 200) for x in (197.9, 198.1, 201.9, 202.1)] == [True, False, False, True]
    assert unpredicted(6.9, 7)
    assert not unpredicted(None, 7)


def test_a_design_that_stops_after_the_recorded_frames_is_named(
    project: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    """Its pace is measured with more of them; what is wrong then was seen in silence."""
    require_tool("verilator")
    tired = Mutant(
        RTL + "qfx_fifo.sv",
        r"(  assign out_valid = !empty);(.*)endmodule",
        r"  int given = 0;\n\1 && given < 200;\2"
        r"  always_ff @(posedge clk) if (give) given <= given + 1;\nendmodule",
    )
    (row,) = qfx.cosim(mutated(project, tmp_path / "p", tired), ("rtl",), progress=False).rows
    assert "a deadlock after 200 frames" in row.error


def test_the_pace_is_that_of_the_slowest_port_once_queues_have_run_empty(project: Project) -> None:
    stimuli = project.vectors("stimuli")
    batch = Batch(project, stimuli[:20])
    beats = batch._last_beats
    assert beats.shape == (1, 20)
    beats[0] = [300 + 36 * n for n in range(8)] + [300 + 36 * 7 + 40 * n for n in range(1, 13)]
    assert batch.cycles_per_frame() == 40
    batch._last_beats = np.stack([beats[0], 2000 + 10 * np.arange(20, dtype=np.uint64)])
    assert batch.cycles_per_frame() == 40
    assert Batch(project, stimuli[:3]).cycles_per_frame() is None


def test_two_inputs_that_take_turns_run_as_predicted(
    tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    """While one side of a concatenation passes, the other one's products go on."""
    require_tool("verilator")
    torch.manual_seed(0)

    def linear(inputs: int, outputs: int) -> nn.Linear:
        return nn.Linear(inputs, outputs, weight=nn.Quantizer(6, 4), output=nn.Quantizer(6, 2))

    nodes = [
        ("a_grid", nn.Quantizer(6, 3), "a"),
        ("of_a", linear(20, 12)),
        ("b_grid", nn.Quantizer(6, 3), "b"),
        ("of_b", linear(18, 24)),
        ("both", nn.Concat(nn.Quantizer(6, 2)), ("of_a", "of_b")),
        ("scores", linear(36, 3)),
    ]
    model = nn.Network(nodes, inputs=("a", "b")).eval()
    as_built(model)
    project = qfx.export(
        model, tmp_path / "p", board="zcu104", input_shape=((20,), (18,)), goal_ii=240
    )
    result = qfx.cosim(project, ("rtl",), progress=False)
    assert result.equal, result.verdict()
    predicted = project.manifest.prediction.initiation_interval
    assert result.cycles_measured == pytest.approx(predicted, abs=0.01)
