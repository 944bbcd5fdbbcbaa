"""What the page says: found things shown, stale ones not, everything escaped."""

import filecmp
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from training_history import HISTORY

import qfx
from models import small_mlp
from qfx.boards import Resources
from qfx.files import history_of
from qfx.project.findings import Measurements, Verdict, state_of
from qfx.project.folder import Project, ProjectError
from qfx.report import page
from qfx.report.recorded import FILE, ReportRecord
from qfx.report.training import training_record

HOSTILE = "\"'><script>alert(1)</script><img onerror=x>"


def words(text: str) -> str:
    """The page without its tags, white space as single spaces."""
    body = re.sub(r"<style>.*?</style>", " ", text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def test_a_comparison_is_shown_and_forgotten_with_its_folder(small: Project) -> None:
    assert "Not simulated when this page was written, or changed since" in words(page.html(small))
    result = qfx.cosim(small, ("torch", "golden"), samples=5, progress=False)
    text = words(page.html(small))
    assert result.verdict() in text
    assert "Changed since export" not in text
    assert "golden model ✓ equal 5 0" in text
    assert small.changed_files() == []
    (small.path / "verilog" / "constraints.xdc").write_text("changed\n")
    assert "Not simulated when this page was written, or changed since" in words(page.html(small))


def test_a_difference_is_shown(small: Project) -> None:
    found = small.batches("torch")[0]
    found[:, 0] += 1
    np.save(small.path / "vectors" / "torch.npy", found)
    result = qfx.cosim(small, ("golden", "torch"), progress=False)
    assert not result.equal
    text = page.html(small)
    assert result.verdict() in words(text)
    assert f"torch, recorded ✗ different {len(found)} {len(found)}" in words(text)
    assert "Changed since export: vectors/torch.npy." in words(text)
    assert f"torch, recorded: {result.rows[1].difference}" in words(text)
    assert 'class="banner bad"' in text


def test_exporting_another_design_forgets_the_comparison(small: Project) -> None:
    qfx.cosim(small, ("golden",), progress=False)
    assert Verdict.read(small, state_of(small)) is not None
    again = qfx.export(small_mlp(), small.path, input_shape=(16,), goal_ii=16, name="net")
    assert not (again.path / "verdict.json").exists()


def test_a_folder_that_takes_no_verdict_is_compared_all_the_same(small: Project) -> None:
    (small.path / "verdict.json").mkdir()
    assert qfx.cosim(small, ("golden",), progress=False).equal
    assert "Not simulated" in words(page.html(small))
    assert not list(small.path.glob(".verdict*"))


def test_each_figure_names_its_source(small: Project) -> None:
    text = words(page.html(small))
    assert "Nothing had been measured" in text
    figures = dict.fromkeys(("luts", "flip_flops", "dsps", "bram_18k"), 7)
    one = {
        "label": "yosys",
        "tool": "Yosys 0.1",
        "target": "xcup",
        "resources": Resources(**figures),
        "stages": {small.manifest.stages[0].name: Resources(luts=3)},
        "promise": "0 DSP: kept",
        "kept": True,
    }
    other = one | {"label": "vivado OOC", "resources": Resources(luts=99_999)}
    state = state_of(small)
    Measurements.model_validate(
        {"state": state, "by_label": {"yosys": one, "vivado OOC": other}}
    ).keep(small)
    text = words(page.html(small))
    budget = ReportRecord.read(small).budget.luts
    assert f"yosys 7 {100 * 7 / budget:.1f} %" in text
    assert f"vivado OOC 99,999 {100 * 99_999 / budget:.1f} % ▲ over" in text
    assert "✓ yosys: 0 DSP: kept." in text
    assert "LUT, yosys LUT, vivado OOC" in text


def test_synth_is_kept_for_the_page(small: Project, require_tool) -> None:
    require_tool("yosys")
    result = qfx.synth(small)
    assert f"yosys {result.resources.luts:,}" in words(page.html(small))
    assert small.changed_files() == []


def test_the_command_makes_the_design_anew(residual: Project, small: Project) -> None:
    text = words(page.html(residual))
    wanted = "qfx export model.qfx -o FOLDER --board ultra96 --goal-ii 2000 --multipliers auto"
    assert f"{wanted} --samples SAMPLES.npy --seed 0" in text
    assert "</code><br>makes this design anew" in page.html(residual)  # a line of its own
    again = qfx.export(small.graph(), small.path.with_name("again"), goal_ii=32)
    assert again.manifest.stages == small.manifest.stages
    assert "--goal-ii 32 --multipliers auto --seed 0" in words(page.html(small))


def test_two_exports_are_the_same_bytes(small: Project, tmp_path: Path) -> None:
    again = qfx.export(small_mlp(), tmp_path / "q", input_shape=(16,), goal_ii=32, name="net")
    names = [str(p.relative_to(small.path)) for p in small.path.rglob("*") if p.is_file()]
    assert {"report.html", "report.json", "qfx.json"} <= set(names)
    assert filecmp.cmpfiles(small.path, again.path, names, shallow=False)[0] == names


def test_whatever_people_name_is_escaped(residual: Project, tmp_path: Path) -> None:
    folder = shutil.copytree(residual.path, tmp_path / "p")
    record = json.loads((folder / FILE).read_text())
    record["board_title"] = record["command"] = HOSTILE
    for histogram in [*record["histograms"], *record["weights"]]:
        histogram["layer"] = histogram["dtype"] = HOSTILE
    for epoch in record["training"]["epochs"]:
        epoch["binary_points"] = {HOSTILE: 3}
    (folder / FILE).write_text(json.dumps(record))
    plain = residual.manifest
    manifest = plain.model_copy(
        update={
            "goal": HOSTILE,
            "qonnx_refused": HOSTILE,
            "layers": tuple(r.model_copy(update={"layer": HOSTILE}) for r in plain.layers),
            "stages": tuple(s.model_copy(update={"layer": HOSTILE}) for s in plain.stages),
        }
    )
    project = Project(folder, manifest)
    row = {
        "simulator": "rtl", "label": HOSTILE, "samples": 1, "mismatches": 1,
        "samples_per_second": None, "cycles_per_frame": 3.0, "problem": HOSTILE, "refused": False,
    }  # fmt: skip
    Verdict.model_validate(
        {
            "state": state_of(project),
            "equal": False,
            "sentence": HOSTILE,
            "rows": (row,),
            "cycles_measured": 3.0,
        }
    ).keep(project)
    text = page.html(project)
    assert "alert(1)" in text
    assert "<script" not in text
    assert "<img" not in text
    assert "\"'>" not in text


def test_a_history_is_drawn(residual: Project) -> None:
    text = page.html(residual)
    assert "validation, 62.5 % at the end" in text
    assert "training, 80 % at the end" in text
    assert "epoch 2, whose weights were kept" in text
    said = words(text)
    assert "2.weight 4 5" in said
    assert "0 3 2" in said
    assert "1 learn 1 60.00 % 1.1 55.00 %" in said


def test_a_history_goes_with_its_model(tmp_path: Path) -> None:
    model = small_mlp()
    path = qfx.save(model, tmp_path / "net.safetensors", history=HISTORY)
    beside = history_of(path)
    assert beside == tmp_path / "net.history.json"
    kept = training_record(beside)
    assert kept is not None
    assert kept.model_dump(exclude={"model_sha256"}, mode="json") == json.loads(
        json.dumps(HISTORY.to_dict())
    )
    with (tmp_path / "net.safetensors").open("ab") as file:
        file.write(b" ")
    assert history_of(path) is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[]", "history holds no training"),
        ('{"epochs": [{}]}', r"history holds no training \(epochs.0.number"),
        ("{", "is not JSON"),
    ],
)
def test_what_is_no_history_is_refused(content: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "h.json"
    file.write_text(content)
    with pytest.raises(ProjectError, match=sentence):
        training_record(file)
    with pytest.raises(ProjectError, match="No such file"):
        training_record(tmp_path / "none.json")


def test_a_damaged_record_is_named(small: Project) -> None:
    (small.path / FILE).write_text("{}")
    with pytest.raises(ProjectError, match=r"report.json: board_title: .*export again"):
        page.html(small)
    (small.path / FILE).unlink()
    with pytest.raises(ProjectError, match=r"report.json: No such file.*export again"):
        page.write(small)
