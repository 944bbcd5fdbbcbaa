"""Numbers behind the page's drawings: histograms, the graph's places, bars and lines."""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from training_history import HISTORY

import qfx
from branches import random_branches
from qfx import boards
from qfx.fixedpoint import FixedPointType, Overflow, Rounding, cast
from qfx.hardware import schedule
from qfx.hardware.fabric import fabric_of
from qfx.ir import GraphBuilder
from qfx.ops import Cast, Conv2d, Matmul
from qfx.project.folder import Project
from qfx.project.manifest import PortRecord, StageRecord
from qfx.report import charts, page
from qfx.report.cycles import cycles
from qfx.report.graph_drawing import draw
from qfx.report.graph_layout import layout
from qfx.report.histograms import BINS, histogram
from qfx.report.palette import DARK, LIGHT, MARKS, SURFACES, TEXT, TINT, contrast, tinted
from qfx.report.recorded import ReportRecord, streams_of
from qfx.report.training import training_record
from several_models import BUILDERS, frozen


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("wordlength", [1, 4, 8, 12])
def test_a_histogram_counts_every_value(wordlength: int, signed: bool) -> None:
    dtype = FixedPointType(wordlength, 2, signed)
    op = Cast(5, dtype, Rounding.RND, Overflow.SAT)
    x = np.random.default_rng(0).integers(dtype.min_int * 10 - 9, dtype.max_int * 10 + 9, 5000)
    rounded = op.before_overflow(x)
    record = histogram("layer", op, rounded)
    assert sum(record.counts) == len(x)
    assert record.below == (rounded < dtype.min_int).mean()
    assert record.above == (rounded > dtype.max_int).mean()
    inside = [
        n
        for k, n in enumerate(record.counts)
        if dtype.min_int <= record.start + k * record.width <= dtype.max_int
    ]
    kept = rounded[(rounded >= dtype.min_int) & (rounded <= dtype.max_int)]
    assert len(inside) == min(BINS, 2**wordlength)
    assert sum(inside) == len(kept)
    assert Counter((kept - dtype.min_int) // record.width) == {
        k: n for k, n in enumerate(inside) if n
    }
    bars = charts.histogram(record).bins
    assert sum(n for n, bar in zip(record.counts, bars, strict=True) if bar.clipped) == len(
        x
    ) - len(kept)


@pytest.mark.parametrize(
    ("overflow", "clipped"),
    [("SAT", True), ("SAT_SYM", True), ("SAT_ZERO", False), ("WRAP", False)],
)
def test_a_figure_says_where_values_are_not_clipped(
    overflow: str, clipped: bool, tmp_path: Path
) -> None:
    builder = GraphBuilder("net")
    x = builder.input((8,), Cast(1, FixedPointType(5, 1)))
    narrow = builder.cast(x, FixedPointType(3, 0), Rounding.RND, Overflow[overflow])
    project = qfx.export(builder.build(narrow), tmp_path / "p", samples=np.ones((5, 8)) * 7)
    figures = (project.path / "report.html").read_text().split("<figure><figcaption><b>")[1:]
    assert ["not clipped" in figure for figure in figures] == [False, not clipped]


def test_every_weight_is_counted(residual: Project) -> None:
    weights = [n.op.weight for n in residual.graph().nodes if isinstance(n.op, (Conv2d, Matmul))]
    records = ReportRecord.read(residual).weights
    assert len(weights) == len(records) > 4
    for weight, record in zip(weights, records, strict=True):
        edges = record.start + record.width * np.arange(len(record.counts) + 1)
        assert (np.histogram(weight.integers, edges)[0] == record.counts).all()
        assert sum(record.counts) == weight.integers.size
        assert (record.low, record.high) == (weight.dtype.min_int, weight.dtype.max_int)
    html = page.html(residual)
    assert html.count("weights, fixed") == 2 * len(records)  # the caption and its words for readers


def test_a_histogram_is_of_what_reaches_the_cast(tmp_path) -> None:
    builder = GraphBuilder("net")
    x = builder.input((8,), Cast(1, FixedPointType(5, 1)))
    narrow = builder.cast(x, FixedPointType(3, 0), Rounding.RND, Overflow.WRAP)
    samples = np.arange(-20, 20).reshape(5, 8) / 2
    project = qfx.export(builder.build(narrow), tmp_path / "p", samples=samples)
    entry, last = ReportRecord.read(project).histograms
    assert (entry.below, entry.above) == (4 / 40, 4 / 40)  # the input holds -16 to 15 halves
    assert not entry.wraps
    values = project.graph().trace(samples)["x"]
    wide = cast(values, 1, FixedPointType(9, 0), Rounding.RND, Overflow.SAT)
    assert (last.below, last.above) == ((wide < -4).mean(), (wide > 3).mean())
    assert last.wraps


