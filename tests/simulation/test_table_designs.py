"""Designs that look constants up: torch == golden == C++ == QONNX == RTL, stalled and not."""

from collections.abc import Callable
from pathlib import Path

import torch
from together import prove

import qfx
from models import as_built
from qfx import nn
from qfx.simulation.trace import trace

WORDS = 11  # not a power of two: bits on the bus can ask for rows that are not there


def rows_only() -> nn.Sequential:
    return nn.Sequential(nn.Indices(WORDS), nn.Embedding(WORDS, 6, weight=nn.Quantizer(5, 2)))


def text_classifier() -> nn.Sequential:
    return nn.Sequential(
        nn.Indices(WORDS),
        nn.Embedding(WORDS, 6, weight=nn.Quantizer(5, 2)),
        nn.Flatten(),
        nn.Linear(30, 8, weight=nn.Quantizer(6, 6), output=None),
        nn.ReLU(nn.Quantizer(6, 3, signed=False)),
        nn.Linear(8, 4, weight=nn.Quantizer(6, 5), output=nn.Quantizer(8, 4)),
    )


def text_probabilities() -> nn.Sequential:
    return nn.Sequential(*text_classifier(), nn.Softmax(input=nn.Quantizer(8, 5)))


def probabilities() -> nn.Sequential:
    return nn.Sequential(
        nn.Quantizer(6, 2),
        nn.Linear(3, 10, weight=nn.Quantizer(6, 3), output=None),
        nn.Softmax(input=nn.Quantizer(8, 4)),
    )


# (model, shape, goals)
MODELS: dict[str, tuple[Callable[[], nn.Sequential], tuple[int, ...], int]] = {
    "rows_only": (rows_only, (5,), 30),
    "text_classifier": (text_classifier, (5,), 10),
    "text_probabilities": (text_probabilities, (5,), 30),
    "probabilities": (probabilities, (3,), 23),  # 2 * 10 + 3: the linear must not wait
    "probabilities_slow": (probabilities, (3,), 30),  # as many cycles as products
}


def frozen(name: str) -> nn.Sequential:
    torch.manual_seed(0)
    model = MODELS[name][0]().eval()
    as_built(model)
    return model


def test_every_simulator(tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    projects = []
    for name, (_, shape, goal) in MODELS.items():
        model = frozen(name)
        project = qfx.export(model, tmp_path / name, input_shape=shape, goal_ii=goal, name=name)
        assert project.manifest.qonnx_refused is None
        projects.append(project)
    prove(projects, tmp_path / "together")


def test_every_stream_is_as_expected(tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    model = frozen("text_probabilities")
    project = qfx.export(model, tmp_path / "p", input_shape=(5,), goal_ii=30, name="net")
    for found in trace(project):
        assert found.stage is None, str(found)
