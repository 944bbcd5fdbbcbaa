"""Samples that do not fit an input's grid are told of, by whoever shows or proves the project."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import qfx
from qfx import nn
from qfx.fixedpoint import FixedPointType, Overflow, Rounding
from qfx.ir import GraphBuilder
from qfx.nn import Layer
from qfx.ops import Cast
from qfx.project.input_fit import InputFit, SamplesWarning
from qfx.report.fit import fit_lines
from qfx.report.terminal import show_cosim
from qfx.samples import arrays_of, fits_of, integers_of

GENERATOR = np.random.default_rng(0)
SPARSE = np.where(GENERATOR.random((300, 16)) < 0.2, GENERATOR.integers(1, 256, (300, 16)), 0)
NORMAL = GENERATOR.normal(0, 1, (300, 16))


def calibrated(grid: nn.Quantizer, data: Any) -> Layer:
    torch.manual_seed(0)
    model = nn.Sequential(grid, nn.Linear(16, 3))
    qfx.calibrate(model, data)
    return model


def fit_of(model: Layer, samples: Any) -> InputFit:
    graph = qfx.lower(model, (16,))
    given = arrays_of(graph, samples)
    (fit,) = fits_of(graph, given, integers_of(graph, given), model)
    return fit


def test_bytes_for_a_net_of_normalized_floats() -> None:
    fit = fit_of(calibrated(nn.Quantizer(8), SPARSE / 255), SPARSE)
    high = fit.high
    assert fit.saturated == (high < SPARSE).mean()
    assert fit.samples_saturated == (high < SPARSE).any(1).mean()
    assert fit.warning == (
        f"{100 * fit.saturated:.3g} % of the samples' numbers lie beyond the grid of input x"
        f" ({fit.dtype}, {fit.low:g} to {high:g}) and saturate: the samples are 0 to 255,"
        " calibration saw 0 to 1. Give samples scaled as in training; or begin the model with"
        " qfx.nn.Pixels(), and qfx.nn.Normalize(mean, std) behind it, which take bytes"
    )


def test_floats_for_a_net_of_bytes() -> None:
    fit = fit_of(calibrated(nn.Pixels(), SPARSE), SPARSE / 255)
    assert fit.saturated == 0
    assert fit.sqnr_db < 20
    assert fit.warning.startswith("the samples, 0 to 1, use a small part of the grid of input x (")
    assert fit.warning.endswith(
        ". Give samples scaled as in training: qfx.nn.Pixels() takes bytes, 0 to 255"
    )


@pytest.mark.parametrize(
    ("grid", "data", "samples", "warned"),
    [
        (nn.Quantizer(8), NORMAL, NORMAL, False),
        (nn.Quantizer(4), NORMAL, NORMAL, False),
        (nn.Quantizer(3), NORMAL, NORMAL, False),
        (nn.Quantizer(2), NORMAL, NORMAL, False),
        (nn.Quantizer(1), NORMAL, NORMAL, False),
        (nn.Quantizer(4), NORMAL**3, NORMAL**3, False),
        (nn.Pixels(), SPARSE, SPARSE, False),
        (nn.Quantizer(8), NORMAL, 2 * NORMAL, False),
        (nn.Quantizer(8), NORMAL, 0 * NORMAL, False),
        (nn.Quantizer(8), NORMAL, 20 * NORMAL, True),
        (nn.Quantizer(4), NORMAL, 20 * NORMAL, True),
        (nn.Quantizer(8), NORMAL, NORMAL / 300, True),
        (nn.Quantizer(8, signed=False), SPARSE / 255, -SPARSE / 255, True),
        (nn.Quantizer(8), SPARSE / 16, SPARSE * 16, True),
        (nn.Quantizer(8), np.where(NORMAL > 2.2, 1.0, NORMAL / 30), NORMAL, True),
        (nn.Quantizer(8), NORMAL / 3, np.where(NORMAL > 2.2, 9.0, NORMAL / 3), True),
    ],
)
def test_what_fits_and_what_does_not(
    grid: nn.Quantizer, data: Any, samples: Any, warned: bool
) -> None:
    fit = fit_of(calibrated(grid, data), samples)
    assert bool(fit.warning) == warned, fit
    assert f"calibration saw {data.min():g} to {data.max():g}" in fit.warning or not warned


def test_a_graph_of_its_own_knows_no_calibration_and_warns_all_the_same() -> None:
    model = calibrated(nn.Quantizer(8), NORMAL)
    graph = qfx.lower(model, (16,))
    given = arrays_of(graph, 20 * NORMAL)
    (fit,) = fits_of(graph, given, integers_of(graph, given), None)
    assert fit.seen is None
    assert "20 * NORMAL" not in fit.warning
    assert fit.warning.endswith(
        ". Give samples scaled as in training, or calibrate the model on such"
    )


@pytest.mark.parametrize(
    ("overflow", "falls"),
    [
        ("SAT", "saturate"),
        ("SAT_SYM", "saturate"),
        ("WRAP", "wrap around"),
        ("SAT_ZERO", "become 0"),
    ],
)
def test_the_share_is_that_of_the_casts_own_bounds(overflow: str, falls: str) -> None:
    builder = GraphBuilder("net")
    cast = Cast(1, FixedPointType(4, 1), overflow=Overflow(overflow))
    x = builder.input((8,), cast)
    graph = builder.build(builder.cast(x, FixedPointType(4, 0), Rounding.RND, Overflow.SAT))
    samples = np.arange(-32, 32).reshape(8, 8) / 4
    given = arrays_of(graph, samples)
    (fit,) = fits_of(graph, given, integers_of(graph, given), None)
    rounded = np.floor(samples * 2 + 0.5)
    low = -7 if overflow == "SAT_SYM" else -8
    outside = (rounded < low) | (rounded > 7)
    assert (fit.low, fit.high) == (low / 2, 3.5)
    assert (fit.saturated, fit.samples_saturated) == (outside.mean(), outside.any(1).mean())
    assert fit.falls == falls


def test_indices_beyond_their_table_are_counted() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Indices(10), nn.Embedding(10, 4), nn.Flatten(), nn.Linear(16, 2))
    words = np.arange(40).reshape(10, 4) % 12
    qfx.calibrate(model, np.minimum(words, 9))
    graph = qfx.lower(model, (4,))
    given = arrays_of(graph, words)
    (fit,) = fits_of(graph, given, integers_of(graph, given), model)
    assert (fit.high, fit.saturated) == (9.0, (words > 9).mean())


def test_export_report_page_and_cosim_say_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = calibrated(nn.Quantizer(6), NORMAL)
    with pytest.warns(SamplesWarning, match="samples' numbers lie beyond") as caught:
        project = qfx.export(model, tmp_path / "bad", samples=30 * NORMAL)
    assert caught[0].filename == __file__
    (fit,) = project.manifest.fits
    with pytest.warns(SamplesWarning, match="samples' numbers lie beyond") as caught:
        found = qfx.cosim(project, ("golden",), progress=False)
    assert (found.equal, caught[0].filename) == (True, __file__)
    page = (project.path / "report.html").read_text()
    assert "Samples that do not fit:" in page
    assert fit.warning.split(":")[1] in page
    assert project.manifest.layers[0].saturated == fit.saturated
    capsys.readouterr()
    show_cosim(found)
    shown = " ".join(capsys.readouterr().out.split())
    assert str(fit) in shown
    assert fit.warning in shown
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        good = qfx.export(model, tmp_path / "good", samples=NORMAL)
        none = qfx.export(model, tmp_path / "none", input_shape=(16,))
        assert qfx.cosim(good, ("golden",), progress=False).equal
    assert "Samples that do not fit" not in (good.path / "report.html").read_text()
    (fit,) = good.manifest.fits
    assert f"S{str(fit)[1:]}." in (good.path / "report.html").read_text()
    assert none.manifest.fits == ()
    assert none.manifest.layers[0].saturated is None
    assert len(fit_lines(project.manifest)) == 2


def test_the_command_line_says_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from qfx import cli

    monkeypatch.setenv("COLUMNS", "300")
    qfx.save(qfx.lower(calibrated(nn.Quantizer(6), NORMAL), (16,)), tmp_path / "net.qfx")
    np.save(tmp_path / "x.npy", 30 * NORMAL)
    with pytest.raises(SystemExit) as ended:
        cli.main(
            [
                "export",
                f"{tmp_path}/net.qfx",
                "-o",
                f"{tmp_path}/p",
                "--samples",
                f"{tmp_path}/x.npy",
            ]
        )
    assert not ended.value.code
    said = capsys.readouterr()
    assert "samples at input x: " in said.out
    assert said.err.startswith("qfx: warning: ")
    assert "of the samples' numbers lie beyond" in said.err
    assert said.err.count("\n") == 1
    with pytest.raises(SystemExit):
        cli.main(["report", f"{tmp_path}/p"])
    assert "WARNING: " in capsys.readouterr().out