def test_every_stage_and_stream_of_a_branching_net_has_its_place(residual: Project) -> None:
    manifest, streams = residual.manifest, ReportRecord.read(residual).streams
    plan = layout(manifest, streams)
    shown = [stage.name for card in plan.cards for stage in card.stages]
    carried = [stage.name for way in plan.ways for stage in way.passed]
    assert sorted(shown + carried) == sorted(stage.name for stage in manifest.stages)
    assert all(plan.rows[way.source] < plan.rows[way.target] for way in plan.ways)
    places = [*zip(plan.rows, plan.columns, strict=True)]
    places += [
        (plan.rows[way.source] + 1 + n, lane)
        for way in plan.ways
        for n, lane in enumerate(way.lanes)
    ]
    assert len(set(places)) == len(places)
    assert any(way.lanes for way in plan.ways)  # the identity shortcut goes by the convolutions
    assert max(plan.columns) == 1  # the projection stands beside them
    joined = {stream.gives for stream in streams} | {stream.takes for stream in streams}
    ports = {port.name for port in (*manifest.inputs, *manifest.outputs)}
    assert joined == {stage.name for stage in manifest.stages} | ports


@pytest.mark.parametrize("name", [*range(12), *sorted(BUILDERS)])
def test_no_two_boxes_overlap(name: int | str) -> None:
    model, shape = random_branches(name) if isinstance(name, int) else frozen(name)
    design = schedule(qfx.lower(model, shape, "net"), boards.load("generic"))
    fabric = fabric_of(design.board.part)
    manifest = SimpleNamespace(  # as far as a drawing reads it
        inputs=[PortRecord.of(port) for port in design.inputs],
        outputs=[PortRecord.of(port) for port in design.outputs],
        stages=[StageRecord.of(stage, fabric) for stage in design.stages],
        prediction=SimpleNamespace(initiation_interval=design.initiation_interval),
    )
    drawing = draw(manifest, streams_of(design))
    boxes = drawing.boxes
    for n, one in enumerate(boxes):
        assert one.x >= 0
        assert one.x + one.width <= drawing.width
        assert one.y + one.height <= drawing.height
        for other in boxes[n + 1 :]:
            beside = one.x + one.width < other.x or other.x + other.width < one.x
            assert beside or one.y + one.height < other.y or other.y + other.height < one.y


def test_bars_are_as_long_as_their_figures(residual: Project) -> None:
    manifest, record = residual.manifest, ReportRecord.read(residual)
    found = cycles(manifest, 1.25 * manifest.prediction.initiation_interval)
    for bar in found.bars:
        assert bar.width / found.predicted == pytest.approx(
            bar.cycles / manifest.prediction.initiation_interval
        )
    assert found.measured == pytest.approx(1.25 * found.predicted)
    assert next(bar.name for bar in found.bars if bar.slowest) == manifest.prediction.bottleneck
    for row in charts.budget(manifest, record, ()):
        (used,) = row.used
        assert used.width / row.mark == pytest.approx(used.amount / row.budget)


def test_lines_go_through_every_epoch() -> None:
    record = training_record(HISTORY)
    assert record is not None
    drawn = charts.training(record)
    assert drawn.lines[1].points == "12.50,91.67 37.50,41.67 62.50,8.33 87.50,29.17"
    assert [name for _, _, name in drawn.phases] == ["float", "learn", "freeze"]
    assert drawn.best == 62.5
    assert [(s.name, s.first, s.last) for s in drawn.steps] == [("0", 3, 2), ("2.weight", 4, 5)]
    assert drawn.steps[0].points.startswith("25.00,12.00 50.00,12.00 50.00,88.00")


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_text_and_marks_stand_out(colours: dict[str, str]) -> None:
    for surface in SURFACES:
        for text in TEXT:
            assert contrast(colours[text], colours[surface]) >= 4.5
            assert contrast(colours[text], tinted(colours["one"], colours[surface], TINT)) >= 4.5
        for mark in MARKS:
            assert contrast(colours[mark], colours[surface]) >= 3


def test_contrast_is_as_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert tinted("#000000", "#ffffff", 0.5) in ("#808080", "#7f7f7f")
