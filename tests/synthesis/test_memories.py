"""Yosys puts memories where they were meant to be, and takes as many block RAMs as the estimate."""

from dataclasses import replace
from pathlib import Path

import pytest

import qfx
from models import as_built
from qfx import boards, flow, nn
from qfx.fixedpoint import FixedPointType
from qfx.hardware import Contract, Fifo, Window
from qfx.hardware.layout import lay_out
from qfx.hardware.memory import memory_of
from qfx.hardware.sections import plan
from qfx.ir import GraphBuilder
from qfx.ops import Cast
from qfx.project.folder import Project

pytestmark = pytest.mark.usefixtures("yosys_is_here")


def frozen(*layers: nn.Layer) -> nn.Sequential:
    model = nn.Sequential(*layers).eval()
    as_built(model)
    return model


def check(project: Project) -> dict[str, int]:
    """RAMB18 of each stage, which are as estimated; and so are its DSP slices."""
    measured = {stage.stage: stage.resources for stage in qfx.synth(project).stages[:-1]}
    estimated = {record.name: record.estimate for record in project.manifest.stages}
    for name, found in measured.items():
        assert (name, found.bram_18k) == (name, estimated[name].bram_18k)
        assert (name, found.dsps) == (name, estimated[name].dsps)
    return {name: found.bram_18k for name, found in measured.items()}


def test_line_buffers_vectors_and_weights_lie_in_block_ram(tmp_path: Path) -> None:
    wide = nn.Quantizer(8, 4)
    model = frozen(
        nn.Quantizer(8, 4),
        nn.MaxPool2d((3, 1), stride=1),
        nn.Flatten(),
        nn.Linear(700, 9, weight=nn.Quantizer(6, 5), output=wide),
    )
    project = qfx.export(
        model, tmp_path / "p", input_shape=(1, 4, 350), goal_ii=6300, name="net", multipliers="lut"
    )
    window = next(s for s in project.stages() if isinstance(s, Window))
    contract = next(s for s in project.stages() if isinstance(s, Contract))
    assert memory_of(window.places, window.input.bits) == "block"
    assert contract.buffer_style == "block"
    found = check(project)
    assert found[window.name] == 2
    built = {stage.stage: stage.depth for stage in qfx.synth(project).stages}
    assert built[window.name] <= 8  # LUTs and carries: a line buffer does not set the clock
    assert found[contract.name] > 2


def test_a_deep_queue_lies_in_block_ram(tmp_path: Path) -> None:
    builder = GraphBuilder("net")
    graph = builder.build(builder.input((40,), Cast(0, FixedPointType(5, 0))))
    board = boards.load("pynq_z2")
    design = lay_out(plan(graph, board.dma_width_bits), board, [], "a test")
    leaves = design.outputs[0].stream
    deep = Fifo("deep", "", replace(leaves, name="enters"), leaves, depth=1500)
    last = replace(design.stages[-1], output=deep.input)
    project = flow.write(replace(design, stages=(*design.stages[:-1], last, deep)), tmp_path / "p")
    assert leaves.bits == 40
    assert check(project)["deep"] == 4
