"""Twenty random nets without a multiplier, every second one of K-hot weights: every simulator
agrees, and Yosys finds no product and no DSP slice.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from shares import share
from together import prove

import qfx
from models import MODES, as_built, random_cnn, random_mlp
from qfx import nn
from qfx.hardware import Contract, Depthwise
from qfx.project.folder import Project
from qfx.synthesis.yosys import multiplications

COUNT, TOGETHER, SAMPLES = 20, 5, 200
FIRST = 100  # seeds that no other test takes
BOARDS = ("pynq_z2", "ultra96")
GOALS = (2_000, 10_000, 50_000)  # cycles a frame: the fastest would be as large as the board
ENGINES = (Contract, Depthwise)


def model_of(number: int) -> tuple[nn.Sequential, tuple[int, ...]]:
    """Three CNNs and two MLPs in every five."""
    seed = FIRST + number
    if number % TOGETHER < 3:
        model, shape = random_cnn(seed)
    else:
        start = seed * 3 % len(MODES)
        model, inputs = random_mlp(seed, MODES[start:] + MODES[:start])
        shape = (inputs,)
    if number % 2:
        to_codes(model, k=1 + number // 2 % 3, signed_digits=number % 4 == 1)
    return model, shape


def to_codes(model: nn.Sequential, k: int, signed_digits: bool) -> None:
    """Put the weights on K-hot codes of the grids they are on."""
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            plain = layer.weight_quantizer
            codes = nn.KHot(
                min(k, plain.wordlength), plain.wordlength, signed_digits=signed_digits,
                signed=plain.signed, per_channel=plain.per_channel,
            ).for_parameter(tuple(layer.weight.shape))  # fmt: skip
            codes.binary_point.data.copy_(plain.binary_point.data)
            layer.weight_quantizer = codes
    model.train()  # discards the integers
    as_built(model)


@pytest.mark.parametrize("group", share(1, of=COUNT // TOGETHER))
def test_every_simulator(group: int, tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator", "yosys"):
        require_tool(tool)
    numbers = range(group * TOGETHER, (group + 1) * TOGETHER)
    projects = [exported(number, BOARDS[group % 2], tmp_path / str(number)) for number in numbers]
    for project in projects:
        kinds = {stage.multiplier for stage in project.stages() if isinstance(stage, ENGINES)}
        assert kinds <= {"shift_add"}
        found = multiplications(project)
        assert found.products == found.dsps == {}
    prove(projects, tmp_path / "together")


def exported(number: int, board: str, folder: Path) -> Project:
    model, shape = model_of(number)
    samples = np.random.default_rng(number).normal(0, 4, (SAMPLES, *shape))
    how = {"board": board, "goal_ii": GOALS[number % len(GOALS)], "multipliers": "none"}
    return qfx.export(model, folder, samples=samples, name=f"net{number}", **how)


def test_the_models_are_as_varied_as_said() -> None:
    models = [model_of(number)[0] for number in range(COUNT)]
    layers = [layer for model in models for layer in model.modules()]
    quantizers = [
        layer.weight_quantizer for layer in layers if isinstance(layer, (nn.Conv2d, nn.Linear))
    ]
    assert {quantizer.per_channel for quantizer in quantizers} == {True, False}
    hot = [quantizer for quantizer in quantizers if isinstance(quantizer, nn.KHot)]
    assert {(q.k, q.signed_digits) for q in hot} >= {
        (k, signed) for k in (1, 2, 3) for signed in (True, False)
    }
    assert {type(layer) for layer in layers} >= {
        nn.AdaptiveAvgPool2d, nn.ArgMax, nn.AvgPool2d, nn.BatchNorm1d, nn.BatchNorm2d, nn.Conv2d,
        nn.Linear, nn.MaxPool2d, nn.Normalize, nn.ReLU,
    }  # fmt: skip
    assert any(layer.groups > 1 for layer in layers if isinstance(layer, nn.Conv2d))
    terms = [
        stage.terms
        for number, model in enumerate(models)
        for stage in qfx.hardware.schedule(
            qfx.lower(model, model_of(number)[1]), qfx.boards.load("ultra96"), multipliers="none"
        ).stages
        if isinstance(stage, ENGINES)
    ]
    assert {t.count for t in terms} >= {1, 2, 3, 4}
    assert {t.has_gaps for t in terms} == {t.has_signs for t in terms} == {True, False}
