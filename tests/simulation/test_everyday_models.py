"""Twelve everyday float models converted, calibrated, exported: equal in every simulator."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from together import prove

import qfx
from everyday_models import MODELS, float_result, samples, twin
from qfx.project.folder import Project

TOGETHER = (
    ("mlp", "lenet", "vgg", "trigger"),
    ("mobilenet", "bytes", "line", "tokens"),
    ("autoencoder", "upsampler", "activations", "nested"),
)


def exported(name: str, folder: Path) -> Project:
    net, x = twin(name), samples(name, 200)
    qfx.calibrate(net, x)
    project = qfx.export(net, folder, samples=x[:30], goal_ii=MODELS[name].goal_ii, name=name)
    assert not project.manifest.qonnx_refused
    golden = qfx.lower(net, MODELS[name].shape).run(x).to_float()
    wanted = float_result(name, x)
    assert np.square(wanted - golden).mean() < np.square(wanted).mean() / 500  # 27 dB
    return project


@pytest.mark.parametrize("names", TOGETHER, ids=" ".join)
def test_twelve_models_in_every_simulator(
    names: tuple[str, ...], tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    prove([exported(name, tmp_path / name) for name in names], tmp_path / "together")


def test_there_are_twelve() -> None:
    assert sorted(sum(TOGETHER, ())) == sorted(MODELS)
    assert len(MODELS) == 12
