"""report.html is one self-contained page, and what comes from a graph is escaped in it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import qfx
from models import as_built, seen, small_mlp
from qfx import nn
from qfx.fixedpoint import FixedPointType, Overflow, Rounding, cast
from qfx.hardware import Contract
from qfx.ir import GraphBuilder
from qfx.nn.bypass import bypassed
from qfx.ops import Cast
from qfx.project.folder import Project


def test_the_page_stands_alone(tmp_path: Path) -> None:
    project = qfx.export(small_mlp(), tmp_path / "p", input_shape=(16,), goal_ii=32, name="net")
    text = (project.path / "report.html").read_text()
    assert not re.search(r'src=|href="[^#]|https?://|url\((?!#)|@import|<script', text)
    for stage in project.manifest.stages:
        assert stage.name in text
    assert project.manifest.graph_sha256 in text
    assert "torch's own integers are recorded" in text


def test_a_layer_that_ends_in_wiring_is_told_by_its_cast(tmp_path: Path) -> None:
    torch.manual_seed(0)
    grid = nn.Quantizer(4, 4)
    line = nn.Conv1d(2, 3, 2, weight=grid, bias=nn.Quantizer(4, 4), output=nn.Quantizer(5, 2))
    model = nn.Sequential(nn.Quantizer(4, 2), line, nn.Permute((2, 1))).eval()
    as_built(model)
    project = qfx.export(model, tmp_path / "p", input_shape=(2, 6), name="net")
    (_, record) = project.manifest.layers  # a permutation is none
    assert record.ops == ("conv2d", "add", "cast")
    assert record.dtype == "fixed<5,3>"
    assert record.range_used is not None


def test_the_layer_table_says_what_the_integers_do(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).normal(0, 3, (50, 16))
    model = small_mlp()
    project = qfx.export(model, tmp_path / "p", samples=samples, goal_ii=32, name="net")
    manifest, graph = project.manifest, project.graph()
    assert manifest.layers_from == "50 given samples"
    assert [layer.layer for layer in manifest.layers] == ["", "2", "3", "5"]
    last, values = manifest.layers[-1], graph.trace(samples)
    cast = graph.nodes[-1]
    result, before = values[cast.output.name], values[cast.inputs[0].name]
    assert (last.low, last.high) == (result.min(), result.max())
    assert last.dtype == "fixed<7,3>"
    assert last.range_used == (result.max() - result.min()) / 127
    scaled = np.floor(before / 2**cast.op.shift + 0.5)
    assert last.saturated == ((scaled < -64) | (scaled > 63)).mean()
    assert any(layer.saturated for layer in manifest.layers)
    exact = before * 2.0**-cast.op.from_fraction_bits
    noise = exact - result * 2.0**-4
    assert last.cast_sqnr_db == pytest.approx(10 * np.log10((exact**2).sum() / (noise**2).sum()))
    with bypassed(model):
        floats = model(torch.from_numpy(samples).float()).detach().double().numpy()
    error = floats - result * 2.0**-4
    assert last.float_sqnr_db == pytest.approx(10 * np.log10((floats**2).sum() / (error**2).sum()))
    contract = next(s for s in project.stages() if s.source == "5" and isinstance(s, Contract))
    assert last.folding == f"{contract.pe} x {contract.simd}"


def test_without_torch_the_table_leaves_float_out(tmp_path: Path) -> None:
    graph = qfx.lower(small_mlp(), (16,), "net")
    project = qfx.export(graph, tmp_path / "p", goal_ii=32)
    assert {layer.float_sqnr_db for layer in project.manifest.layers} == {None}
    text = report_of(project)
    assert "float is empty: the folder was exported from a graph" in text
    assert "cycles: 32 a frame, set by" in text


def test_products_are_shown_with_what_they_cost(tmp_path: Path) -> None:
    torch.manual_seed(0)
    norm = nn.BatchNorm1d(8, output=nn.Quantizer(6, 2))
    linear = nn.Linear(16, 8, weight=nn.Quantizer(5, 5), output=None)
    model = nn.Sequential(nn.Quantizer(5, 2), linear, seen(norm), nn.ReLU()).eval()
    as_built(model)
    project = qfx.export(
        model, tmp_path / "p", input_shape=(16,), goal_ii=32, multipliers="none", name="net"
    )
    stages = {stage.name: stage for stage in project.stages()}
    costs = {stage.name: stage.products for stage in project.manifest.stages}
    assert costs == {name: stage.product_cost() for name, stage in stages.items()}
    shown = [(stage, stage.products) for stage in project.manifest.stages if stage.products]
    assert [stage.kind for stage, _ in shown] == ["contract", "map"]
    page_text = (project.path / "report.html").read_text()
    text = report_of(project)
    for stage, cost in shown:
        assert min(cost.adders, cost.shifters, cost.rom_bits, cost.lut_luts, cost.dsps) > 0
        figures = [
            *(cost.adders, cost.shifters, cost.rom_bits, cost.integer_rom_bits),
            *(stage.estimate.luts, cost.lut_luts, cost.dsps),
        ]
        label = "1" if stage.kind == "contract" else "1 map"
        (row,) = re.findall(rf"^ *{label} +shift_add .*$", text, re.MULTILINE)
        words = f"{cost.mean_digits:.2f} {cost.most_digits} " + " ".join(
            map("{:,}".format, figures)
        )
        assert " ".join(row.split()) == f"{label} shift_add {words}"
        cells = re.sub(r"<[^>]*>", " ", page_text)
        assert f"{stage.name} shift_add {words}" in " ".join(cells.split())


def report_of(project: Project) -> str:
    """What `qfx report` prints on 80 columns."""
    result = subprocess.run(
        [sys.executable, "-m", "qfx", "report", str(project.path)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"COLUMNS": "80"},
    )
    table = result.stdout.split("accuracy:")[0]
    assert max(map(len, table.splitlines())) <= 80
    return result.stdout


@pytest.mark.parametrize("rounding", Rounding)
def test_saturation_is_counted_as_the_cast_rounds(rounding: Rounding, tmp_path: Path) -> None:
    builder = GraphBuilder("net")
    x = builder.input((8,), Cast(1, FixedPointType(5, 1)))
    narrow = builder.cast(x, FixedPointType(3, 0), rounding, Overflow.WRAP)  # wraps: so it shows
    samples = np.arange(-16, 16).reshape(4, 8) / 2  # every integer once, half of them ties
    project = qfx.export(builder.build(narrow), tmp_path / "p", samples=samples)
    values = project.graph().trace(samples)
    wide = cast(values["x"], 1, FixedPointType(9, 0), rounding, Overflow.SAT)
    assert project.manifest.layers[-1].saturated == ((wide < -4) | (wide > 3)).mean()
