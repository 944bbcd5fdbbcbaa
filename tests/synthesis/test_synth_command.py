"""What `qfx synth` shows, and whether it keeps a design to what it promised."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import qfx
from models import tiny_graphs
from qfx.project.folder import Project
from qfx.synthesis.yosys.cells import Cells, unknown
from qfx.synthesis.yosys.family import family_of

pytestmark = pytest.mark.usefixtures("yosys_is_here")


def edited(project: Project, folder: Path, **changes: object) -> Project:
    """A copy whose qfx.json says something else."""
    shutil.copytree(project.path, folder)
    content = json.loads((folder / "qfx.json").read_text())
    (folder / "qfx.json").write_text(json.dumps(content | changes))
    return Project.open(folder)


def command(project: Project) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qfx", "synth", str(project.path)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "80"},
    )


def test_the_table_has_what_is_measured_beside_what_was_estimated(project: Project) -> None:
    synthesis = qfx.synth(project)
    measured, stages = synthesis.resources, synthesis.stages
    result = command(project)
    assert result.returncode == 0, result.stderr
    shown = [line.split() for line in result.stdout.splitlines()]
    estimate, used = project.manifest.prediction.estimate.luts, measured.luts
    share = f"{100 * used / 49_392:.1f}"
    assert ["LUT", f"{used:,}", f"{estimate:,}", "49,392", share, "%"] in shown
    assert ["DSP", "5", "5", "288", "1.7", "%"] in shown
    for stage, record in zip(stages, project.manifest.stages, strict=False):
        found, formula = stage.resources, record.estimate
        luts, flip_flops = f"{found.luts:,}", f"{found.flip_flops:,}"
        row = [luts, f"{formula.luts:,}", flip_flops, f"{formula.flip_flops:,}"]
        row += [str(found.dsps), str(found.bram_18k), str(stage.depth)]
        assert [record.name, *([record.layer] if record.layer else []), *row] in shown
    assert f"most in {synthesis.deepest.stage}\n" in result.stdout
    assert f"none built, {len(stages)} of {len(stages)} as measured before\n" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 82  # a note may say more


def test_none_allows_no_product_and_each_that_is_left_is_named(
    project: Project, tmp_path: Path
) -> None:
    broken = edited(project, tmp_path / "none", multipliers="none")
    result = command(broken)
    assert result.returncode == 1
    assert result.stdout.splitlines()[-3:] == [
        "layer2_matmul of layer 2: 4 DSP, 4 products: export again",
        "layer5_matmul of layer 5: 1 DSP, 1 product: export again",
        "NOT KEPT: multipliers='none' allows no multiplier, but see layer2_matmul, layer5_matmul",
    ]


def test_none_is_kept_where_nothing_multiplies(tmp_path: Path) -> None:
    graph = tiny_graphs()["only_cast"]
    result = command(qfx.export(graph, tmp_path / "p", multipliers="none"))
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "0 DSP: no multiplier is left"


def test_products_of_luts_keep_one_promise_and_not_the_other(
    project: Project, tmp_path: Path
) -> None:
    folder, sources = tmp_path / "lut", Path("verilog", "src")
    shutil.copytree(project.path, folder)
    top = folder / sources / "net.sv"
    top.write_text(top.read_text().replace(".USE_DSP(1)", ".USE_DSP(0)"))
    lut = edited(Project(folder, project.manifest), tmp_path / "edited", multipliers="lut")
    result = command(lut)
    assert result.returncode == 0
    assert result.stdout.splitlines()[-1] == "0 DSP: every product is built of LUTs"
    none = qfx.synth(edited(lut, tmp_path / "none", multipliers="none"))
    assert none.resources.dsps == 0
    assert not none.kept
    assert [str(left) for left in none.leftovers] == [
        f"{stage}: 0 DSP, {products}: verilog/src/net.sv changed since export: export again"
        for stage, products in (
            ("layer2_matmul of layer 2", "4 products"),
            ("layer5_matmul of layer 5", "1 product"),
        )
    ]


def test_a_board_of_ones_own_has_no_known_budget(project: Project, tmp_path: Path) -> None:
    result = command(edited(project, tmp_path / "own", board="mine"))
    assert result.returncode == 0, result.stderr
    assert "budget: not known, mine is a board file of your own" in result.stdout
    assert "%" not in result.stdout


@pytest.mark.parametrize(
    ("part", "family"),
    [
        ("xc7z020clg400-1", "xc7"),
        ("xczu3eg-sbva484-1-i", "xcup"),
        ("xck26-sfvc784-2LV-c", "xcup"),
        ("xcvu9p-flga2104-2-e", "xcup"),
        ("xcku040-ffva1156-2-e", "xcu"),
    ],
)
def test_a_part_has_a_family(part: str, family: str, project: Project) -> None:
    manifest = project.manifest.model_copy(update={"part": part})
    assert family_of(Project(project.path, manifest)).name == family


def test_cells_count_as_in_a_utilization_report() -> None:
    by_type = {"LUT1": 2, "LUT6": 3, "RAM32M16": 2, "RAM64X1D": 1, "SRL16E": 5, "INV": 7}
    by_type |= {"FDRE": 4, "FDSE": 1, "DSP48E2": 2, "RAMB18E2": 1, "RAMB36E2": 2, "MUXF7": 9}
    cells = Cells.of(by_type)
    assert (cells.logic_luts, cells.memory_luts, cells.shift_luts) == (5, 18, 5)
    assert cells.resources.model_dump() == {
        "luts": 28, "flip_flops": 5, "dsps": 2, "bram_18k": 5, "uram": 0,
    }  # fmt: skip
    assert unknown(by_type) == []
    assert unknown(by_type | {"URAM288": 1, "LDCE": 1}) == ["LDCE", "URAM288"]
