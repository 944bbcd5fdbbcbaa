"""--trace names the stage that errs, in either language; probe hands out the design."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from test_mutants import MUTANTS, Mutant, mutated

import qfx
from models import as_built
from qfx import nn
from qfx.project.folder import Project
from qfx.simulation import trace
from qfx.simulation.rtl import pyverilator, verilator


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A padded convolution, a pooling and an argmax."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Quantizer(5, 2),
        nn.Conv2d(2, 4, 3, padding=1, weight=nn.Quantizer(4, 3), output=nn.Quantizer(5, 1)),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16, 3, weight=nn.Quantizer(4, 3)),
        nn.ArgMax(),
    ).eval()
    as_built(model)
    samples = np.random.default_rng(0).normal(0, 3, (12, 2, 5, 4))
    return qfx.export(model, tmp_path_factory.mktemp("image") / "p", samples=samples, name="net")


def test_equal_streams_are_said_to_be(image: Project, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    csim, rtl = trace(image)
    fifos = sum(stage.kind == "fifo" for stage in image.stages())
    assert (csim.stage, rtl.stage) == (None, None)
    assert rtl.agreeing == len(image.stages()) == csim.agreeing + fifos
    assert str(rtl) == f"rtl: all {rtl.agreeing} streams carry the golden integers of 8 samples"


@pytest.mark.parametrize(
    ("language", "kind", "stage"),
    [
        ("rtl", "bias", "layer2_map"),
        ("rtl", "weight", "layer2_matmul"),
        ("csim", "overflow", "layer2_map"),
        ("csim", "weight", "layer2_matmul"),
    ],
)
def test_the_stage_that_errs_is_named(
    language: str,
    kind: str,
    stage: str,
    project: Project,
    tmp_path: Path,
    require_tool: Callable[[str], None],
) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    changed = mutated(project, tmp_path / "mutant", MUTANTS[language, kind])
    found = {one.simulator: one for one in trace(changed, samples=50)}
    assert found[language].stage.name == stage
    assert "expected" in found[language].place
    assert found["rtl" if language == "csim" else "csim"].stage is None


IMAGE_MUTANTS = {
    "padding": (
        Mutant("verilog/src/qfx_patches.sv", r"32'\(was_bank\)\) : '0;", "32'(was_bank)) : '1;"),
        "layer1_window",
    ),
    "pool": (Mutant("verilog/src/qfx_pool.sv", "x_value > y_value", "x_value < y_value"), "pool"),
    "argmax": (Mutant("verilog/src/qfx_argmax.sv", r"\) > ", ") >= "), "argmax"),
}


@pytest.mark.parametrize("kind", IMAGE_MUTANTS)
def test_the_stage_of_an_image_that_errs_is_named(
    kind: str, image: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    mutant, stage = IMAGE_MUTANTS[kind]
    changed = mutated(image, tmp_path / "mutant", mutant)
    csim, rtl = trace(changed, samples=100)
    assert csim.stage is None
    assert stage in rtl.stage.name


@pytest.fixture(scope="module")
def branches(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A sum of a convolution and of what it reads."""
    torch.manual_seed(0)
    conv = nn.Conv2d(2, 2, 3, padding=1, weight=nn.Quantizer(4, 3), output=nn.Quantizer(5, 1))
    block = nn.Residual(conv, nn.Quantizer(5, 1), output=nn.Quantizer(6, 1))
    model = nn.Sequential(nn.Quantizer(5, 2), block).eval()
    as_built(model)
    samples = np.random.default_rng(0).normal(0, 3, (12, 2, 5, 4))
    return qfx.export(model, tmp_path_factory.mktemp("branches") / "p", samples=samples, name="net")


SUMS = {
    "csim": Mutant("vitis/src/qfx_merge.hpp", r"return a \+ b;", "return a - b;"),
    "rtl": Mutant("verilog/src/qfx_merge.sv", r"\(a_value\) \+ ", "(a_value) - "),
}


@pytest.mark.parametrize("language", SUMS)
def test_a_sum_that_errs_is_named_behind_the_streams_of_both_branches(
    language: str, branches: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    found = {one.simulator: one for one in trace(mutated(branches, tmp_path / "m", SUMS[language]))}
    assert found[language].stage.name == "layer1_add_sum"
    other = found["rtl" if language == "csim" else "csim"]
    assert other.stage is None
    stages = [stage for stage in branches.stages() if language == "csim" or stage.kind != "fifo"]
    assert other.agreeing == sum(len(stage.outputs) for stage in stages)


def test_a_stage_that_sends_nothing_is_named(
    image: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    deaf = Mutant("verilog/src/qfx_pool.sv", r"in_ready = !\S+ \|\| \S+;", "in_ready = 1'b0;")
    _, rtl = trace(mutated(image, tmp_path / "mutant", deaf))
    assert rtl.stage.name == "layer2_maxpool2d"
    assert "output_fifo waits for layer2_maxpool2d, which stands still" in str(rtl)


def test_probe_steps_resets_and_writes_a_vcd(
    image: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    net = qfx.probe(image)
    net.start_vcd_trace(str(tmp_path / "net.vcd"))
    net.io.aresetn = 0
    for _ in range(3):
        net.clock.tick()
    net.io.aresetn = 1
    net.io.s_axis_tvalid = 1
    for value in range(7):  # part of a frame, then the batch's own reset
        net.io.s_axis_tdata = value
        net.clock.tick()
    net.stop_vcd_trace()
    assert "layer1_window_out_data" in (tmp_path / "net.vcd").read_text()
    stimuli, golden = image.vectors("stimuli")[:6], image.vectors("golden")[:6]
    outcome = pyverilator.simulate(image, stimuli, net=net)
    np.testing.assert_array_equal(outcome.integers, golden)
    predicted = image.manifest.prediction.latency_cycles
    assert outcome.latency_cycles == verilator.simulate(image, stimuli).latency_cycles
    assert outcome.latency_cycles == pytest.approx(predicted, rel=0.03, abs=4)
